import { BACKFILL_CONCURRENCY_MAX, BACKFILL_RUNS_MAX } from './backfill.ts'
import type { BackfillDate, BackfillPlan, BackfillRequest } from './backfill.ts'
import { TuttiError } from './errors.ts'
import { occurrences } from './schedule/index.ts'
import { plannedRuns } from './schedule/plan.ts'
import type { Plan } from './schedule/plan.ts'
import type { StateType } from './state.ts'
import { formatInstant } from './time.ts'
import type { Instant } from './time.ts'

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
