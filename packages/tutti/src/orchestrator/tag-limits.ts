import { changedLimit, LONG_LEASE_S, takeSlots, TAG_PREFIX } from '../core/concurrency.ts'
import type { ConcurrencyLimit, LeaseOwner } from '../core/concurrency.ts'
import type { TagLimit, TagLimitOperations } from '../core/concurrency-operations.ts'
import { TuttiError } from '../core/errors.ts'
import type { Script } from '../store/port.ts'
import { newLimit, removeLimit, tellOfLimit } from './concurrency.ts'
import type { Deps } from './deps.ts'
import { endLease, lease, take } from './slots.ts'
import { writeAndTell } from './telling.ts'

/** Clients that know this form come back after as long. */
const RETRY_AFTER_S = 10

export function tagLimitOperations(deps: Deps): TagLimitOperations {
  const { store, clock, ids } = deps
  const { concurrency } = store.tables

  return {
    ensure: (tag, slots) =>
      writeAndTell(deps, function* (told) {
        const name = nameOf(tag)
        const known = yield* concurrency.byName(name)
        if (known !== undefined) {
          const limit = changedLimit(known, { limit: slots }, clock.now())
          yield* concurrency.save(limit)
          yield* tellOfLimit(deps, told, 'updated', limit)
          return { tagLimit: yield* withHolders(deps, limit), isNew: false }
        }
        const limit = newLimit(
          { name, active: true, limit: slots, activeSlots: 0, deniedSlots: 0, slotDecayPerSecond: 0 },
          ids.next(),
          clock.now(),
        )
        if (!(yield* concurrency.insert(limit))) throw new TuttiError('CONFLICT', `somebody else is making the concurrency limit ${name}`)
        yield* tellOfLimit(deps, told, 'created', limit)
        return { tagLimit: { limit, tag, holders: [] }, isNew: true }
      }),

    read: (id) =>
      store.read(function* () {
        return yield* withHolders(deps, yield* byId(deps, id))
      }),

    readByTag: (tag) =>
      store.read(function* () {
        return yield* withHolders(deps, yield* byTag(deps, tag))
      }),

    list: (page) =>
      store.read(function* () {
        const limits = yield* concurrency.list({ prefix: TAG_PREFIX, ...page })
        const all: TagLimit[] = []
        for (const limit of limits) all.push(yield* withHolders(deps, limit))
        return all
      }),

    remove: (id) =>
      writeAndTell(deps, function* (told) {
        yield* removeLimit(deps, told, yield* byId(deps, id))
      }),

    removeByTag: (tag) =>
      writeAndTell(deps, function* (told) {
        yield* removeLimit(deps, told, yield* byTag(deps, tag))
      }),

    reset: (tag, taskRunIds) =>
      store.write(function* () {
        const { id } = yield* byTag(deps, tag)
        for (const held of yield* concurrency.leasesOf([id])) yield* endLease(deps, held)
        const limit = yield* concurrency.get(id)
        if (limit === undefined) return
        // Whoever is named holds a slot, whether there are so many or not.
        yield* concurrency.save(changedLimit(limit, { activeSlots: taskRunIds.length }, clock.now()))
        for (const taskRunId of taskRunIds) yield* lease(deps, [limit], termsOf(ids.next(), taskRunId))
      }),

    take: (tags, taskRunId) => takeForTask(deps, tags, taskRunId),

    giveBack: (tags, taskRunId) =>
      store.write(function* () {
        const limits = yield* concurrency.byNames(tags.map(nameOf))
        yield* freeTagSlots(deps, taskRunId, limits)
        return limits
      }),
  }
}

async function takeForTask(deps: Deps, tags: readonly string[], taskRunId: string): Promise<readonly ConcurrencyLimit[]> {
  const { store, ids, clock } = deps
  const limits = await store.read(() => store.tables.concurrency.byNames(tags.map(nameOf)))
  if (limits.length === 0) return limits
  const closed = limits.find(({ active, limit }) => active && limit <= 0)
  if (closed !== undefined) {
    const message = `The concurrency limit on tag "${tagOf(closed)}" is 0 and will deadlock if the task tries to run again.`
    throw new TuttiError('SLOTS_TAKEN', message, { retryAfterS: RETRY_AFTER_S })
  }
  const tried = takeSlots(limits, 1, 'concurrency', clock.now())
  const decision =
    tried.type === 'taken'
      ? await store.write(function* () {
          const taken = yield* take(deps, limits, { slots: 1 })
          if (taken.type === 'taken') yield* lease(deps, taken.limits, termsOf(ids.next(), taskRunId))
          return taken
        })
      : tried
  if (decision.type === 'taken') return limits
  const by = decision.type === 'denied' ? decision.by : limits[0]
  const message = `Concurrency limit for the ${by === undefined ? '' : tagOf(by)} tag has been reached`
  throw new TuttiError('SLOTS_TAKEN', message, { retryAfterS: RETRY_AFTER_S })
}

function termsOf(id: string, taskRunId: string) {
  return { id, slots: 1, leaseS: LONG_LEASE_S, holder: { type: 'task_run', id: taskRunId } satisfies LeaseOwner }
}

/** Ends the leases that a task run holds on these limits. */
function* freeTagSlots(deps: Deps, taskRunId: string, limits: readonly ConcurrencyLimit[]): Script<void> {
  for (const held of yield* deps.store.tables.concurrency.leasesHeldBy({ type: 'task_run', id: taskRunId })) {
    if (limits.some(({ id }) => held.limitIds.includes(id))) yield* endLease(deps, held)
  }
}

function* byId({ store }: Deps, id: string): Script<ConcurrencyLimit> {
  const limit = yield* store.tables.concurrency.get(id)
  if (limit === undefined || !limit.name.startsWith(TAG_PREFIX)) throw new TuttiError('NOT_FOUND', `no tag has the concurrency limit ${id}`)
  return limit
}

function* byTag({ store }: Deps, tag: string): Script<ConcurrencyLimit> {
  const limit = yield* store.tables.concurrency.byName(nameOf(tag))
  if (limit === undefined) throw new TuttiError('NOT_FOUND', `the tag ${tag} has no concurrency limit`)
  return limit
}

function* withHolders({ store }: Deps, limit: ConcurrencyLimit): Script<TagLimit> {
  const leases = yield* store.tables.concurrency.leasesOf([limit.id])
  const holders = leases.flatMap(({ holder, slots }) => (holder?.type === 'task_run' ? Array.from({ length: slots }, () => holder.id) : []))
  return { limit, tag: tagOf(limit), holders }
}

function nameOf(tag: string): string {
  return `${TAG_PREFIX}${tag}`
}

function tagOf({ name }: ConcurrencyLimit): string {
  return name.slice(TAG_PREFIX.length)
}
