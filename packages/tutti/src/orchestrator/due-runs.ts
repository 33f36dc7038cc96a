import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { Told } from '../core/told.ts'
import type { WorkPool, WorkQueue } from '../core/work-pool.ts'
import type { DueQuery, DueRun } from '../core/work-pool-operations.ts'
import type { Script } from '../store/port.ts'
import { polled as polledDeployments } from './deployment-events.ts'
import type { Deps } from './deps.ts'
import { tellOfQueue } from './pool-events.ts'
import { isPoolHeld } from './held-starts.ts'
import { HOLDING, idsOf, poolNamed, sum } from './found-pools.ts'

/** What of a pool may start now: queues by priority, soonest first, no more than the limits of pool and queues leave room for. */
export function* dueRuns(
  deps: Deps,
  poolName: string,
  query: DueQuery,
): Script<{ pool: WorkPool; queues: readonly WorkQueue[]; runs: readonly DueRun[] }> {
  const { store } = deps
  const pool = yield* poolNamed(deps, poolName)
  const all = yield* store.tables.workQueues.ofPool(pool.id)
  const queues = chosen(pool, all, query.queues)
  if (pool.isPaused || (yield* isPoolHeld(deps, pool.id))) return { pool, queues, runs: [] }

  const held = isLimited(pool, queues) ? yield* store.tables.dueRuns.countByQueue(idsOf(all), HOLDING) : new Map<string, number>()
  let room = Math.min(query.limit, roomOf(pool, sum(held.values())))
  const runs: DueRun[] = []
  for (const queue of queues) {
    const limit = Math.min(room, roomOf(queue, held.get(queue.id) ?? 0))
    if (queue.isPaused || limit <= 0) continue
    const found = yield* store.tables.dueRuns.due({ queueId: queue.id }, { before: query.before, after: query.after, limit })
    room -= found.length
    for (const run of found) runs.push({ poolId: pool.id, queueId: queue.id, view: viewIn(run, queue, pool) })
  }
  return { pool, queues, runs }
}

export function viewIn(run: FlowRun, queue: WorkQueue, pool: WorkPool): DueRun['view'] {
  return { run, queue: { id: queue.id, name: queue.name, poolId: pool.id, poolName: pool.name } }
}

function chosen(pool: WorkPool, all: readonly WorkQueue[], names: readonly string[] | undefined): readonly WorkQueue[] {
  if (names === undefined) return all
  const missing = names.find((name) => !all.some((queue) => queue.name === name))
  if (missing !== undefined) throw new TuttiError('NOT_FOUND', `Work pool queue '${pool.name}/${missing}' not found.`)
  return all.filter((queue) => names.includes(queue.name))
}

function isLimited(pool: WorkPool, queues: readonly WorkQueue[]): boolean {
  return pool.concurrencyLimit !== null || queues.some((queue) => queue.concurrencyLimit !== null)
}

export function roomOf({ concurrencyLimit }: Pick<WorkQueue, 'concurrencyLimit'>, held: number): number {
  return concurrencyLimit === null ? Number.MAX_SAFE_INTEGER : Math.max(0, concurrencyLimit - held)
}

/** Somebody asked these queues for work: they are served. */
export function* polled(deps: Deps, told: Told[], pool: WorkPool, queues: readonly WorkQueue[]): Script<void> {
  const { store, clock } = deps
  yield* store.tables.workQueues.setPolled(idsOf(queues), clock.now())
  yield* polledDeployments(deps, told, yield* store.tables.deployments.ofQueues(idsOf(queues)))
  for (const { id } of queues) {
    // It may have been paused since it was read.
    const queue = yield* store.tables.workQueues.get(id)
    if (queue === undefined || queue.isPaused || queue.status === 'ready') continue
    const ready: WorkQueue = { ...queue, status: 'ready' }
    yield* store.tables.workQueues.save(ready)
    yield* tellOfQueue(deps, told, 'ready', ready, pool)
  }
}
