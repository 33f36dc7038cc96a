import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import { AGENT_POOL, AGENT_TYPE, freePriority, makeRoom, NO_STORAGE, POLLED_S, queueStatus } from '../core/work-pool.ts'
import type { WorkPool, WorkQueue } from '../core/work-pool.ts'
import type { NewWorkQueue, QueueRef, WorkQueueChanges, WorkQueueOperations, WorkQueueView } from '../core/work-pool-operations.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { polled, roomOf, viewIn } from './due-runs.ts'
import { isPoolHeld } from './held-starts.ts'
import { HOLDING, poolNamed } from './found-pools.ts'
import { tellOfQueue } from './pool-events.ts'
import { writeAndTell } from './telling.ts'
import { updatesOf } from './updates.ts'
import { createPool } from './work-pools.ts'

interface Place {
  readonly pool: WorkPool
  readonly queue: WorkQueue
}

/** Older clients count cancelling runs too. */
const HOLDING_LEGACY = [...HOLDING, 'cancelling'] as const

export function workQueueOperations(deps: Deps): WorkQueueOperations {
  const { store, clock } = deps
  const { workQueues, workPools, dueRuns } = store.tables

  return {
    create: (poolName, asked) =>
      writeAndTell(deps, function* (told) {
        const pool = poolName === null ? yield* agentPool(deps, told) : yield* poolNamed(deps, poolName)
        return yield* viewOf({ pool, queue: yield* createQueue(deps, told, pool, asked) })
      }),

    read: (ref) =>
      store.read(function* () {
        return yield* viewOf(yield* placed(deps, ref))
      }),

    list: (poolName, filter, part) =>
      store.read(function* () {
        const poolId = poolName === null ? null : (yield* poolNamed(deps, poolName)).id
        const views: WorkQueueView[] = []
        for (const queue of yield* workQueues.list(poolId, filter, part)) {
          const pool = yield* workPools.get(queue.poolId)
          if (pool !== undefined) views.push(yield* viewOf({ pool, queue }))
        }
        return views
      }),

    update: (ref, changes) =>
      writeAndTell(deps, function* (told) {
        yield* updateQueue(deps, told, yield* placed(deps, ref), changes)
      }),

    remove: (ref) =>
      writeAndTell(deps, function* (told) {
        const { pool, queue } = yield* placed(deps, ref)
        if (pool.defaultQueueId === queue.id)
          throw new TuttiError('CONFLICT', `the queue ${queue.name} is the default of the work pool ${pool.name}`)
        yield* tellOfQueue(deps, told, 'deleted', queue, pool)
        yield* deps.store.tables.deployments.leaveQueues([queue.id])
        yield* workQueues.delete([queue.id])
      }),

    slots: (id, part) =>
      store.read(function* () {
        const { queue } = yield* placed(deps, { id })
        const count = (yield* dueRuns.countByQueue([id], HOLDING)).get(id) ?? 0
        return { queue, activeSlots: count, runs: yield* dueRuns.holding(id, part), count }
      }),

    async due(id, { before, limit, isPoll }) {
      const { place, runs } = await store.read(function* () {
        const found = yield* placed(deps, { id })
        if (found.queue.isPaused || found.pool.isPaused || (yield* isPoolHeld(deps, found.pool.id))) return { place: found, runs: [] }
        const held = found.queue.concurrencyLimit === null ? 0 : ((yield* dueRuns.countByQueue([id], HOLDING_LEGACY)).get(id) ?? 0)
        const room = Math.min(limit, roomOf(found.queue, held))
        const due = room === 0 ? [] : yield* dueRuns.due({ queueId: id }, { before, after: null, limit: room })
        return { place: found, runs: due }
      })
      if (isPoll) await writeAndTell(deps, (told) => polled(deps, told, place.pool, [place.queue]))
      return runs.map((run) => viewIn(run, place.queue, place.pool))
    },

    health: (id) =>
      store.read(function* () {
        const { lastPolledAt } = (yield* placed(deps, { id })).queue
        const lateRuns = yield* dueRuns.late(id)
        const isPolled = lastPolledAt !== null && clock.now() - lastPolledAt <= POLLED_S * 1_000_000
        return { isHealthy: isPolled && lateRuns === 0, lateRuns, lastPolledAt }
      }),
  }

  function* viewOf({ pool, queue }: Place): Script<WorkQueueView> {
    const activeSlots = queue.concurrencyLimit === null ? null : ((yield* dueRuns.countByQueue([queue.id], HOLDING)).get(queue.id) ?? 0)
    return { queue, poolName: pool.name, activeSlots }
  }
}

/** Throws `ALREADY_EXISTS`. */
function* createQueue(deps: Deps, told: Told[], pool: WorkPool, asked: NewWorkQueue): Script<WorkQueue> {
  const { store, clock, ids } = deps
  const { workQueues } = store.tables
  const now = clock.now()
  const others = yield* workQueues.ofPool(pool.id)
  const priority = asked.priority ?? freePriority(others)
  const blank = { ...asked, id: ids.next(), poolId: pool.id, priority, lastPolledAt: null, createdAt: now, updatedAt: now }
  const queue: WorkQueue = { ...blank, status: queueStatus(blank, now) }
  if (!(yield* workQueues.insert(queue)))
    throw new TuttiError('ALREADY_EXISTS', `A work queue with this name already exists in work pool '${pool.name}': ${queue.name}.`)
  for (const [id, moved] of makeRoom(others, priority)) yield* workQueues.setPriority(id, moved, now)
  yield* tellOfQueue(deps, told, 'created', queue, pool)
  return queue
}

/** The queue of that name, made when its pool has none: what deployments and their runs name. */
export function* ensureQueue(deps: Deps, told: Told[], pool: WorkPool, name: string): Script<WorkQueue> {
  const { workQueues } = deps.store.tables
  return (yield* workQueues.byName(pool.id, name)) ?? (yield* createQueue(deps, told, pool, blankQueue(name)))
}

function blankQueue(name: string): NewWorkQueue {
  return { name, description: '', isPaused: false, concurrencyLimit: null, priority: null, filter: null }
}

/** The pool of queues that were made without one; made when it is missing. */
export function* agentPool(deps: Deps, told: Told[]): Script<WorkPool> {
  const known = yield* deps.store.tables.workPools.byName(AGENT_POOL)
  if (known !== undefined) return known
  return yield* createPool(deps, told, {
    name: AGENT_POOL,
    description: null,
    type: AGENT_TYPE,
    baseJobTemplate: new JsonText('{}'),
    isPaused: false,
    concurrencyLimit: null,
    storage: NO_STORAGE,
  })
}

function* updateQueue(deps: Deps, told: Told[], { pool, queue }: Place, changes: WorkQueueChanges): Script<void> {
  const { workQueues } = deps.store.tables
  const now = deps.clock.now()
  const changed: WorkQueue = { ...queue, ...changes, updatedAt: now }
  const others = (yield* workQueues.ofPool(pool.id)).filter(({ id }) => id !== queue.id)
  if (others.some(({ name }) => name === changed.name))
    throw new TuttiError('ALREADY_EXISTS', `A work queue with this name already exists in work pool '${pool.name}': ${changed.name}.`)
  if (changed.priority !== queue.priority)
    for (const [id, moved] of makeRoom(others, changed.priority)) yield* workQueues.setPriority(id, moved, now)
  const isStatusAsked = changes.isPaused !== undefined || changes.lastPolledAt !== undefined
  const status = isStatusAsked ? queueStatus(changed, now) : queue.status
  yield* workQueues.save({ ...changed, status })
  const updates = updatesOf(fieldsOf(queue), fieldsOf(changed))
  if (Object.keys(updates).length > 0) yield* tellOfQueue(deps, told, 'updated', changed, pool, updates)
  if (status !== queue.status) yield* tellOfQueue(deps, told, status, { ...changed, status }, pool)
}

/** As the wire names what may be changed. */
function fieldsOf({ name, description, isPaused, concurrencyLimit, priority, filter }: WorkQueue): Readonly<Record<string, unknown>> {
  return { name, description, is_paused: isPaused, concurrency_limit: concurrencyLimit, priority, filter }
}

function* placed(deps: Deps, ref: QueueRef): Script<Place> {
  const { workPools, workQueues } = deps.store.tables
  if ('pool' in ref) {
    const pool = yield* poolNamed(deps, ref.pool)
    const queue = yield* workQueues.byName(pool.id, ref.name)
    if (queue === undefined) throw new TuttiError('NOT_FOUND', `Work pool queue '${ref.pool}/${ref.name}' not found.`)
    return { pool, queue }
  }
  const queue = yield* workQueues.get(ref.id)
  const pool = queue === undefined ? undefined : yield* workPools.get(queue.poolId)
  if (queue === undefined || pool === undefined) throw new TuttiError('NOT_FOUND', `there is no work queue ${ref.id}`)
  return { pool, queue }
}
