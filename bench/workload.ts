import type { Sample } from './measurement.ts'

/** What `npm run bench -- --only NAME` can name. */
export interface Workload {
  readonly name: string
  readonly about: string
  measure(context: BenchContext): Promise<void>
}

export interface BenchContext {
  /** An empty folder on the disk that is measured. */
  readonly folder: string
  readonly repeats: number
  tell(sample: Sample): void
}
