import type { Instant } from '../time.ts'
import type { ClockTime } from './clock-times.ts'
import { cronOf, cronTimes } from './cron.ts'
import { intervalTimes } from './interval.ts'
import { RRULE_MAX, ruleSetOf, ruleTimes } from './rrule.ts'
import type { Schedule } from './schedule.ts'
import { isTimeZone } from './time-zone.ts'
import { LOOKED_AT_MAX } from './window.ts'

/**
 * The next times of a schedule from an instant on (that one included), in order, at most `limit` and none after `until`.
 *
 * Times are times on the clock of the schedule's zone, and each of them comes once. Where clocks are put forward, those that do not exist are
 * due, once, at the first moment after the gap; where they are put back, those that exist twice are due at the first. Two kinds of schedules go
 * by the time that passes instead: those that run in every hour of the day are due whenever the clock shows their minute, also twice, and
 * intervals shorter than a day do not look at clocks. A time of an interval in days that does not exist is moved on by the gap's length.
 */
export function occurrences(
  schedule: Schedule,
  from: Instant,
  { limit, until = Infinity }: { readonly limit: number; readonly until?: Instant },
): readonly Instant[] {
  const times: Instant[] = []
  const most = Math.min(limit, LOOKED_AT_MAX)
  if (most <= 0) return times
  for (const { at } of timesOf(schedule, from)) {
    if (at > until) break
    times.push(at)
    if (times.length >= most) break
  }
  return times
}

/** All of them from an instant on, in order: without an end, mostly. */
export function timesOf(schedule: Schedule, from: Instant): Iterable<ClockTime> {
  switch (schedule.type) {
    case 'interval':
      return intervalTimes(schedule, from)
    case 'cron':
      return cronTimes(schedule, from)
    case 'rrule':
      return ruleTimes(schedule, from)
  }
}

/** What is wrong with a schedule, in words; `undefined` when it can be used. */
export function scheduleProblem(schedule: Schedule): string | undefined {
  if (schedule.timezone !== null && !isTimeZone(schedule.timezone)) return `Invalid timezone: "${schedule.timezone}"`
  try {
    switch (schedule.type) {
      case 'interval':
        return schedule.intervalS > 0 ? undefined : 'interval must be positive'
      case 'cron':
        if (/(^|[\s,])[RHrh](?:[\s,(]|$)/.test(schedule.cron)) return 'Random and Hashed expressions are unsupported'
        cronOf(schedule)
        return undefined
      case 'rrule':
        if (schedule.rrule.length > RRULE_MAX) return `Invalid RRule: longer than ${RRULE_MAX} characters`
        ruleSetOf(schedule)
        return undefined
    }
  } catch (error) {
    const what = schedule.type === 'cron' ? `Invalid cron: "${schedule.cron}"` : 'Invalid RRule'
    return `${what}: ${error instanceof Error ? error.message : String(error)}`
  }
}
