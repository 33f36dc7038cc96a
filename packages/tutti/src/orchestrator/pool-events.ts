import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../core/event.ts'
import type { ResourceLabels } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { WorkPool, WorkQueue } from '../core/work-pool.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { emit } from './telling.ts'
import { updatesPayload } from './updates.ts'
import type { Updates } from './updates.ts'

/** `ready`, `not-ready` and `paused` are told when a status changes, and only then. */
export type PoolFact = 'created' | 'updated' | 'deleted' | 'ready' | 'not-ready' | 'paused'

export function* tellOfPool(deps: Deps, told: Told[], what: PoolFact, pool: WorkPool, updates: Updates = {}): Script<void> {
  const queue = yield* deps.store.tables.workQueues.get(pool.defaultQueueId)
  yield* emit(deps, told, {
    name: `prefect.work-pool.${what}`,
    resource: poolLabels(pool),
    related: queue === undefined ? [] : [{ ...queueLabels(queue), [RESOURCE_ROLE]: 'default-queue' }],
    payload: payloadOf(what, updates),
  })
  told.push({ type: 'changed', noun: 'work_pools', id: pool.id })
}

export function* tellOfQueue(
  deps: Deps,
  told: Told[],
  what: PoolFact,
  queue: WorkQueue,
  pool: WorkPool,
  updates: Updates = {},
): Script<void> {
  yield* emit(deps, told, {
    name: `prefect.work-queue.${what}`,
    resource: queueLabels(queue),
    related: [poolLabels(pool)],
    payload: payloadOf(what, updates),
  })
  told.push({ type: 'changed', noun: 'work_queues', id: queue.id })
}

function poolLabels({ id, name, type }: WorkPool): ResourceLabels {
  return { [RESOURCE_ID]: `prefect.work-pool.${id}`, [RESOURCE_NAME]: name, 'prefect.work-pool.type': type, [RESOURCE_ROLE]: 'work-pool' }
}

function queueLabels({ id, name }: WorkQueue): ResourceLabels {
  return { [RESOURCE_ID]: `prefect.work-queue.${id}`, [RESOURCE_NAME]: name, [RESOURCE_ROLE]: 'work-queue' }
}

function payloadOf(what: PoolFact, updates: Updates): JsonText {
  return JsonText.of(what === 'updated' ? updatesPayload(updates) : {})
}
