import { calendarProblem, OpenDays } from '../core/calendar-days.ts'
import type { CalendarContent } from '../core/calendar.ts'
import { TuttiError } from '../core/errors.ts'
import { scheduleProblem } from '../core/schedule/index.ts'
import { excludedTimes, previewSchedule } from '../core/schedule/preview.ts'
import type { PreviewQuestion, ScheduleOperations } from '../core/schedule/preview.ts'
import type { Deps } from './deps.ts'

/** Times of which it is told that a calendar leaves them out. */
const EXCLUDED_MAX = 1_000

export function scheduleOperations({ store, clock }: Deps): ScheduleOperations {
  return {
    async preview({ schedule, options, calendar, from: asked, limit }) {
      const problem = scheduleProblem(schedule)
      if (problem !== undefined) throw new TuttiError('INVALID_SCHEDULE', problem)
      const days = await calendarOf(options, calendar)
      const openDays = days === null ? null : new OpenDays(days)
      const rule = options.calendar?.rule ?? 'skip'
      const from = asked ?? clock.now()
      const all = { ...options, ...(openDays === null ? undefined : { calendar: { name: '', rule } }) }
      const times = previewSchedule({ schedule, options: all, openDays, from, limit })
      const last = times.at(-1)
      // What a calendar moves to other days is among the times.
      const until = rule !== 'skip' ? undefined : (last?.at ?? Infinity)
      const excluded = until === undefined ? [] : excludedTimes({ schedule, openDays, from, limit: EXCLUDED_MAX }, until)
      return { times, excluded }
    },
  }

  async function calendarOf(
    { calendar: named }: PreviewQuestion['options'],
    given: CalendarContent | null,
  ): Promise<Pick<CalendarContent, 'weekend' | 'holidays'> | null> {
    if (given !== null) {
      const problem = calendarProblem('new', given)
      if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', problem)
      return given
    }
    if (named === undefined) return null
    const found = await store.read(() => store.tables.calendars.get(named.name))
    if (found === undefined) throw new TuttiError('NOT_FOUND', `there is no calendar ${named.name}`)
    return found
  }
}
