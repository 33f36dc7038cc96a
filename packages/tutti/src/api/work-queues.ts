import { z } from 'zod'
import type { QueueFilter, QueueHealth, QueueSlots, WorkQueueView } from '../core/work-pool-operations.ts'
import type { Instant } from '../core/time.ts'
import { POLLED_S } from '../core/work-pool.ts'
import { endpoint } from './endpoint.ts'
import { flowRunWire } from './flow-runs.ts'
import { pageFields } from './page.ts'
import { count, idParams, objectName } from './shapes.ts'
import { slotSummaryToWire, slotSummaryWire } from './slot-summary.ts'
import { instant, integer, jsonObject, objectOf, timeText, uuid, wire } from './values.ts'
import { concurrencyLimit, join, numberedPage, poolStatusText, poolStatusWire } from './work-pools.ts'

const workQueueWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    description: z.string().nullable(),
    is_paused: z.boolean(),
    concurrency_limit: z.int().nullable(),
    priority: z.int(),
    work_pool_id: wire.uuid,
    filter: wire.object.nullable(),
    last_polled: wire.time.nullable(),
    work_pool_name: z.string(),
    status: poolStatusWire,
    active_slots: z.int().nullable(),
  })
  .meta({ id: 'WorkQueueResponse' })

export function workQueueToWire({ queue, poolName, activeSlots }: WorkQueueView): z.input<typeof workQueueWire> {
  return {
    id: queue.id,
    created: timeText(queue.createdAt),
    updated: timeText(queue.updatedAt),
    name: queue.name,
    description: queue.description,
    is_paused: queue.isPaused,
    concurrency_limit: queue.concurrencyLimit,
    priority: queue.priority,
    work_pool_id: queue.poolId,
    filter: queue.filter === null ? null : objectOf(queue.filter),
    last_polled: timeText(queue.lastPolledAt),
    work_pool_name: poolName,
    status: poolStatusText(queue.status),
    active_slots: activeSlots,
  }
}

const healthWire = z
  .object({
    healthy: z.boolean(),
    late_runs_count: z.int(),
    last_polled: wire.time.nullable(),
    health_check_policy: z.object({ maximum_late_runs: z.int(), maximum_seconds_since_last_polled: z.int() }),
  })
  .meta({ id: 'WorkQueueStatusDetail' })

export function healthToWire({ isHealthy, lateRuns, lastPolledAt }: QueueHealth): z.input<typeof healthWire> {
  return {
    healthy: isHealthy,
    late_runs_count: lateRuns,
    last_polled: timeText(lastPolledAt),
    health_check_policy: { maximum_late_runs: 0, maximum_seconds_since_last_polled: POLLED_S },
  }
}

const slotsWire = z
  .object({
    active_slots: z.int(),
    concurrency_limit: z.int().nullable(),
    flow_runs: z.array(slotSummaryWire),
    count,
    limit: z.int(),
    pages: z.int(),
    page: z.int(),
  })
  .meta({ id: 'WorkQueueConcurrencyStatus' })

export function queueSlotsToWire(
  { queue, activeSlots, runs, count: all }: QueueSlots & { readonly count: number },
  { page, limit, now }: { readonly page: number; readonly limit: number; readonly now: Instant },
): z.input<typeof slotsWire> {
  return {
    active_slots: activeSlots,
    concurrency_limit: queue.concurrencyLimit,
    flow_runs: runs.map((run) => slotSummaryToWire(run, now)),
    count: all,
    limit,
    pages: limit === 0 ? 0 : Math.ceil(all / limit),
    page,
  }
}

const priority = integer.pipe(z.int().positive())
const queueCreate = z.strictObject({
  name: objectName,
  description: z.string().nullish(),
  is_paused: z.boolean().default(false),
  concurrency_limit: concurrencyLimit.nullish(),
  priority: priority.nullish(),
  filter: jsonObject.nullish(),
})
const queueUpdate = z.strictObject({
  name: objectName.nullish(),
  description: z.string().nullish(),
  is_paused: z.boolean().nullish(),
  concurrency_limit: concurrencyLimit.nullish(),
  priority: priority.nullish(),
  last_polled: instant.nullish(),
  filter: jsonObject.nullish(),
})
const queueFilter = z
  .strictObject({
    operator: join,
    id: z.strictObject({ any_: z.array(uuid).nullish() }).nullish(),
    name: z.strictObject({ any_: z.array(z.string()).nullish(), startswith_: z.array(z.string()).nullish() }).nullish(),
  })
  .transform(({ operator, id, name }): QueueFilter => ({
    join: operator,
    ...(id?.any_ ? { ids: id.any_ } : undefined),
    ...(name?.any_ ? { names: name.any_ } : undefined),
    ...(name?.startswith_ ? { prefixes: name.startswith_ } : undefined),
  }))
const listBody = z.object({ ...pageFields, work_queues: queueFilter.nullish() }).default({ offset: 0 })
const poolParams = z.object({ work_pool_name: z.string() })
const queueParams = z.object({ work_pool_name: z.string(), name: z.string() })

/** Queues of a pool, by their names. */
export const poolQueues = {
  create: endpoint({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/queues',
    summary: 'Makes a queue in a work pool.',
    params: poolParams,
    body: queueCreate,
    output: workQueueWire,
    status: 201,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    summary: 'One queue of a work pool.',
    params: queueParams,
    output: workQueueWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/queues/filter',
    summary: 'Queues of a work pool, by priority.',
    params: poolParams,
    body: listBody,
    output: z.array(workQueueWire),
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    summary: 'Changes a queue of a work pool.',
    params: queueParams,
    body: queueUpdate,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    summary: 'Deletes a queue of a work pool; its runs stay.',
    params: queueParams,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
}

/** The same queues by their ids, and those that were made without a pool by their names. */
export const workQueues = {
  create: endpoint({
    method: 'POST',
    path: '/work_queues/',
    summary: 'Makes a queue in the pool of queues that have none.',
    body: queueCreate,
    output: workQueueWire,
    status: 201,
    errors: ['ALREADY_EXISTS'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/work_queues/{id}',
    summary: 'One queue.',
    params: idParams,
    output: workQueueWire,
    errors: ['NOT_FOUND'],
  }),
  readByName: endpoint({
    method: 'GET',
    path: '/work_queues/name/{name}',
    summary: 'The queue of a name that was made without a pool.',
    params: z.object({ name: z.string() }),
    output: workQueueWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/work_queues/filter',
    summary: 'Queues of all pools, by name.',
    body: listBody,
    output: z.array(workQueueWire),
    errors: ['INVALID_REQUEST'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/work_queues/{id}',
    summary: 'Changes a queue.',
    params: idParams,
    body: queueUpdate,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/work_queues/{id}',
    summary: 'Deletes a queue; its runs stay.',
    params: idParams,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  due: endpoint({
    method: 'POST',
    path: '/work_queues/{id}/get_runs',
    summary: 'Which runs of a queue may start now.',
    params: idParams,
    body: z.object({ scheduled_before: instant.nullish(), limit: integer.nullish() }).default({}),
    output: z.array(flowRunWire),
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  slots: endpoint({
    method: 'POST',
    path: '/work_queues/{id}/concurrency_status',
    summary: 'Which runs hold slots of a queue.',
    params: idParams,
    body: z.object(numberedPage).default({ page: 1 }),
    output: slotsWire,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  health: endpoint({
    method: 'GET',
    path: '/work_queues/{id}/status',
    summary: 'Whether a queue is asked for work, and in time.',
    params: idParams,
    output: healthWire,
    errors: ['NOT_FOUND'],
  }),
}
