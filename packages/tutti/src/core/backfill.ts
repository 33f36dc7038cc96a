import type { JsonText } from './literal-json.ts'
import type { StateType } from './state.ts'
import type { Instant } from './time.ts'

/** A deployment that is run for times that have passed: its runs are made a few at a time until all have ended. */
export interface Backfill {
  readonly id: string
  readonly deploymentId: string
  readonly status: BackfillStatus
  readonly request: BackfillRequest
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type BackfillStatus = 'running' | 'paused' | 'cancelled' | 'completed'

export const BACKFILL_ORDERS = ['oldest', 'newest'] as const
/** Which times get a run: all, those whose latest run failed, or those that no run has completed and none is under way for. */
export const BACKFILL_CHOICES = ['all', 'failed', 'missing'] as const

export interface BackfillRequest {
  readonly from: Instant
  /** Not included. */
  readonly until: Instant
  /** A time every so many seconds from `from` on; `null`: the times of the deployment's schedules. */
  readonly stepS: number | null
  /** Whose clocks a step of whole days goes by. */
  readonly timezone: string | null
  readonly order: (typeof BACKFILL_ORDERS)[number]
  /** Runs that have not ended, at most. */
  readonly concurrency: number
  readonly only: (typeof BACKFILL_CHOICES)[number]
  /** On top of those of the deployment and the schedule. */
  readonly parameters: JsonText
}

/** A time that gets a run. */
export interface BackfillDate {
  readonly logicalDate: Instant
  /** The schedule whose time it is. */
  readonly scheduleId: string | null
}

export interface BackfillPlan {
  readonly dates: readonly BackfillDate[]
  /** Times in the span that get no run, because of `only`. */
  readonly leftOut: number
}

/** How far a backfill is. */
export interface BackfillView {
  readonly backfill: Backfill
  readonly total: number
  /** Runs that have been made, by what they are now; those that were deleted since are not among them. */
  readonly runs: Readonly<Partial<Record<StateType, number>>>
  readonly made: number
}

export const BACKFILL_RUNS_MAX = 10_000
export const BACKFILL_CONCURRENCY_MAX = 1_000

/** Errors: `NOT_FOUND`, `INVALID_REQUEST`, and `CONFLICT` for one that has ended. */
export interface BackfillOperations {
  /** What would be run. Changes nothing. */
  plan(deploymentId: string, request: BackfillRequest): Promise<BackfillPlan>
  create(deploymentId: string, request: BackfillRequest): Promise<BackfillView>
  read(id: string): Promise<BackfillView>
  /** Newest first. */
  list(page: { readonly deploymentId: string | null; readonly limit: number; readonly offset: number }): Promise<readonly BackfillView[]>
  /** Runs that have been made go on; no more are made. */
  pause(id: string): Promise<BackfillView>
  resume(id: string): Promise<BackfillView>
  /** No more runs are made, and those that have not ended are cancelled. */
  cancel(id: string): Promise<BackfillView>
  /** Makes the next runs of every backfill that has room for some; tells how many. */
  advance(): Promise<number>
}
