import { z } from 'zod'
import type { WorkerFilter } from '../core/work-pool-operations.ts'
import type { Worker, WorkerStatus } from '../core/worker.ts'
import { endpoint } from './endpoint.ts'
import { pageFields } from './page.ts'
import { instant, integer, timeText, wire } from './values.ts'
import { join } from './work-pools.ts'

const statusWire = z.enum(['ONLINE', 'OFFLINE'])

const workerWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    work_pool_id: wire.uuid,
    last_heartbeat_time: wire.time,
    heartbeat_interval_seconds: z.int().nullable(),
    status: statusWire,
    /** The program that it is: `tutti/0.1.0`, `prefect/3.4.1`; null when it has not said. */
    tutti_version: z.string().nullable(),
  })
  .meta({ id: 'WorkerResponse' })

export function workerToWire(worker: Worker): z.input<typeof workerWire> {
  return {
    id: worker.id,
    created: timeText(worker.createdAt),
    updated: timeText(worker.updatedAt),
    name: worker.name,
    work_pool_id: worker.poolId,
    last_heartbeat_time: timeText(worker.heartbeatAt),
    heartbeat_interval_seconds: worker.heartbeatIntervalS,
    status: worker.status === 'online' ? 'ONLINE' : 'OFFLINE',
    tutti_version: worker.version,
  }
}

const status = statusWire.transform((text): WorkerStatus => (text === 'ONLINE' ? 'online' : 'offline'))
const workerFilter = z
  .strictObject({
    operator: join,
    last_heartbeat_time: z.strictObject({ before_: instant.nullish(), after_: instant.nullish() }).nullish(),
    status: z.strictObject({ any_: z.array(status).nullish(), not_any_: z.array(status).nullish() }).nullish(),
  })
  .transform(({ operator, last_heartbeat_time: beat, status: is }): WorkerFilter => ({
    join: operator,
    ...(is?.any_ ? { statuses: is.any_ } : undefined),
    ...(is?.not_any_ ? { notStatuses: is.not_any_ } : undefined),
    ...(typeof beat?.before_ === 'number' ? { beatBefore: beat.before_ } : undefined),
    ...(typeof beat?.after_ === 'number' ? { beatAfter: beat.after_ } : undefined),
  }))
const poolParams = z.object({ work_pool_name: z.string() })

export const workers = {
  heartbeat: endpoint({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/workers/heartbeat',
    summary: 'A worker says that it is there.',
    params: poolParams,
    body: z.object({ name: z.string().min(1), heartbeat_interval_seconds: integer.nullish() }),
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/workers/filter',
    summary: 'Workers of a pool, the newest heartbeat first.',
    params: poolParams,
    body: z.object({ ...pageFields, workers: workerFilter.nullish() }).default({ offset: 0 }),
    output: z.array(workerWire),
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/work_pools/{work_pool_name}/workers/{name}',
    summary: 'Forgets a worker.',
    params: z.object({ work_pool_name: z.string(), name: z.string() }),
    errors: ['NOT_FOUND'],
  }),
}
