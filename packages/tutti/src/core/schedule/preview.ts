import type { OpenDays } from '../calendar-days.ts'
import type { CalendarContent } from '../calendar.ts'
import type { Instant } from '../time.ts'
import type { ScheduleOptions } from './definition.ts'
import { plannedRuns } from './plan.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, nextOffsetChange, offsetAt, toLocal } from './time-zone.ts'
import type { LocalTime } from './time-zone.ts'

/** What is special about a time of a schedule. */
export type PreviewMark =
  /** The clocks of its zone were put forward over the time that the schedule names: it is due at another one. */
  | 'gap'
  /** The clocks of its zone show this time twice. */
  | 'overlap'
  /** The offset of its zone is another one than at the time before. */
  | 'offset-changed'
  /** A calendar moved it to an open day. */
  | 'rolled'

export interface PreviewedTime {
  readonly at: Instant
  /** What the schedule says, where it differs. */
  readonly logicalDate: Instant
  readonly local: LocalTime
  /** Microseconds east of UTC. */
  readonly offset: number
  readonly marks: readonly PreviewMark[]
}

export interface PreviewRequest {
  readonly schedule: Schedule
  readonly options?: ScheduleOptions
  readonly openDays?: OpenDays | null
  readonly from: Instant
  readonly limit: number
}

/** A time that a calendar leaves out. */
export interface ExcludedTime {
  readonly at: Instant
  readonly local: LocalTime
  readonly offset: number
  /** A holiday, or the day of the week. */
  readonly because: string
}

export interface PreviewQuestion {
  readonly schedule: Schedule
  readonly options: ScheduleOptions
  /** Instead of the calendar that the options name: one that is nowhere yet. */
  readonly calendar: CalendarContent | null
  /** `null`: from now on. */
  readonly from: Instant | null
  readonly limit: number
}

export interface SchedulePreview {
  readonly times: readonly PreviewedTime[]
  /** Times up to the last of them that fall on closed days, at most as many as may be looked at. */
  readonly excluded: readonly ExcludedTime[]
}

export interface ScheduleOperations {
  /** Stores nothing. Throws `INVALID_SCHEDULE`, `INVALID_REQUEST` (the calendar) and `NOT_FOUND` (a calendar of that name). */
  preview(question: PreviewQuestion): Promise<SchedulePreview>
}

const HOUR_US = 3_600_000_000
const DAY_US = 24 * HOUR_US

/** The next times of a schedule as its clocks show them. */
export function previewSchedule({ schedule, options = {}, openDays = null, from, limit }: PreviewRequest): readonly PreviewedTime[] {
  const zone = schedule.timezone ?? 'UTC'
  const { jitterS: _, ...still } = options
  let offsetBefore = offsetAt(from, zone)
  return plannedRuns({ schedule, options: still, openDays, scheduleId: '' }, { from, limit }).map(({ dueAt, logicalDate, inGap }) => {
    const offset = offsetAt(dueAt, zone)
    const marks: PreviewMark[] = []
    if (inGap) marks.push('gap')
    if (isShownTwice(dueAt, zone)) marks.push('overlap')
    if (offset !== offsetBefore) marks.push('offset-changed')
    if (logicalDate !== dueAt) marks.push('rolled')
    offsetBefore = offset
    return { at: dueAt, logicalDate, local: toLocal(dueAt, zone), offset, marks }
  })
}

/** The times of a schedule up to some moment that it would have without its calendar. */
export function excludedTimes(
  { schedule, openDays = null, from, limit }: Omit<PreviewRequest, 'options'>,
  until: Instant,
): readonly ExcludedTime[] {
  const zone = schedule.timezone ?? 'UTC'
  if (openDays === null) return []
  return plannedRuns({ schedule, options: {}, openDays: null, scheduleId: '' }, { from, until, limit }).flatMap(({ dueAt: at }) => {
    const local = toLocal(at, zone)
    const because = openDays.closedFor(Math.floor(local / DAY_US))
    return because === undefined ? [] : [{ at, local, offset: offsetAt(at, zone), because }]
  })
}

/** Also the second of two: what runs in every hour comes at both. */
function isShownTwice(at: Instant, zone: string): boolean {
  const local = toLocal(at, zone)
  const first = fromLocal(local, zone)
  if (first !== at) return true
  const change = nextOffsetChange(zone, at, at + 3 * HOUR_US)
  return change !== undefined && change.after < change.before && local >= change.at + change.after
}
