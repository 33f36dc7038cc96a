import type { Instant } from '../time.ts'
import { cronOf, cronTimes } from './cron.ts'
import { intervalTimes } from './interval.ts'
import { RRULE_MAX, ruleSetOf, ruleTimes } from './rrule.ts'
import type { Schedule } from './schedule.ts'
import { isTimeZone } from './time-zone.ts'
import { LOOKED_AT_MAX } from './window.ts'

/**
 * The next times of a schedule from an instant on (that one included), in order, at most `limit` and none after `until`.
 *
 * Where clocks are put forward, a time that does not exist fires at the first moment after the gap (cron), is moved on by its length
 * (interval in days), or is left out (rrule, RFC 5545 section 3.3.10). Where they are put back, a time that exists twice fires once, at the first.
 */
export function occurrences(
  schedule: Schedule,
  from: Instant,
  { limit, until = Infinity }: { readonly limit: number; readonly until?: Instant },
): readonly Instant[] {
  const window = { from, until, limit: Math.min(limit, LOOKED_AT_MAX) }
  if (window.limit <= 0) return []
  switch (schedule.type) {
    case 'interval':
      return intervalTimes(schedule, window)
    case 'cron':
      return cronTimes(schedule, window)
    case 'rrule':
      return ruleTimes(schedule, window)
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
