// Taking and giving back slots inside a transaction of somebody else: proposals of states take them with the state that needs them.
import { giveBack, takeSlots } from '../core/concurrency.ts'
import type { ConcurrencyLimit, LeaseOwner, SlotLease, SlotMode, TakeDecision } from '../core/concurrency.ts'
import { after } from '../core/time.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** Takes slots of all the limits or of none. They are read anew: a transaction has them for itself. */
export function* take(
  deps: Deps,
  limits: readonly ConcurrencyLimit[],
  { slots, mode = 'concurrency' }: { readonly slots: number; readonly mode?: SlotMode },
): Script<TakeDecision> {
  const { concurrency } = deps.store.tables
  const decision = takeSlots(yield* current(deps, idsOf(limits)), slots, mode, deps.clock.now())
  if (decision.type === 'taken') for (const limit of decision.limits) yield* concurrency.save(limit)
  return decision
}

export interface LeaseTerms {
  readonly id: string
  readonly slots: number
  readonly leaseS: number
  readonly holder: LeaseOwner | null
}

/** Writes down who holds the slots that were just taken, and for how long. */
export function* lease(
  { store, clock }: Deps,
  limits: readonly ConcurrencyLimit[],
  { id, slots, leaseS, holder }: LeaseTerms,
): Script<void> {
  const takenAt = clock.now()
  yield* store.tables.concurrency.insertLease({ id, limitIds: idsOf(limits), slots, holder, takenAt, until: after(takenAt, leaseS * 1000) })
}

/** Ends a lease and gives its slots back; `false` when it was gone. */
export function* freeLease(deps: Deps, id: string): Script<boolean> {
  const found = yield* deps.store.tables.concurrency.lease(id)
  return found !== undefined && (yield* endLease(deps, found))
}

export function* endLease(deps: Deps, { id, limitIds, slots, takenAt, until }: SlotLease): Script<boolean> {
  const { concurrency } = deps.store.tables
  // Whoever deletes it gives its slots back, once.
  if (!(yield* concurrency.deleteLease(id))) return false
  const heldS = (Math.min(deps.clock.now(), until) - takenAt) / 1_000_000
  yield* freeSlotsOf(deps, limitIds, { slots, heldS })
  return true
}

/** Renews a lease from now on; `false` when it is gone. */
export function renewLease({ store, clock }: Deps, id: string, leaseS: number): Script<boolean> {
  const now = clock.now()
  return store.tables.concurrency.renewLease(id, after(now, leaseS * 1000), now)
}

/** The same of a lease that may have run out: its slots are its own until somebody ends it. */
export function reviveLease({ store, clock }: Deps, id: string, leaseS: number): Script<boolean> {
  return store.tables.concurrency.renewLease(id, after(clock.now(), leaseS * 1000), 0)
}

/** Gives slots back that no lease stands for. */
export function* freeSlotsOf(
  deps: Deps,
  limitIds: readonly string[],
  { slots, heldS = null }: { readonly slots: number; readonly heldS?: number | null },
): Script<readonly ConcurrencyLimit[]> {
  const now = deps.clock.now()
  const limits = (yield* current(deps, limitIds)).map((limit) => giveBack(limit, slots, heldS, now))
  for (const limit of limits) yield* deps.store.tables.concurrency.save(limit)
  return limits
}

/** As they are now; those that were deleted are left out. */
function* current({ store }: Deps, ids: readonly string[]): Script<readonly ConcurrencyLimit[]> {
  const limits: ConcurrencyLimit[] = []
  for (const id of new Set(ids)) {
    const limit = yield* store.tables.concurrency.get(id)
    if (limit !== undefined) limits.push(limit)
  }
  return limits
}

export function idsOf(limits: readonly ConcurrencyLimit[]): readonly string[] {
  return limits.map((limit) => limit.id)
}
