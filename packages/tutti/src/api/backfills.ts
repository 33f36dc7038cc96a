import { z } from 'zod'
import { BACKFILL_CHOICES, BACKFILL_CONCURRENCY_MAX, BACKFILL_ORDERS } from '../core/backfill.ts'
import type { BackfillPlan, BackfillRequest, BackfillView } from '../core/backfill.ts'
import { JsonText } from '../core/literal-json.ts'
import { STATE_TYPES } from '../core/state.ts'
import { endpoint } from './endpoint.ts'
import { optionalBody } from './lists.ts'
import { pageFields } from './page.ts'
import { idParams } from './shapes.ts'
import { instant, integerBetween, jsonObject, objectOf, seconds, stateTypeText, timeText, uuid, wire } from './values.ts'

const backfillWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    deployment_id: wire.uuid,
    status: z.enum(['RUNNING', 'PAUSED', 'CANCELLED', 'COMPLETED']),
    start_time: wire.time,
    end_time: wire.time,
    step: z.number().nullable(),
    timezone: z.string().nullable(),
    order: z.enum(BACKFILL_ORDERS),
    concurrency: z.int(),
    only: z.enum(BACKFILL_CHOICES),
    parameters: wire.object,
    total: z.int(),
    made: z.int(),
    /** How many of the runs that were made are in a state of each type. */
    runs: z.record(z.string(), z.int()),
  })
  .meta({ id: 'Backfill' })

export function backfillToWire({ backfill, total, made, runs }: BackfillView): z.output<typeof backfillWire> {
  const { request } = backfill
  return {
    id: backfill.id,
    created: timeText(backfill.createdAt),
    updated: timeText(backfill.updatedAt),
    deployment_id: backfill.deploymentId,
    status: ({ running: 'RUNNING', paused: 'PAUSED', cancelled: 'CANCELLED', completed: 'COMPLETED' } as const)[backfill.status],
    start_time: timeText(request.from),
    end_time: timeText(request.until),
    step: request.stepS,
    timezone: request.timezone,
    order: request.order,
    concurrency: request.concurrency,
    only: request.only,
    parameters: objectOf(request.parameters),
    total,
    made,
    runs: Object.fromEntries(STATE_TYPES.flatMap((type) => (runs[type] === undefined ? [] : [[stateTypeText(type), runs[type]] as const]))),
  }
}

const backfillBody = z.strictObject({
  deployment_id: uuid,
  start_time: instant,
  /** Not included. */
  end_time: instant,
  /** Seconds from one time to the next; without it the schedules of the deployment say at which times. */
  step: seconds.nullish(),
  timezone: z.string().nullish(),
  order: z.enum(BACKFILL_ORDERS).default('oldest'),
  concurrency: integerBetween(1, BACKFILL_CONCURRENCY_MAX).default(1),
  only: z.enum(BACKFILL_CHOICES).default('all'),
  parameters: jsonObject.nullish(),
})

export function backfillRequest(body: z.output<typeof backfillBody>): BackfillRequest {
  return {
    from: body.start_time,
    until: body.end_time,
    stepS: body.step ?? null,
    timezone: body.timezone ?? null,
    order: body.order,
    concurrency: body.concurrency,
    only: body.only,
    parameters: body.parameters ?? new JsonText('{}'),
  }
}

/** Times that a plan shows; it tells how many there are. */
const DATES_SHOWN = 1_000

const planWire = z.object({ total: z.int(), left_out: z.int(), dates: z.array(wire.time) })

export function backfillPlanToWire({ dates, leftOut }: BackfillPlan): z.output<typeof planWire> {
  return { total: dates.length, left_out: leftOut, dates: dates.slice(0, DATES_SHOWN).map(({ logicalDate }) => timeText(logicalDate)) }
}

const one = { params: idParams, output: backfillWire, errors: ['NOT_FOUND', 'CONFLICT'] } as const

export const backfills = {
  plan: endpoint({
    method: 'POST',
    path: '/backfills/plan',
    summary: 'What a backfill would run. Changes nothing.',
    body: backfillBody,
    output: planWire,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  create: endpoint({
    method: 'POST',
    path: '/backfills/',
    summary: 'Runs a deployment for times that have passed, a few at a time.',
    body: backfillBody,
    output: backfillWire,
    status: 201,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/backfills/filter',
    summary: 'Backfills, newest first.',
    body: optionalBody({ deployment_id: uuid.nullish(), ...pageFields }),
    output: z.array(backfillWire),
  }),
  read: endpoint({ method: 'GET', path: '/backfills/{id}', summary: 'One backfill, and how far it is.', ...one }),
  pause: endpoint({ method: 'POST', path: '/backfills/{id}/pause', summary: 'Makes no more runs; those that were made go on.', ...one }),
  resume: endpoint({ method: 'POST', path: '/backfills/{id}/resume', summary: 'Makes runs again.', ...one }),
  cancel: endpoint({
    method: 'POST',
    path: '/backfills/{id}/cancel',
    summary: 'Ends a backfill; its runs that have not ended are cancelled.',
    ...one,
  }),
}
