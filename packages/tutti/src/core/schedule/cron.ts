import { Cron } from 'croner'
import { dateFromInstant, instantFromDate } from '../time.ts'
import type { Instant } from '../time.ts'
import { eachOnce, wheneverShown } from './clock-times.ts'
import type { ClockTime, NextLocal } from './clock-times.ts'
import { cronFields, isInEveryHour } from './cron-fields.ts'
import type { Schedule } from './schedule.ts'

type CronSchedule = Schedule & { readonly type: 'cron' }

export function cronTimes(schedule: CronSchedule, from: Instant): Iterable<ClockTime> {
  const cron = cronOf(schedule)
  const next: NextLocal = (local) => {
    // The library looks for times after a millisecond.
    const found = cron.nextRun(dateFromInstant(local - 1))
    return found === null ? undefined : instantFromDate(found)
  }
  const zone = schedule.timezone ?? 'UTC'
  return isInEveryHour(schedule.cron) ? wheneverShown(next, zone, from) : eachOnce(next, zone, from)
}

/**
 * What the library makes of it, on a clock that is never put forward or back.
 *
 * @throws whatever is wrong with the text.
 */
export function cronOf({ cron, dayOr }: CronSchedule): Cron {
  const [minute, hour, day, month, weekday, second = '0'] = cronFields(cron)
  const text = [second, minute, hour, day, month, weekday].join(' ')
  return new Cron(text, { utcOffset: 0, domAndDow: !dayOr, sloppyRanges: true, paused: true })
}
