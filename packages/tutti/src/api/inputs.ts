import { z } from 'zod'
import type { FlowRunInput } from '../core/flow-run-input.ts'
import { endpoint } from './endpoint.ts'
import { PAGE_MAX } from './page.ts'
import { idParams } from './shapes.ts'
import { integerBetween, timeText, uuid, wire } from './values.ts'

const inputWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    flow_run_id: wire.uuid,
    key: z.string(),
    value: z.string(),
    sender: z.string().nullable(),
  })
  .meta({ id: 'FlowRunInput' })

export function inputToWire(input: FlowRunInput): z.input<typeof inputWire> {
  const { id, flowRunId, key, value, sender, createdAt, updatedAt } = input
  return { id, created: timeText(createdAt), updated: timeText(updatedAt), flow_run_id: flowRunId, key, value, sender }
}

const key = z.string().regex(/^[a-zA-Z0-9_-]+$/, { message: 'key must only contain letters, numbers, dashes and underscores' })
const keyParams = z.object({ id: uuid, key: z.string() })

export const inputs = {
  create: endpoint({
    method: 'POST',
    path: '/flow_runs/{id}/input',
    summary: 'Hands a text to a flow run.',
    params: idParams,
    body: z.object({ key, value: z.string(), sender: z.string().nullish() }),
    output: z.null(),
    status: 201,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/flow_runs/{id}/input/filter',
    summary: 'What was handed to a flow run under keys that begin alike, oldest first.',
    params: idParams,
    body: z.object({
      prefix: z.string(),
      limit: z.preprocess((value) => value ?? 1, integerBetween(0, PAGE_MAX)),
      exclude_keys: z.array(z.string()).default([]),
    }),
    output: z.array(inputWire),
  }),
  read: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/input/{key}',
    summary: 'The text itself.',
    params: keyParams,
    output: z.string(),
    media: 'text/plain; charset=utf-8',
    errors: ['NOT_FOUND'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/flow_runs/{id}/input/{key}',
    summary: 'Takes the text away.',
    params: keyParams,
    errors: ['NOT_FOUND'],
  }),
}
