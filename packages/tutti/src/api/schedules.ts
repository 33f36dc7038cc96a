import { z } from 'zod'
import type { Schedule } from '../core/schedule/schedule.ts'
import { instant, seconds, timeText, wire } from './values.ts'

const timezone = z.string().nullish()

const interval = z.strictObject({ interval: seconds, anchor_date: instant.nullish(), timezone })
const cron = z.strictObject({ cron: z.string(), timezone, day_or: z.boolean().default(true) })
const rrule = z.strictObject({ rrule: z.string(), timezone })

/** Which kind it is shows by its key. An interval without an anchor counts from the moment it is written. */
export const scheduleIn = z.union([interval, cron, rrule]).transform((given): ((now: number) => Schedule) => (now) => {
  const zone = given.timezone ?? null
  if ('interval' in given) return { type: 'interval', intervalS: given.interval, anchor: given.anchor_date ?? now, timezone: zone }
  if ('cron' in given) return { type: 'cron', cron: given.cron, timezone: zone, dayOr: given.day_or }
  return { type: 'rrule', rrule: given.rrule, timezone: zone }
})

export const scheduleWire = z.union([
  z.object({ interval: z.number(), anchor_date: wire.time, timezone: z.string().nullable() }),
  z.object({ cron: z.string(), timezone: z.string().nullable(), day_or: z.boolean() }),
  z.object({ rrule: z.string(), timezone: z.string().nullable() }),
])

export function scheduleToWire(schedule: Schedule): z.output<typeof scheduleWire> {
  const { timezone: zone } = schedule
  switch (schedule.type) {
    case 'interval':
      return { interval: schedule.intervalS, anchor_date: timeText(schedule.anchor), timezone: zone ?? 'UTC' }
    case 'cron':
      return { cron: schedule.cron, timezone: zone, day_or: schedule.dayOr }
    case 'rrule':
      return { rrule: schedule.rrule, timezone: zone ?? 'UTC' }
  }
}
