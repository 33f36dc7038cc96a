import { z } from 'zod'
import { HOLIDAYS_MAX } from '../core/calendar.ts'
import type { Calendar, CalendarContent } from '../core/calendar.ts'
import { endpoint } from './endpoint.ts'
import { optionalBody } from './lists.ts'
import { pageFields } from './page.ts'
import { integer, timeText, wire } from './values.ts'

const holidayWire = z.object({ from: z.string(), to: z.string(), name: z.string(), rule: z.string().nullable() })

const calendarWire = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    weekend: z.array(z.int()),
    holidays: z.array(holidayWire),
    created: wire.time,
    updated: wire.time,
  })
  .meta({ id: 'Calendar' })

export function calendarToWire({ name, description, weekend, holidays, createdAt, updatedAt }: Calendar): z.input<typeof calendarWire> {
  return {
    name,
    description,
    weekend: [...weekend],
    holidays: holidays.map(({ from, to, name: of, rule = null }) => ({ from, to, name: of, rule })),
    created: timeText(createdAt),
    updated: timeText(updatedAt),
  }
}

const holiday = z.strictObject({
  from: z.string(),
  to: z.string().nullish(),
  name: z.string().max(500).default(''),
  rule: z.string().max(500).nullish(),
})

export const calendarContentIn = z.strictObject({
  description: z.string().nullish(),
  /** 1 for Monday to 7 for Sunday. */
  weekend: z.array(integer).default([]),
  holidays: z.array(holiday).max(HOLIDAYS_MAX).default([]),
})

export function calendarContent({ description, weekend, holidays }: z.output<typeof calendarContentIn>): CalendarContent {
  return {
    description: description ?? null,
    weekend: [...new Set(weekend)].toSorted((one, other) => one - other),
    holidays: holidays.map(({ from, to, name, rule }) => ({
      from,
      to: to ?? from,
      name: name === '' ? from : name,
      ...(rule === null || rule === undefined ? undefined : { rule }),
    })),
  }
}

const nameParams = z.object({ name: z.string() })

export const calendars = {
  list: endpoint({
    method: 'POST',
    path: '/calendars/filter',
    summary: 'Calendars, by name.',
    body: optionalBody(pageFields),
    output: z.array(calendarWire),
  }),
  read: endpoint({
    method: 'GET',
    path: '/calendars/{name}',
    summary: 'One calendar.',
    params: nameParams,
    output: calendarWire,
    errors: ['NOT_FOUND'],
  }),
  put: endpoint({
    method: 'PUT',
    path: '/calendars/{name}',
    summary: 'Makes a calendar, or writes it anew; runs of schedules that go by it are made anew.',
    params: nameParams,
    body: calendarContentIn,
    output: calendarWire,
    alsoStatus: [201],
    errors: ['INVALID_REQUEST'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/calendars/{name}',
    summary: 'Deletes a calendar that no schedule goes by.',
    params: nameParams,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
}
