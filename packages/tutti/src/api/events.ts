import { z } from 'zod'
import { RESOURCE_ID, RESOURCE_ROLE } from '../core/event.ts'
import type { Event, ResourceLabels } from '../core/event.ts'
import type { ToldEvent } from '../core/event-operations.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Instant } from '../core/time.ts'
import { endpoint } from './endpoint.ts'
import { reportOf } from './task-run-events.ts'
import { instant, jsonObject, objectOf, timeText, uuid, wire } from './values.ts'

const NAME_MAX = 1024
const LABELS_MAX = 500
const RELATED_MAX = 100
/** Events in one request. */
const BATCH_MAX = 1000

const resource = z
  .record(z.string(), z.string())
  .refine((labels) => (labels[RESOURCE_ID] ?? '') !== '', { message: `Resources must include the ${RESOURCE_ID} label` })
  .refine((labels) => Object.keys(labels).length <= LABELS_MAX, { message: `The maximum number of labels per resource is ${LABELS_MAX}` })
const relatedResource = resource.refine((labels) => (labels[RESOURCE_ROLE] ?? '') !== '', {
  message: `Related Resources must include the ${RESOURCE_ROLE} label`,
})

/** An event as a client tells it, and what it says of a task run. */
export const eventIn = z
  .object({
    occurred: instant,
    event: z.string().max(NAME_MAX),
    resource,
    related: z.array(relatedResource).max(RELATED_MAX).default([]),
    payload: jsonObject.default(new JsonText('{}')),
    id: uuid,
    follows: uuid.nullish(),
  })
  .transform((told) => (receivedAt: Instant): ToldEvent => {
    const event: Event = {
      id: told.id,
      name: told.event,
      occurredAt: told.occurred,
      resource: told.resource,
      related: told.related,
      payload: told.payload,
      follows: told.follows ?? null,
      receivedAt,
    }
    return { event, report: reportOf(event) }
  })

export const eventWire = z
  .object({
    occurred: wire.time,
    event: z.string(),
    resource: z.record(z.string(), z.string()),
    related: z.array(z.record(z.string(), z.string())),
    payload: wire.object,
    id: wire.uuid,
    follows: wire.uuid.nullable(),
    received: wire.time,
  })
  .meta({ id: 'ReceivedEvent' })

export function eventToWire({
  id,
  name,
  occurredAt,
  resource: of,
  related,
  payload,
  follows,
  receivedAt,
}: Event): z.input<typeof eventWire> {
  return {
    occurred: timeText(occurredAt),
    event: name,
    resource: labelsToWire(of),
    related: related.map(labelsToWire),
    payload: objectOf(payload),
    id,
    follows,
    received: timeText(receivedAt),
  }
}

function labelsToWire(labels: ResourceLabels): Record<string, string> {
  return { ...labels }
}

export const events = {
  create: endpoint({
    method: 'POST',
    path: '/events',
    summary: 'Tells facts that happened.',
    body: z.array(eventIn).max(BATCH_MAX),
  }),
}
