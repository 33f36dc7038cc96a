import type { FlowRun } from './flow-run.ts'
import type { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'
import type { FlowRunView } from './told-flow-run.ts'
import type { WorkPool, WorkQueue } from './work-pool.ts'
import type { Worker, WorkerStatus } from './worker.ts'

export interface WorkPoolView {
  readonly pool: WorkPool
  /** Runs that are Pending or Running; `null` where they are not limited. */
  readonly activeSlots: number | null
}

export interface WorkQueueView {
  readonly queue: WorkQueue
  readonly poolName: string
  readonly activeSlots: number | null
}

export interface NewWorkPool {
  readonly name: string
  readonly description: string | null
  readonly type: string
  readonly baseJobTemplate: JsonText
  readonly isPaused: boolean
  readonly concurrencyLimit: number | null
  readonly storage: JsonText
}

/** Keys that are absent stay as they are. */
export type WorkPoolChanges = Partial<Omit<NewWorkPool, 'name' | 'type'>>

export interface NewWorkQueue {
  readonly name: string
  readonly description: string | null
  readonly isPaused: boolean
  readonly concurrencyLimit: number | null
  /** `null`: the first that is free. */
  readonly priority: number | null
  readonly filter: JsonText | null
}

/** Keys that are absent stay as they are. */
export type WorkQueueChanges = Partial<Omit<NewWorkQueue, 'priority'>> & {
  readonly priority?: number
  readonly lastPolledAt?: Instant | null
}

/** Queues have a name within their pool, and an id. */
export type QueueRef = { readonly pool: string; readonly name: string } | { readonly id: string }

/** Members that are absent ask for nothing; those that are there must all hold, or one of them. */
export interface PoolFilter {
  readonly join: 'and' | 'or'
  readonly ids?: readonly string[]
  readonly names?: readonly string[]
  readonly types?: readonly string[]
}

export interface QueueFilter {
  readonly join: 'and' | 'or'
  readonly ids?: readonly string[]
  readonly names?: readonly string[]
  readonly prefixes?: readonly string[]
}

export interface WorkerFilter {
  readonly join: 'and' | 'or'
  readonly statuses?: readonly WorkerStatus[]
  readonly notStatuses?: readonly WorkerStatus[]
  readonly beatBefore?: Instant
  readonly beatAfter?: Instant
}

export interface Part {
  readonly limit: number
  readonly offset: number
}

/** Runs that may be started, soonest first. */
export interface DueQuery {
  /** Absent: all of the pool. */
  readonly queues?: readonly string[]
  readonly before: Instant | null
  readonly after: Instant | null
  readonly limit: number
}

export interface DueRun {
  readonly poolId: string
  readonly queueId: string
  readonly view: FlowRunView
}

export interface PoolSlots {
  readonly pool: WorkPool
  readonly activeSlots: number
  readonly queues: readonly QueueSlots[]
  /** Of all queues of the pool. */
  readonly count: number
}

export interface QueueSlots {
  readonly queue: WorkQueue
  readonly activeSlots: number
  /** Some of the runs that hold slots, the oldest first. */
  readonly runs: readonly FlowRun[]
}

export interface QueueHealth {
  readonly isHealthy: boolean
  readonly lateRuns: number
  readonly lastPolledAt: Instant | null
}

/** What is not there is `NOT_FOUND`. */
export interface WorkPoolOperations {
  /** With its default queue. Throws `ALREADY_EXISTS`, `FORBIDDEN` for reserved names, `INVALID_REQUEST` for a template that does not hold together. */
  create(pool: NewWorkPool): Promise<WorkPoolView>
  read(name: string): Promise<WorkPoolView>
  /** By name. */
  list(filter: PoolFilter, part: Part): Promise<readonly WorkPoolView[]>
  count(filter: PoolFilter): Promise<number>
  update(name: string, changes: WorkPoolChanges): Promise<void>
  /** With its queues and workers; runs stay. */
  remove(name: string): Promise<void>
  slots(name: string, part: Part & { readonly runsMax: number }): Promise<PoolSlots>
  /** What a worker may start now. Asking claims nothing, but tells that somebody serves the queues. */
  due(name: string, query: DueQuery): Promise<readonly DueRun[]>
}

export interface WorkQueueOperations {
  /** `pool` null: in the pool for queues that have none, which is made when it is missing. Throws `ALREADY_EXISTS`. */
  create(pool: string | null, queue: NewWorkQueue): Promise<WorkQueueView>
  read(ref: QueueRef): Promise<WorkQueueView>
  /** Of a pool by priority; of all pools by name. */
  list(pool: string | null, filter: QueueFilter, part: Part): Promise<readonly WorkQueueView[]>
  update(ref: QueueRef, changes: WorkQueueChanges): Promise<void>
  /** Throws `CONFLICT` for the default queue of a pool. */
  remove(ref: QueueRef): Promise<void>
  slots(id: string, part: Part): Promise<QueueSlots & { readonly count: number }>
  /** As older clients ask; `isPoll` false: somebody only looks. */
  due(
    id: string,
    query: { readonly before: Instant | null; readonly limit: number; readonly isPoll: boolean },
  ): Promise<readonly FlowRunView[]>
  health(id: string): Promise<QueueHealth>
}

export interface WorkerOperations {
  heartbeat(
    pool: string,
    worker: { readonly name: string; readonly intervalS: number | null; readonly version: string | null },
  ): Promise<void>
  /** The newest heartbeat first. */
  list(pool: string, filter: WorkerFilter, part: Part): Promise<readonly Worker[]>
  remove(pool: string, name: string): Promise<void>
  /** What time alone changes: silent workers are offline, pools without workers and queues nobody asks are not ready. Tells how many. */
  sweep(): Promise<number>
}
