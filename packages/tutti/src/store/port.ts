import type { Script } from './script.ts'
import type { CacheTable } from './caches.ts'
import type { ConcurrencyTable } from './concurrency.ts'
import type { EventTable } from './events.ts'
import type { FlowRunTable } from './flow-runs.ts'
import type { FlowTable } from './flows.ts'
import type { JournalTable } from './journal.ts'
import type { LogTable } from './logs.ts'
import type { RetentionTable } from './retention.ts'
import type { TaskRunTable } from './task-runs.ts'
import type { StoreInfo } from '../core/orchestrator.ts'

export type { Script } from './script.ts'
export type { FlowRunStanding } from './flow-runs.ts'

/** What the orchestrator sees of a database: one group of statements for each noun, used inside a transaction. */
export interface Tables {
  readonly flows: FlowTable
  readonly flowRuns: FlowRunTable
  readonly taskRuns: TaskRunTable
  readonly journal: JournalTable
  readonly logs: LogTable
  readonly caches: CacheTable
  readonly events: EventTable
  readonly concurrency: ConcurrencyTable
  readonly retention: RetentionTable
}

export interface Store {
  readonly tables: Tables
  /**
   * Runs a script as one transaction that may write. When the lock is free it has run to its end before this returns; when it is held,
   * waiting does not block the process, and ends with `STORE_BUSY`. A script that throws changes nothing.
   */
  write<T>(script: () => Script<T>): Promise<T>
  /** Runs a script that only reads, on one consistent view. */
  read<T>(script: () => Script<T>): Promise<T>
  info(): Promise<StoreInfo>
  vacuum(): Promise<void>
  backup(path: string): Promise<void>
  close(): Promise<void>
}
