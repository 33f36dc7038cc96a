import { TuttiError } from '../core/errors.ts'
import { defaultsProblem } from '../core/job-variables.ts'
import type { Told } from '../core/told.ts'
import { DEFAULT_QUEUE, DEFAULT_QUEUE_DESCRIPTION, isReservedPool, poolStatus, templateProblem } from '../core/work-pool.ts'
import type { WorkPool, WorkQueue } from '../core/work-pool.ts'
import type { NewWorkPool, WorkPoolChanges, WorkPoolOperations, WorkPoolView } from '../core/work-pool-operations.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { dueRuns, polled } from './due-runs.ts'
import { HOLDING, idsOf, isServed, poolNamed, sum } from './found-pools.ts'
import { tellOfPool, tellOfQueue } from './pool-events.ts'
import { writeAndTell } from './telling.ts'
import { updatesOf } from './updates.ts'

export function workPoolOperations(deps: Deps): WorkPoolOperations {
  const { store, clock } = deps
  const { workPools, workQueues, workers, dueRuns: runs } = store.tables

  return {
    create: (asked) =>
      writeAndTell(deps, function* (told) {
        if (isReservedPool(asked.name))
          throw new TuttiError(
            'FORBIDDEN',
            `Work pools starting with 'Prefect' are reserved for internal use: ${asked.name} cannot be made.`,
          )
        return yield* viewOfPool(deps, yield* createPool(deps, told, asked))
      }),

    read: (name) =>
      store.read(function* () {
        return yield* viewOfPool(deps, yield* poolNamed(deps, name))
      }),

    list: (filter, part) =>
      store.read(function* () {
        const views: WorkPoolView[] = []
        for (const pool of yield* workPools.list(filter, part)) views.push(yield* viewOfPool(deps, pool))
        return views
      }),

    count: (filter) => store.read(() => workPools.count(filter)),

    update: (name, changes) =>
      writeAndTell(deps, function* (told) {
        const isKnown = (key: keyof WorkPoolChanges) => changes[key] !== undefined && key !== 'isPaused' && key !== 'concurrencyLimit'
        if (isReservedPool(name) && (['description', 'baseJobTemplate', 'storage'] as const).some(isKnown))
          throw new TuttiError('FORBIDDEN', `only the pause and the concurrency limit of the work pool ${name} may be changed`)
        yield* updatePool(deps, told, yield* poolNamed(deps, name), changes)
      }),

    remove: (name) =>
      writeAndTell(deps, function* (told) {
        if (isReservedPool(name)) throw new TuttiError('FORBIDDEN', `the work pool ${name} may not be deleted`)
        const pool = yield* poolNamed(deps, name)
        const queues = yield* workQueues.ofPool(pool.id)
        for (const queue of queues) yield* tellOfQueue(deps, told, 'deleted', queue, pool)
        yield* tellOfPool(deps, told, 'deleted', pool)
        yield* deps.store.tables.deployments.leaveQueues(queues.map((queue) => queue.id))
        yield* workQueues.delete(queues.map((queue) => queue.id))
        yield* workers.deleteOfPool(pool.id)
        yield* deps.store.tables.maintenanceModes.delete(pool.id)
        yield* workPools.delete(pool.id)
      }),

    slots: (name, { limit, offset, runsMax }) =>
      store.read(function* () {
        const pool = yield* poolNamed(deps, name)
        const queues = yield* workQueues.ofPool(pool.id)
        const held = yield* runs.countByQueue(idsOf(queues), HOLDING)
        const shown = []
        for (const queue of queues.slice(offset, offset + limit)) {
          const holders = runsMax === 0 ? [] : yield* runs.holding(queue.id, { limit: runsMax, offset: 0 })
          shown.push({ queue, activeSlots: held.get(queue.id) ?? 0, runs: holders })
        }
        return { pool, activeSlots: sum(held.values()), queues: shown, count: queues.length }
      }),

    async due(name, query) {
      const found = await store.read(() => dueRuns(deps, name, query))
      await writeAndTell(deps, (told) => polled(deps, told, found.pool, found.queues))
      return found.runs
    },
  }

  function* updatePool(given: Deps, told: Told[], pool: WorkPool, changes: WorkPoolChanges): Script<void> {
    checkTemplate(changes.baseJobTemplate)
    const now = clock.now()
    const changed = { ...pool, ...changes, updatedAt: now }
    const status = changes.isPaused === undefined ? pool.status : poolStatus(changed, yield* isServed(given, pool.id, now))
    yield* workPools.save({ ...changed, status })
    const updates = updatesOf(fieldsOf(pool), fieldsOf(changed))
    if (Object.keys(updates).length > 0) yield* tellOfPool(given, told, 'updated', changed, updates)
    if (status !== null && status !== pool.status) yield* tellOfPool(given, told, status, { ...changed, status })
  }
}

/** A pool with its default queue. Throws `ALREADY_EXISTS`. */
export function* createPool(deps: Deps, told: Told[], asked: NewWorkPool): Script<WorkPool> {
  const { store, clock, ids } = deps
  checkTemplate(asked.baseJobTemplate)
  const now = clock.now()
  const pool: WorkPool = {
    ...asked,
    id: ids.next(),
    status: poolStatus(asked, false),
    defaultQueueId: ids.next(),
    createdAt: now,
    updatedAt: now,
  }
  if (!(yield* store.tables.workPools.insert(pool)))
    throw new TuttiError('ALREADY_EXISTS', `A work pool with this name already exists: ${pool.name}.`)
  const queue: WorkQueue = {
    id: pool.defaultQueueId,
    poolId: pool.id,
    name: DEFAULT_QUEUE,
    description: DEFAULT_QUEUE_DESCRIPTION,
    isPaused: false,
    concurrencyLimit: null,
    priority: 1,
    filter: null,
    status: 'not-ready',
    lastPolledAt: null,
    createdAt: now,
    updatedAt: now,
  }
  yield* store.tables.workQueues.insert(queue)
  yield* tellOfQueue(deps, told, 'created', queue, pool)
  yield* tellOfPool(deps, told, 'created', pool)
  return pool
}

function checkTemplate(template: NewWorkPool['baseJobTemplate'] | undefined): void {
  const problem = template === undefined ? undefined : (templateProblem(template) ?? defaultsProblem(template))
  if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', problem)
}

/** As the wire names what may be changed. */
function fieldsOf({ description, isPaused, baseJobTemplate, concurrencyLimit, storage }: WorkPool): Readonly<Record<string, unknown>> {
  return {
    description,
    is_paused: isPaused,
    base_job_template: baseJobTemplate,
    concurrency_limit: concurrencyLimit,
    storage_configuration: storage,
  }
}

function* viewOfPool({ store }: Deps, pool: WorkPool): Script<WorkPoolView> {
  if (pool.concurrencyLimit === null) return { pool, activeSlots: null }
  const queues = yield* store.tables.workQueues.ofPool(pool.id)
  return { pool, activeSlots: sum((yield* store.tables.dueRuns.countByQueue(idsOf(queues), HOLDING)).values()) }
}
