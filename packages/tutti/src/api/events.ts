import { z } from 'zod'
import { RESOURCE_ID, RESOURCE_ROLE } from '../core/event.ts'
import type { Event, ResourceLabels } from '../core/event.ts'
import type { ToldEvent } from '../core/event-operations.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Instant } from '../core/time.ts'
import { endpoint } from './endpoint.ts'
import { eventFilter } from './event-filters.ts'
import { reportOf } from './task-run-events.ts'
import { instant, integerBetween, jsonObject, number, objectOf, timeText, uuid, wire } from './values.ts'

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

/** Events in one answer. */
const EVENT_PAGE_MAX = 50

const pageWire = z
  .object({
    events: z.array(eventWire),
    total: z.int(),
    next_page: z.string().nullable(),
    /** `false`: there are at least as many as `total` says. */
    tutti_total_is_whole: z.boolean(),
  })
  .meta({ id: 'EventPage' })

const countWire = z
  .object({ value: z.string(), label: z.string(), count: z.int(), start_time: wire.time, end_time: wire.time })
  .meta({ id: 'EventCount' })

export const events = {
  create: endpoint({
    method: 'POST',
    path: '/events',
    summary: 'Tells facts that happened.',
    body: z.array(eventIn).max(BATCH_MAX),
  }),
  list: endpoint({
    method: 'POST',
    path: '/events/filter',
    summary: 'Events that meet a filter, the newest first, also the states of flow runs; the address of the next page comes with them.',
    body: z
      .object({ filter: eventFilter.nullish(), limit: integerBetween(0, EVENT_PAGE_MAX).default(EVENT_PAGE_MAX) })
      .default({ limit: EVENT_PAGE_MAX }),
    output: pageWire,
  }),
  next: endpoint({
    method: 'GET',
    path: '/events/filter/next',
    summary: 'A next page, as the page before named it.',
    query: z.object({ 'page-token': z.string() }),
    output: pageWire,
    errors: ['FORBIDDEN'],
  }),
  count: endpoint({
    method: 'POST',
    path: '/events/count-by/{countable}',
    summary: 'How many events there are by their name, their resource or their time.',
    params: z.object({ countable: z.enum(['day', 'time', 'event', 'resource']) }),
    body: z.object({
      filter: eventFilter.nullish(),
      time_unit: z.enum(['week', 'day', 'hour', 'minute', 'second']).default('day'),
      time_interval: number.pipe(z.number().min(0.01)).default(1),
    }),
    output: z.array(countWire),
    errors: ['INVALID_REQUEST'],
  }),
}
