import { TuttiError } from '../core/errors.ts'
import { POLLED_S } from '../core/work-pool.ts'
import type { WorkPool, WorkQueue } from '../core/work-pool.ts'
import type { WorkerFilter, WorkerOperations } from '../core/work-pool-operations.ts'
import type { Told } from '../core/told.ts'
import { workerStatus } from '../core/worker.ts'
import type { Worker, WorkerStatus } from '../core/worker.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { tellOfPool, tellOfQueue } from './pool-events.ts'
import { writeAndTell } from './telling.ts'
import { isServed, poolNamed } from './found-pools.ts'

export function workerOperations(deps: Deps): WorkerOperations {
  const { store, clock } = deps
  const { workers } = store.tables

  return {
    heartbeat: (pool, worker) => writeAndTell(deps, (told) => beat(deps, told, pool, worker)),

    list: (poolName, filter, { limit, offset }) =>
      store.read(function* () {
        const now = clock.now()
        const pool = yield* poolNamed(deps, poolName)
        const all = (yield* workers.ofPool(pool.id)).map((worker) => ({ ...worker, status: workerStatus(worker, now) }))
        return all.filter((worker) => matches(worker, filter)).slice(offset, offset + limit)
      }),

    remove: (poolName, name) =>
      writeAndTell(deps, function* (told) {
        const pool = yield* poolNamed(deps, poolName)
        if (!(yield* workers.delete(pool.id, name))) throw new TuttiError('NOT_FOUND', `the work pool ${poolName} has no worker ${name}`)
        told.push({ type: 'changed', noun: 'workers', id: pool.id })
      }),

    async sweep() {
      // Almost always there is nothing to do, and then nothing is written.
      const isDue = await store.read(function* () {
        return (
          (yield* silentWorkers(deps)).length > 0 || (yield* neglectedQueues(deps)).length > 0 || (yield* unservedPools(deps)).length > 0
        )
      })
      return isDue ? await writeAndTell(deps, (told) => sweep(deps, told)) : 0
    },
  }
}

/** A worker says that it is there; its pool is served. */
export function* beat(
  deps: Deps,
  told: Told[],
  poolName: string,
  { name, intervalS, version = null }: { readonly name: string; readonly intervalS: number | null; readonly version?: string | null },
): Script<void> {
  const { store, clock, ids } = deps
  const pool = yield* poolNamed(deps, poolName)
  const now = clock.now()
  yield* store.tables.workers.beat({
    id: ids.next(),
    poolId: pool.id,
    name,
    heartbeatAt: now,
    heartbeatIntervalS: intervalS,
    version,
    status: 'online',
    createdAt: now,
    updatedAt: now,
  })
  told.push({ type: 'changed', noun: 'workers', id: pool.id })
  if (pool.status !== 'not-ready') return
  const ready = { ...pool, status: 'ready', updatedAt: now } as const
  yield* store.tables.workPools.save(ready)
  yield* tellOfPool(deps, told, 'ready', ready)
}

function* sweep(deps: Deps, told: Told[]): Script<number> {
  const { store, clock } = deps
  const { workers, workPools, workQueues } = store.tables
  const now = clock.now()
  const silent = yield* silentWorkers(deps)
  yield* workers.setOffline(
    silent.map((worker) => worker.id),
    now,
  )
  for (const poolId of new Set(silent.map((worker) => worker.poolId))) told.push({ type: 'changed', noun: 'workers', id: poolId })
  const unserved = yield* unservedPools(deps)
  for (const pool of unserved) {
    const idle = { ...pool, status: 'not-ready', updatedAt: now } as const
    yield* workPools.save(idle)
    yield* tellOfPool(deps, told, 'not-ready', idle)
  }
  const neglected = yield* neglectedQueues(deps)
  for (const queue of neglected) {
    const idle = { ...queue, status: 'not-ready', updatedAt: now } as const
    yield* workQueues.save(idle)
    const pool = yield* workPools.get(queue.poolId)
    if (pool !== undefined) yield* tellOfQueue(deps, told, 'not-ready', idle, pool)
  }
  return silent.length + unserved.length + neglected.length
}

function* silentWorkers({ store, clock }: Deps): Script<readonly Worker[]> {
  return (yield* store.tables.workers.online()).filter((worker) => workerStatus(worker, clock.now()) === 'offline')
}

function neglectedQueues({ store, clock }: Deps): Script<readonly WorkQueue[]> {
  return store.tables.workQueues.neglected(clock.now() - POLLED_S * 1_000_000)
}

function* unservedPools(deps: Deps): Script<readonly WorkPool[]> {
  const unserved: WorkPool[] = []
  for (const pool of yield* deps.store.tables.workPools.ready())
    if (!(yield* isServed(deps, pool.id, deps.clock.now()))) unserved.push(pool)
  return unserved
}

function matches(worker: Worker, { join, statuses, notStatuses, beatBefore, beatAfter }: WorkerFilter): boolean {
  const beats =
    beatBefore === undefined && beatAfter === undefined
      ? []
      : [(beatBefore === undefined || worker.heartbeatAt <= beatBefore) && (beatAfter === undefined || worker.heartbeatAt >= beatAfter)]
  const is = (list: readonly WorkerStatus[]) => list.includes(worker.status)
  const asked =
    statuses === undefined && notStatuses === undefined
      ? beats
      : [...beats, (statuses === undefined || is(statuses)) && (notStatuses === undefined || !is(notStatuses))]
  if (asked.length === 0) return true
  return join === 'or' ? asked.some(Boolean) : asked.every(Boolean)
}
