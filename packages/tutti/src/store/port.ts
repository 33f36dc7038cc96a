import type { Script } from './script.ts'
import type { ArtifactTable } from './artifacts.ts'
import type { BackfillTable } from './backfills.ts'
import type { BlockTable } from './blocks.ts'
import type { CalendarTable } from './calendars.ts'
import type { CacheTable } from './caches.ts'
import type { ClaimTable } from './claims.ts'
import type { ConcurrencyTable } from './concurrency.ts'
import type { DeploymentVersionTable } from './deployment-versions.ts'
import type { DeploymentTable } from './deployments.ts'
import type { DueRunTable } from './due-runs.ts'
import type { EventListTable } from './event-lists.ts'
import type { EventTable } from './events.ts'
import type { FlowRunInputTable } from './flow-run-inputs.ts'
import type { FlowRunTable } from './flow-runs.ts'
import type { FlowPageTable } from './flow-pages.ts'
import type { FlowTable } from './flows.ts'
import type { JournalTable } from './journal.ts'
import type { ListingTable } from './listings.ts'
import type { LogPageTable } from './log-pages.ts'
import type { LogTable } from './logs.ts'
import type { MaintenanceModeTable } from './maintenance-modes.ts'
import type { OverdueTable } from './overdue.ts'
import type { ResultTable } from './results.ts'
import type { RetentionTable } from './retention.ts'
import type { RunCountTable } from './run-counts.ts'
import type { RunPageTable } from './run-pages.ts'
import type { TaskRunPageTable } from './task-run-pages.ts'
import type { SavedSearchTable } from './saved-searches.ts'
import type { TaskRunTable } from './task-runs.ts'
import type { TurnTable } from './turns.ts'
import type { VariableTable } from './variables.ts'
import type { WorkPoolTable } from './work-pools.ts'
import type { WorkQueueTable } from './work-queues.ts'
import type { WorkerTable } from './workers.ts'
import type { StoreInfo } from '../core/orchestrator.ts'
import type { TableSizes } from '../core/table-sizes.ts'

export type { LogScanned } from './log-pages.ts'
export type { Script } from './script.ts'
export type { Fence, FlowRunStanding } from './flow-runs.ts'

/** What the orchestrator sees of a database: one group of statements for each noun, used inside a transaction. */
export interface Tables {
  readonly flows: FlowTable
  readonly flowPages: FlowPageTable
  readonly flowRuns: FlowRunTable
  readonly taskRuns: TaskRunTable
  readonly journal: JournalTable
  readonly logs: LogTable
  readonly logPages: LogPageTable
  readonly runPages: RunPageTable
  readonly taskRunPages: TaskRunPageTable
  readonly listings: ListingTable
  readonly caches: CacheTable
  readonly events: EventTable
  readonly eventLists: EventListTable
  readonly concurrency: ConcurrencyTable
  readonly workPools: WorkPoolTable
  readonly workQueues: WorkQueueTable
  readonly workers: WorkerTable
  readonly deployments: DeploymentTable
  readonly deploymentVersions: DeploymentVersionTable
  readonly dueRuns: DueRunTable
  readonly claims: ClaimTable
  readonly results: ResultTable
  readonly variables: VariableTable
  readonly flowRunInputs: FlowRunInputTable
  readonly artifacts: ArtifactTable
  readonly blocks: BlockTable
  readonly retention: RetentionTable
  readonly overdue: OverdueTable
  readonly turns: TurnTable
  readonly runCounts: RunCountTable
  readonly savedSearches: SavedSearchTable
  readonly calendars: CalendarTable
  readonly backfills: BackfillTable
  readonly maintenanceModes: MaintenanceModeTable
}

/** What a script promises of itself, for a database that can make use of it. */
export interface WriteOptions {
  /**
   * It may run at the same time as others that promise this too, though never beside a script that does not: it writes rows that nobody
   * else writes, and decides by rows that only scripts without this promise change.
   */
  readonly beside?: boolean
  /** Running it again after it was committed changes nothing: it may be repeated when nobody knows what became of a commit. */
  readonly repeatable?: boolean
}

/** Wake-ups between processes that share a database. They are hints: one may be missed, and none says more than where to look. */
export interface Wakes {
  /**
   * Calls back with what another store was given to `wake`, once its transaction is committed; with `null` when something may have been
   * missed. Resolves when it listens; the returned function ends it.
   */
  listen(channel: string, onWake: (payload: string | null) => void): Promise<() => void>
  /** Part of a transaction. At most 7,000 bytes; one is enough for many changes. */
  wake(channel: string, payload: string): Script<void>
}

export interface Store {
  /** Other machines work on it too: whatever belongs to it has to lie in it. */
  readonly isShared: boolean
  readonly tables: Tables
  /**
   * Runs a script as one transaction that may write, as if it were alone with the database: nothing changes between what it reads and what
   * it writes. An embedded database whose lock is free has run it to its end before this returns. Waiting for a lock, or for a server that
   * is away, does not block the process and ends with `STORE_BUSY` or `STORE_UNREACHABLE`. A script may be run again when the first
   * attempt changed nothing; one that throws changes nothing.
   */
  write<T>(script: () => Script<T>, options?: WriteOptions): Promise<T>
  /** Runs a script that only reads, on one consistent view. */
  read<T>(script: () => Script<T>): Promise<T>
  /** Absent where one process has the database for itself, or looks at the file. */
  readonly wakes?: Wakes
  info(): Promise<StoreInfo>
  /** How large its tables are; quick, however large they are. */
  sizes(): Promise<TableSizes>
  vacuum(): Promise<void>
  backup(path: string): Promise<void>
  close(): Promise<void>
}
