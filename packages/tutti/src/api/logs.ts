import { z } from 'zod'
import type { LogRecord } from '../core/log.ts'
import { endpoint } from './endpoint.ts'
import { instant, integer, timeText, uuid, wire } from './values.ts'

export const logWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    level: z.int(),
    message: z.string(),
    timestamp: wire.time,
    flow_run_id: wire.uuid.nullable(),
    task_run_id: wire.uuid.nullable(),
  })
  .meta({ id: 'Log' })

export function logToWire({ id, logger, level, message, timestamp, flowRunId, taskRunId }: LogRecord): z.output<typeof logWire> {
  const time = timeText(timestamp)
  return { id, created: time, updated: time, name: logger, level, message, timestamp: time, flow_run_id: flowRunId, task_run_id: taskRunId }
}

const logCreate = z
  // `worker_id` is sent to other servers only; it is taken and dropped.
  .strictObject({
    name: z.string(),
    level: integer,
    message: z.string(),
    timestamp: instant,
    flow_run_id: uuid.nullish(),
    task_run_id: uuid.nullish(),
    worker_id: z.unknown(),
  })
  .partial({ worker_id: true })
  .transform(({ name, level, message, timestamp, flow_run_id: flowRunId, task_run_id: taskRunId }): NewLogRecord => ({
    logger: name,
    level,
    message,
    timestamp,
    flowRunId: flowRunId ?? null,
    taskRunId: taskRunId ?? null,
  }))

export type NewLogRecord = Omit<LogRecord, 'id'>

/** Lines in one request. */
const BATCH_MAX = 10_000

export const logs = {
  create: endpoint({
    method: 'POST',
    path: '/logs/',
    summary: 'Adds lines to the logs of runs.',
    body: z.array(logCreate).max(BATCH_MAX),
    output: z.null(),
    status: 201,
  }),
}
