import type { OpenDays } from '../calendar-days.ts'
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

const HOUR_US = 3_600_000_000

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

/** Also the second of two: what runs in every hour comes at both. */
function isShownTwice(at: Instant, zone: string): boolean {
  const local = toLocal(at, zone)
  const first = fromLocal(local, zone)
  if (first !== at) return true
  const change = nextOffsetChange(zone, at, at + 3 * HOUR_US)
  return change !== undefined && change.after < change.before && local >= change.at + change.after
}
