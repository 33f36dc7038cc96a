import { TuttiError } from './errors.ts'
import type { JsonText } from './literal-json.ts'
import { plannedRuns } from './schedule/plan.ts'
import type { Plan } from './schedule/plan.ts'
import { occurrences } from './schedule/index.ts'
import type { StateType } from './state.ts'
import { formatInstant } from './time.ts'
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

const BACKFILL_RUNS_MAX = 10_000
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

export interface PlanFacts {
  /** Of the deployment's active schedules. */
  readonly plans: readonly Plan[]
  /** What became of the latest run for a time. */
  readonly known: ReadonlyMap<Instant, StateType>
}

/**
 * The runs of a backfill, in the order in which they are made.
 *
 * @throws `INVALID_REQUEST` when it has too many, or nothing says at which times.
 */
export function planBackfill(request: BackfillRequest, { plans, known }: PlanFacts): BackfillPlan {
  const { from, until, stepS, timezone, order, only, concurrency } = request
  if (until <= from) throw invalid(`the span ends at ${formatInstant(until)}, before it begins at ${formatInstant(from)}`)
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > BACKFILL_CONCURRENCY_MAX)
    throw invalid(`${concurrency} runs at once: it is a whole number from 1 to ${BACKFILL_CONCURRENCY_MAX}`)
  if (stepS === null && plans.length === 0)
    throw invalid('the deployment has no active schedule that says at which times: give a step, such as 1d')
  const all = new Map<Instant, BackfillDate>()
  const add = (logicalDate: Instant, scheduleId: string | null): void => {
    if (logicalDate < from || logicalDate >= until || all.has(logicalDate)) return
    all.set(logicalDate, { logicalDate, scheduleId })
    if (all.size > BACKFILL_RUNS_MAX) throw invalid(`it has more than ${BACKFILL_RUNS_MAX} runs: take a shorter span, or a longer step`)
  }
  if (stepS === null) for (const plan of plans) for (const at of datesOf(plan, from, until)) add(at, plan.scheduleId)
  else for (const at of steps({ intervalS: stepS, anchor: from, timezone }, until)) add(at, null)

  const dates = [...all.values()].filter(({ logicalDate }) => isWanted(known.get(logicalDate), only))
  dates.sort((one, other) => (order === 'oldest' ? 1 : -1) * (one.logicalDate - other.logicalDate))
  return { dates, leftOut: all.size - dates.length }
}

/** Without what spreads runs: nobody waits for these. */
function* datesOf(plan: Plan, from: Instant, until: Instant): Generator<Instant, void> {
  const { jitterS: _, ...options } = plan.options
  for (let next = from; next < until;) {
    const some = plannedRuns({ ...plan, options }, { from: next, until: until + ROLLED_US, limit: PER_LOOK })
    for (const { logicalDate } of some) yield logicalDate
    if (some.length < PER_LOOK) return
    next = (some.at(-1)?.dueAt ?? until) + 1
  }
}

function* steps(
  interval: { readonly intervalS: number; readonly anchor: Instant; readonly timezone: string | null },
  until: Instant,
): Generator<Instant, void> {
  if (!(interval.intervalS > 0)) throw invalid('the step must be longer than nothing')
  for (let from = interval.anchor; ;) {
    const some = occurrences({ type: 'interval', ...interval }, from, { limit: PER_LOOK, until: until - 1 })
    yield* some
    if (some.length < PER_LOOK) return
    from = (some.at(-1) ?? until) + 1
  }
}

const PER_LOOK = 500
const ROLLED_US = 31 * 86_400_000_000

function isWanted(known: StateType | undefined, only: BackfillRequest['only']): boolean {
  switch (only) {
    case 'all':
      return true
    case 'failed':
      return known === 'failed' || known === 'crashed'
    case 'missing':
      return known === undefined || known === 'failed' || known === 'crashed' || known === 'cancelled'
  }
}

function invalid(message: string): TuttiError {
  return new TuttiError('INVALID_REQUEST', message)
}
