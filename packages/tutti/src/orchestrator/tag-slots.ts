import { freeSlots, LONG_LEASE_S, TAG_PREFIX } from '../core/concurrency.ts'
import type { LeaseOwner } from '../core/concurrency.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { TaskProposalFacts } from '../core/task-run-proposal.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { endLease, lease, take } from './slots.ts'

/** Seconds until it is worth proposing Running again. */
const WAIT_S = 10

/** Whether the limits on the tags of a task run have a slot for it. */
export function* tagSlots({ store, clock }: Deps, run: TaskRun): Script<TaskProposalFacts['slots']> {
  const limits = yield* store.tables.concurrency.byNames(limitNames(run))
  const enforced = limits.filter((limit) => limit.active)
  if (enforced.length === 0) return 'none asked'
  const zero = enforced.find((limit) => limit.limit === 0)
  if (zero !== undefined) return { type: 'zero', tag: zero.name.slice(TAG_PREFIX.length) }
  const now = clock.now()
  return enforced.every((limit) => freeSlots(limit, now) > 0) ? 'free' : { type: 'taken', waitS: WAIT_S }
}

/** A slot of each limit goes to a task run that begins; it gives them back when it no longer runs. */
export function* applyTagSlots(deps: Deps, run: TaskRun, what: 'take' | 'give back'): Script<void> {
  const { concurrency } = deps.store.tables
  const holder: LeaseOwner = { type: 'task_run', id: run.id }
  if (what === 'give back') {
    for (const held of yield* concurrency.leasesHeldBy(holder)) yield* endLease(deps, held)
    return
  }
  const limits = (yield* concurrency.byNames(limitNames(run))).filter((limit) => limit.active)
  const taken = yield* take(deps, limits, { slots: 1 })
  if (taken.type === 'taken') yield* lease(deps, limits, { id: deps.ids.next(), slots: 1, leaseS: LONG_LEASE_S, holder })
}

function limitNames({ tags }: TaskRun): readonly string[] {
  return tags.map((tag) => `${TAG_PREFIX}${tag}`)
}
