import type { Instant } from './time.ts'

export interface TableSize {
  readonly name: string
  readonly rows: number
  /** With its indexes. */
  readonly bytes: number
  /** Found without looking at every row. */
  readonly isEstimated: boolean
}

export interface TableSizes {
  readonly dialect: 'sqlite' | 'postgres'
  readonly bytes: number
  /** The largest first. */
  readonly tables: readonly TableSize[]
}

export interface StorageReport extends TableSizes {
  /** When it was looked at: answers are up to a minute old. */
  readonly at: Instant
  /** When what is past keeping was last deleted; `null`: nobody knows. */
  readonly retainedAt: Instant | null
}

export interface StorageOperations {
  report(): Promise<StorageReport>
}
