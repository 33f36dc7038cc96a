import {
  changedLimit,
  FIRST_AVG_OCCUPANCY_S,
  isLeaseOfNothing,
  leaseOfNothing,
  retryAfterS,
  settled,
  takeSlots,
} from '../core/concurrency.ts'
import type { ConcurrencyLimit, TakeDecision } from '../core/concurrency.ts'
import type { ConcurrencyOperations, LeaseRequest, NewLimit, SlotRequest } from '../core/concurrency-operations.ts'
import { TuttiError } from '../core/errors.ts'
import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts'
import { isUuid } from '../core/id.ts'
import type { Random } from '../core/id.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Instant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { endLease, freeLease, freeSlotsOf, idsOf, lease, renewLease, take } from './slots.ts'
import { emit, writeAndTell } from './telling.ts'

export interface ConcurrencyDeps extends Deps {
  readonly random: Random
}

export function concurrencyOperations(deps: ConcurrencyDeps): ConcurrencyOperations {
  const { store, clock, ids } = deps
  const { concurrency } = store.tables

  return {
    create: (asked) =>
      writeAndTell(deps, function* (told) {
        const limit = newLimit(asked, ids.next(), clock.now())
        if (!(yield* concurrency.insert(limit)))
          throw new TuttiError('ALREADY_EXISTS', `there is a concurrency limit ${limit.name} already`)
        yield* tellOfLimit(deps, told, 'created', limit)
        return limit
      }),

    async read(idOrName) {
      return settled(await store.read(() => found(deps, idOrName)), clock.now())
    },

    async list(page) {
      const limits = await store.read(() => concurrency.list({ prefix: '', ...page }))
      return limits.map((limit) => settled(limit, clock.now()))
    },

    update: (idOrName, changes) =>
      writeAndTell(deps, function* (told) {
        const known = yield* found(deps, idOrName)
        const limit = changedLimit(known, changes, clock.now())
        const namesake = yield* concurrency.byName(limit.name)
        if (namesake !== undefined && namesake.id !== limit.id)
          throw new TuttiError('ALREADY_EXISTS', `there is a concurrency limit ${limit.name} already`)
        yield* concurrency.save(limit)
        yield* tellOfLimit(deps, told, 'updated', limit)
      }),

    remove: (idOrName) =>
      writeAndTell(deps, function* (told) {
        yield* removeLimit(deps, told, yield* found(deps, idOrName))
      }),

    async take(request) {
      const known = await readFitting(deps, request)
      if (known.length === 0) return known
      const decision = await store.write(() => take(deps, known, request))
      refuseDenied(deps, decision, request.slots)
      return known
    },

    async leaseOfNothing(names) {
      const limits = await store.read(() => concurrency.byNames(names))
      return limits.some(({ active }) => active) ? undefined : { leaseId: leaseOfNothing(ids.next()), limits }
    },

    async takeWithLease(request) {
      const limits = await readFitting(deps, request)
      const leaseId = ids.next()
      const decision = await store.write(() => takeWithLease(deps, limits, leaseId, request))
      refuseDenied(deps, decision, request.slots)
      return { leaseId, limits }
    },

    giveBack: ({ names, slots, heldS }) =>
      store.write(function* () {
        return yield* freeSlotsOf(deps, idsOf(yield* concurrency.byNames(names)), { slots, heldS })
      }),

    async release(leaseId) {
      if (!isLeaseOfNothing(leaseId)) await store.write(() => freeLease(deps, leaseId))
    },

    async renew(leaseId, leaseS) {
      if (isLeaseOfNothing(leaseId)) return
      if (!(await store.write(() => renewLease(deps, leaseId, leaseS))))
        throw new TuttiError('LEASE_GONE', `the lease ${leaseId} expired or was given back`)
    },

    async repossess(limit) {
      const expired = await store.read(() => concurrency.expired(clock.now(), limit))
      let ended = 0
      for (const id of expired) if (await store.write(() => freeExpired(deps, id))) ended += 1
      return ended
    },
  }
}

export function newLimit(asked: NewLimit, id: string, now: Instant): ConcurrencyLimit {
  return { ...asked, id, activeSince: now, deniedSince: now, avgOccupancyS: FIRST_AVG_OCCUPANCY_S, createdAt: now, updatedAt: now }
}

/** It may have been renewed since it was found. */
function* freeExpired(deps: Deps, id: string): Script<boolean> {
  const held = yield* deps.store.tables.concurrency.lease(id)
  return held !== undefined && held.until <= deps.clock.now() && (yield* endLease(deps, held))
}

function* found({ store }: Deps, idOrName: string): Script<ConcurrencyLimit> {
  const { concurrency } = store.tables
  const byId = isUuid(idOrName) ? yield* concurrency.get(idOrName) : undefined
  const limit = byId ?? (yield* concurrency.byName(idOrName))
  if (limit === undefined) throw new TuttiError('NOT_FOUND', `there is no concurrency limit ${idOrName}`)
  return limit
}

/** The known limits when they seem to have room; whoever is turned away, or has no limit, is so without a write. */
async function readFitting(deps: ConcurrencyDeps, { names, slots, mode }: SlotRequest): Promise<readonly ConcurrencyLimit[]> {
  const known = await deps.store.read(() => deps.store.tables.concurrency.byNames(names))
  if (known.length > 0) refuseDenied(deps, takeSlots(known, slots, mode, deps.clock.now()), slots)
  return known
}

function* takeWithLease(
  deps: Deps,
  known: readonly ConcurrencyLimit[],
  id: string,
  { slots, mode, leaseS, holder }: LeaseRequest,
): Script<TakeDecision> {
  const decision = yield* take(deps, known, { slots, mode })
  if (decision.type === 'taken') yield* lease(deps, decision.limits, { id, slots, leaseS, holder })
  return decision
}

/** What was not granted is told as an error. That others were turned away is not counted: waits would grow with those who wait. */
function refuseDenied({ random }: ConcurrencyDeps, decision: TakeDecision, slots: number): void {
  switch (decision.type) {
    case 'taken':
      return
    case 'refused':
      throw new TuttiError('INVALID_REQUEST', decision.reason)
    case 'denied': {
      const { by } = decision
      throw new TuttiError('SLOTS_TAKEN', `the limit ${by.name} has no ${slots} of its ${by.limit} slots free`, {
        retryAfterS: retryAfterS(by, slots, random.next()),
      })
    }
  }
}

export function* removeLimit(deps: Deps, told: Told[], limit: ConcurrencyLimit): Script<void> {
  yield* deps.store.tables.concurrency.delete(limit.id)
  yield* tellOfLimit(deps, told, 'deleted', limit)
}

export function* tellOfLimit(deps: Deps, told: Told[], what: 'created' | 'updated' | 'deleted', limit: ConcurrencyLimit): Script<void> {
  const { id, name, active, slotDecayPerSecond } = limit
  yield* emit(deps, told, {
    name: `prefect.concurrency-limit.${what}`,
    resource: { [RESOURCE_ID]: `prefect.concurrency-limit.${id}`, [RESOURCE_NAME]: name },
    payload: JsonText.of({ name, limit: limit.limit, active, slot_decay_per_second: slotDecayPerSecond }),
  })
  told.push({ type: 'changed', noun: 'concurrency_limits', id })
}
