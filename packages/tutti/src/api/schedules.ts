import { z } from 'zod'
import { CATCH_UPS, DAY_RULES, EXPIRY_MAX_S, JITTER_MAX_S, OVERLAPS } from '../core/schedule/definition.ts'
import type { ScheduleOptions } from '../core/schedule/definition.ts'
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

/* ── what Tutti's schedules say beyond the protocol ─────────────────────────────────────────────── */

const OVERLAP_WIRE = ['allow', 'skip', 'queue', 'cancel_running'] as const
const DAY_RULE_WIRE = ['skip', 'roll_forward', 'roll_back'] as const

const upTo = (max: number) => seconds.refine((given) => given >= 0 && given <= max, { message: `must lie between 0 and ${max} seconds` })

export const scheduleOptionsIn = z
  .strictObject({
    catch_up: z.enum(CATCH_UPS).nullish(),
    expires_after: upTo(EXPIRY_MAX_S).nullish(),
    overlap: z.enum(OVERLAP_WIRE).nullish(),
    jitter: upTo(JITTER_MAX_S).nullish(),
    calendar: z.strictObject({ name: z.string(), rule: z.enum(DAY_RULE_WIRE).default('skip') }).nullish(),
  })
  .transform(({ catch_up: catchUp, expires_after: expiresAfterS, overlap, jitter: jitterS, calendar }): ScheduleOptions => ({
    ...(isGiven(catchUp) ? { catchUp } : undefined),
    ...(isGiven(expiresAfterS) ? { expiresAfterS } : undefined),
    ...(isGiven(overlap) ? { overlap: OVERLAPS[OVERLAP_WIRE.indexOf(overlap)]! } : undefined),
    ...(isGiven(jitterS) ? { jitterS } : undefined),
    ...(isGiven(calendar) ? { calendar: { name: calendar.name, rule: DAY_RULES[DAY_RULE_WIRE.indexOf(calendar.rule)]! } } : undefined),
  }))

function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== null && value !== undefined
}

export const scheduleOptionsWire = z
  .object({
    catch_up: z.enum(CATCH_UPS).nullable(),
    expires_after: z.number().nullable(),
    overlap: z.enum(OVERLAP_WIRE).nullable(),
    jitter: z.number().nullable(),
    calendar: z.object({ name: z.string(), rule: z.enum(DAY_RULE_WIRE) }).nullable(),
  })
  .meta({ id: 'ScheduleOptions' })

/** `null`: it says no more than the protocol has. */
export function scheduleOptionsToWire(options: ScheduleOptions): z.output<typeof scheduleOptionsWire> | null {
  if (Object.keys(options).length === 0) return null
  const { catchUp, expiresAfterS, overlap, jitterS, calendar } = options
  return {
    catch_up: catchUp ?? null,
    expires_after: expiresAfterS ?? null,
    overlap: overlap === undefined ? null : OVERLAP_WIRE[OVERLAPS.indexOf(overlap)]!,
    jitter: jitterS ?? null,
    calendar: calendar === undefined ? null : { name: calendar.name, rule: DAY_RULE_WIRE[DAY_RULES.indexOf(calendar.rule)]! },
  }
}
