import { z } from 'zod'
import { JsonText } from '../core/literal-json.ts'
import { AGENT_TYPE, NO_STORAGE, templateProblem } from '../core/work-pool.ts'
import type { PoolStatus } from '../core/work-pool.ts'
import type { DueRun, PoolFilter, PoolSlots, WorkPoolView } from '../core/work-pool-operations.ts'
import type { Instant } from '../core/time.ts'
import { endpoint } from './endpoint.ts'
import { flowRunToWire, flowRunWire } from './flow-runs.ts'
import { pageFields } from './page.ts'
import { count, objectName } from './shapes.ts'
import { slotSummaryToWire, slotSummaryWire } from './slot-summary.ts'
import { instant, integer, integerBetween, jsonObject, objectOf, timeText, uuid, wire } from './values.ts'

export const poolStatusWire = z.enum(['READY', 'NOT_READY', 'PAUSED'])
const STATUS_TEXT = { ready: 'READY', 'not-ready': 'NOT_READY', paused: 'PAUSED' } as const satisfies Record<PoolStatus, string>

export function poolStatusText(status: PoolStatus): z.output<typeof poolStatusWire> {
  return STATUS_TEXT[status]
}

const workPoolWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    description: z.string().nullable(),
    type: z.string(),
    base_job_template: wire.object,
    is_paused: z.boolean(),
    concurrency_limit: z.int().nullable(),
    status: poolStatusWire.nullable(),
    default_queue_id: wire.uuid,
    storage_configuration: wire.object,
    active_slots: z.int().nullable(),
  })
  .meta({ id: 'WorkPoolResponse' })

export function workPoolToWire({ pool, activeSlots }: WorkPoolView): z.input<typeof workPoolWire> {
  return {
    id: pool.id,
    created: timeText(pool.createdAt),
    updated: timeText(pool.updatedAt),
    name: pool.name,
    description: pool.description,
    type: pool.type,
    base_job_template: objectOf(pool.baseJobTemplate),
    is_paused: pool.isPaused,
    concurrency_limit: pool.concurrencyLimit,
    status: pool.status === null ? null : poolStatusText(pool.status),
    default_queue_id: pool.defaultQueueId,
    storage_configuration: objectOf(pool.storage),
    active_slots: activeSlots,
  }
}

/** A name that would be hard to see is none. */
const poolName = objectName.refine((name) => /[^\s'"]/.test(name), { message: 'name cannot be an empty string' })
export const concurrencyLimit = integerBetween(0, Number.MAX_SAFE_INTEGER)
const template = jsonObject.superRefine((value, context) => {
  const problem = templateProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, params: { type: 'value_error' } })
})
const step = jsonObject.nullish()
const storage = z
  .strictObject({ bundle_upload_step: step, bundle_execution_step: step, default_result_storage_block_id: uuid.nullish() })
  .transform((given) =>
    JsonText.of({
      bundle_upload_step: given.bundle_upload_step ?? null,
      bundle_execution_step: given.bundle_execution_step ?? null,
      default_result_storage_block_id: given.default_result_storage_block_id ?? null,
    }),
  )

const nameParams = z.object({ name: z.string() })
export const join = z
  .enum(['and_', 'or_'])
  .default('and_')
  .transform((operator) => (operator === 'or_' ? ('or' as const) : ('and' as const)))
const anyText = z.strictObject({ any_: z.array(z.string()).nullish() }).nullish()
const anyId = z.strictObject({ any_: z.array(uuid).nullish() }).nullish()

const poolFilter = z
  .strictObject({ operator: join, id: anyId, name: anyText, type: anyText })
  .transform(({ operator, id, name, type }): PoolFilter => ({
    join: operator,
    ...(id?.any_ ? { ids: id.any_ } : undefined),
    ...(name?.any_ ? { names: name.any_ } : undefined),
    ...(type?.any_ ? { types: type.any_ } : undefined),
  }))

const dueRunWire = z
  .object({ work_pool_id: wire.uuid, work_queue_id: wire.uuid, flow_run: flowRunWire })
  .meta({ id: 'WorkerFlowRunResponse' })

export function dueRunToWire({ poolId, queueId, view }: DueRun, now: Instant): z.input<typeof dueRunWire> {
  return { work_pool_id: poolId, work_queue_id: queueId, flow_run: flowRunToWire(view, now) }
}

const queueSlotsWire = z
  .object({
    queue_id: wire.uuid,
    queue_name: z.string(),
    active_slots: z.int(),
    concurrency_limit: z.int().nullable(),
    flow_runs: z.array(slotSummaryWire),
    flow_run_count: z.int().nullable(),
  })
  .meta({ id: 'WorkQueueConcurrencyStatusDetail' })
const poolSlotsWire = z
  .object({
    active_slots: z.int(),
    concurrency_limit: z.int().nullable(),
    queues: z.array(queueSlotsWire),
    count,
    limit: z.int(),
    pages: z.int(),
    page: z.int(),
  })
  .meta({ id: 'WorkPoolConcurrencyStatus' })

export function poolSlotsToWire(
  slots: PoolSlots,
  { page, limit, now }: { readonly page: number; readonly limit: number; readonly now: Instant },
): z.input<typeof poolSlotsWire> {
  return {
    active_slots: slots.activeSlots,
    concurrency_limit: slots.pool.concurrencyLimit,
    queues: slots.queues.map(({ queue, activeSlots, runs }) => ({
      queue_id: queue.id,
      queue_name: queue.name,
      active_slots: activeSlots,
      concurrency_limit: queue.concurrencyLimit,
      flow_runs: runs.map((run) => slotSummaryToWire(run, now)),
      flow_run_count: activeSlots,
    })),
    count: slots.count,
    limit,
    pages: limit === 0 ? 0 : Math.ceil(slots.count / limit),
    page,
  }
}

/** Members of a body that asks for a page by its number. */
export const numberedPage = { page: integer.pipe(z.int().min(1)).default(1), limit: integer.nullish() }

export const workPools = {
  create: endpoint({
    method: 'POST',
    path: '/work_pools/',
    summary: 'Makes a work pool with its default queue.',
    body: z.strictObject({
      name: poolName,
      description: z.string().nullish(),
      type: z.string().default(AGENT_TYPE),
      base_job_template: template.default(() => new JsonText('{}')),
      is_paused: z.boolean().default(false),
      concurrency_limit: concurrencyLimit.nullish(),
      storage_configuration: storage.default(NO_STORAGE),
    }),
    output: workPoolWire,
    status: 201,
    errors: ['ALREADY_EXISTS', 'FORBIDDEN', 'INVALID_REQUEST'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/work_pools/{name}',
    summary: 'One work pool.',
    params: nameParams,
    output: workPoolWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/work_pools/filter',
    summary: 'Work pools, by name.',
    body: z.object({ ...pageFields, work_pools: poolFilter.nullish() }).default({ offset: 0 }),
    output: z.array(workPoolWire),
    errors: ['INVALID_REQUEST'],
  }),
  count: endpoint({
    method: 'POST',
    path: '/work_pools/count',
    summary: 'How many work pools there are.',
    body: z.object({ work_pools: poolFilter.nullish() }).default({}),
    output: count,
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/work_pools/{name}',
    summary: 'Changes a work pool.',
    params: nameParams,
    body: z.strictObject({
      description: z.string().nullish(),
      is_paused: z.boolean().nullish(),
      base_job_template: template.nullish(),
      concurrency_limit: concurrencyLimit.nullish(),
      storage_configuration: storage.nullish(),
    }),
    errors: ['NOT_FOUND', 'FORBIDDEN', 'INVALID_REQUEST'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/work_pools/{name}',
    summary: 'Deletes a work pool with its queues and workers; runs stay.',
    params: nameParams,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  }),
  slots: endpoint({
    method: 'POST',
    path: '/work_pools/{name}/concurrency_status',
    summary: 'Which runs hold slots of a work pool.',
    params: nameParams,
    body: z.object({ ...numberedPage, flow_run_limit: integerBetween(0, 200).default(10) }).default({ page: 1, flow_run_limit: 10 }),
    output: poolSlotsWire,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  due: endpoint({
    method: 'POST',
    path: '/work_pools/{name}/get_scheduled_flow_runs',
    summary: 'What a worker may start now.',
    params: nameParams,
    body: z
      .object({
        work_queue_names: z.array(z.string()).nullish(),
        scheduled_before: instant.nullish(),
        scheduled_after: instant.nullish(),
        limit: integer.nullish(),
      })
      .default({}),
    output: z.array(dueRunWire),
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
}
