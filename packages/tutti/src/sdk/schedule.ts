import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { CATCH_UPS, DAY_RULES, EXPIRY_MAX_S, JITTER_MAX_S, OVERLAPS } from '../core/schedule/definition.ts'
import type { CatchUp, DayRule, Overlap, ScheduleDefinition, ScheduleOptions as StoredOptions } from '../core/schedule/definition.ts'
import { cronFields } from '../core/schedule/cron-fields.ts'
import type { Schedule } from '../core/schedule/schedule.ts'
import { fromLocal, isTimeZone } from '../core/schedule/time-zone.ts'
import { instantFromDate, parseInstant } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { jsonWithoutSecrets } from '../engine/secret-values.ts'

/** What every schedule takes beside its times. */
export interface ScheduleOptions {
  /** The IANA time zone whose clocks the schedule goes by, as `Europe/Berlin`. Default UTC. */
  readonly timezone?: string
  /** A name of its own among the schedules of its deployment, by which a later deploy finds it again. */
  readonly slug?: string
  /** `false`: it makes no runs. */
  readonly active?: boolean
  /** For the runs of this schedule, on top of those of the deployment. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** What happens to times that passed while no server was there: `all` run, the `latest` one does (the default), or `none`. */
  readonly catchUp?: CatchUp
  /** A run that has not started so long after it was due is cancelled instead. Default: it runs, however late. */
  readonly expiresAfter?: Duration
  /** When an earlier run of this schedule has not ended: `allow` (the default) both, `skip` the new one, let it wait in a `queue`, or `cancel-running`. */
  readonly overlap?: Overlap
  /** Runs start up to so much later, each by its own part, which is always the same. Their logical date stays. Default 0. */
  readonly jitter?: Duration
  /** Only on days on which the calendar of this name is open. */
  readonly calendar?: string | { readonly name: string; readonly rule?: DayRule }
}

export interface CronOptions extends ScheduleOptions {
  /** `true` when a day must fit both the day of the month and the day of the week. Default `false`: one is enough, as cron has it. */
  readonly bothDays?: boolean
}

export interface EveryOptions extends ScheduleOptions {
  /** A time it counts from, backwards too. Default: midnight of 2020-01-01 in its time zone, so that `every('1h')` is on the hour. */
  readonly anchor?: Date | string
}

/**
 * A schedule of cron fields: minute, hour, day of month, month, day of week, and a second if you like (as the sixth); or `@hourly`, `@daily`,
 * `@weekly`, `@monthly`, `@yearly`. Also `L` (the last day), `LW` (the last working day), `15W` (the working day nearest to the 15th), `FRI#2`
 * (the second Friday), `L5` (the last one).
 *
 * @example
 * cron('0 5 1 * *', { timezone: 'Europe/Berlin', overlap: 'skip' })
 */
export function cron(expression: string, options: CronOptions = {}): ScheduleDefinition {
  const { timezone = null, bothDays = false } = options
  return defined('cron', { type: 'cron', cron: expression, timezone, dayOr: !bothDays }, options)
}

/**
 * A schedule that comes again and again after the same time. Whole days are days of the calendar: the hour stays when clocks change.
 *
 * @example
 * every('15m', { jitter: '1m' })
 */
export function every(interval: Duration, options: EveryOptions = {}): ScheduleDefinition {
  const { timezone = null, anchor } = options
  const intervalS = parseDuration(interval, 'every: the interval') / 1000
  return defined('every', { type: 'interval', intervalS, anchor: anchorOf(anchor, timezone), timezone }, options)
}

/**
 * A schedule of recurrence rules as calendars have them (RFC 5545), with `EXDATE` and `EXRULE` for what is left out. Without a `DTSTART` it
 * counts from 2020-01-01.
 *
 * @example
 * rrule('FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=0')
 */
export function rrule(rules: string, options: ScheduleOptions = {}): ScheduleDefinition {
  return defined('rrule', { type: 'rrule', rrule: rules, timezone: options.timezone ?? null }, options)
}

const ANCHOR = parseInstant('2020-01-01T00:00:00Z') ?? 0

function anchorOf(anchor: Date | string | undefined, timezone: string | null): Instant {
  if (anchor === undefined) return timezone === null || !isTimeZone(timezone) ? ANCHOR : fromLocal(ANCHOR, timezone)
  const instant = anchor instanceof Date ? instantFromDate(anchor) : parseInstant(/T/.test(anchor) ? anchor : `${anchor}T00:00:00Z`)
  if (instant === undefined || Number.isNaN(instant))
    throw new TuttiError('INVALID_SCHEDULE', `every: the anchor ${String(anchor)} is not a time`)
  return instant
}

function defined(what: string, schedule: Schedule, options: ScheduleOptions): ScheduleDefinition {
  const problem = problemOf(schedule)
  if (problem !== undefined) throw new TuttiError('INVALID_SCHEDULE', `${what}: ${problem}`)
  const { slug = null, active = true, parameters = {} } = options
  return { schedule, slug, active, parameters: jsonOf(what, parameters), options: storedOptions(what, options) }
}

/** Parameters travel as JSON: dates as text, which the flow's schema reads again. */
function jsonOf(what: string, parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> {
  try {
    return JSON.parse(jsonWithoutSecrets(parameters, `${what}: its parameters`)) as Readonly<Record<string, Json>> // an object before
  } catch (cause) {
    if (isTuttiError(cause)) throw cause
    throw new TuttiError('INVALID_SCHEDULE', `${what}: its parameters cannot be written as JSON`, { cause })
  }
}

/** What can be told without the libraries that know the times: nobody who writes a flow waits for them. A deploy tells the rest. */
function problemOf(schedule: Schedule): string | undefined {
  if (schedule.timezone !== null && !isTimeZone(schedule.timezone)) return `'${schedule.timezone}' is no time zone`
  switch (schedule.type) {
    case 'interval':
      return schedule.intervalS > 0 ? undefined : 'the interval must be positive'
    case 'cron':
      try {
        cronFields(schedule.cron)
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    case 'rrule':
      return RULE.test(schedule.rrule) ? undefined : `'${schedule.rrule}' has neither a rule (FREQ=DAILY and its like) nor dates (RDATE)`
  }
}

const RULE = /FREQ=(?:YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY|SECONDLY)|RDATE[;:]/i

function storedOptions(what: string, { catchUp = 'latest', expiresAfter, overlap, jitter, calendar }: ScheduleOptions): StoredOptions {
  const rule = typeof calendar === 'object' ? calendar.rule : undefined
  return {
    catchUp: oneOf(CATCH_UPS, catchUp, `${what}: catchUp`),
    ...(expiresAfter === undefined ? undefined : { expiresAfterS: secondsUpTo(EXPIRY_MAX_S, expiresAfter, `${what}: expiresAfter`) }),
    ...(overlap === undefined ? undefined : { overlap: oneOf(OVERLAPS, overlap, `${what}: overlap`) }),
    ...(jitter === undefined ? undefined : { jitterS: secondsUpTo(JITTER_MAX_S, jitter, `${what}: jitter`) }),
    ...(calendar === undefined
      ? undefined
      : {
          calendar: {
            name: typeof calendar === 'string' ? calendar : calendar.name,
            rule: oneOf(DAY_RULES, rule ?? 'skip', `${what}: the rule of the calendar`),
          },
        }),
  }
}

/** Plain JavaScript can hand over anything. */
function oneOf<T extends string>(all: readonly T[], given: T, what: string): T {
  if (!all.includes(given)) throw new TuttiError('INVALID_SCHEDULE', `${what}: '${String(given)}' is none of ${all.join(', ')}`)
  return given
}

function secondsUpTo(maxS: number, duration: Duration, what: string): number {
  const seconds = parseDuration(duration, what) / 1000
  if (seconds > maxS) throw new TuttiError('INVALID_SCHEDULE', `${what}: ${String(duration)} is longer than ${maxS / 86_400} days`)
  return seconds
}
