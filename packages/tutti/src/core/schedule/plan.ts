import type { OpenDays } from '../calendar-days.ts'
import type { Instant } from '../time.ts'
import type { ScheduleOptions } from './definition.ts'
import { timesOf } from './index.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, toLocal } from './time-zone.ts'
import { LOOKED_AT_MAX } from './window.ts'

/** A run that a schedule asks for. */
export interface PlannedRun {
  /** What the schedule says: the run is about this moment. */
  readonly logicalDate: Instant
  /** When it is to start: the same, on an open day, and moved on by its part of the jitter. */
  readonly dueAt: Instant
  /** The clocks of the zone were put forward over what the schedule says. */
  readonly inGap: boolean
}

export interface Plan {
  readonly schedule: Schedule
  readonly options: ScheduleOptions
  /** Of the calendar that the options name. */
  readonly openDays: OpenDays | null
  /** Schedules are spread differently. */
  readonly scheduleId: string
}

const SECOND_US = 1_000_000
const DAY_US = 86_400 * SECOND_US
/** So far a time is rolled at most, mostly; whoever looks for runs of a span looks so far around it. */
const ROLLED_US = 31 * DAY_US
/** Every minute of that time. */
const LOOKED_BACK_AT_MAX = 50_000

/** The runs of a schedule that are due from an instant on, in order; of several at one moment there is one, about the latest. */
export function plannedRuns(
  { schedule, options, openDays, scheduleId }: Plan,
  { from, until = Infinity, limit }: { readonly from: Instant; readonly until?: Instant; readonly limit: number },
): readonly PlannedRun[] {
  const jitterUs = (options.jitterS ?? 0) * SECOND_US
  const rule = openDays === null ? undefined : options.calendar?.rule
  const rolledOn = rule === 'roll-forward' ? ROLLED_US : 0
  const rolledBack = rule === 'roll-back' ? ROLLED_US : 0
  const runs = new Map<Instant, PlannedRun>()
  const zone = schedule.timezone ?? 'UTC'
  let looked = 0
  // Whatever is due before this moment has been found.
  let complete = from
  for (const { at: logicalDate, wanted } of timesOf(schedule, from - jitterUs - rolledOn)) {
    complete = logicalDate - rolledBack
    if (complete > until || countUntil(runs, complete) >= limit) break
    if (++looked > (logicalDate < from ? LOOKED_BACK_AT_MAX : LOOKED_BACK_AT_MAX + LOOKED_AT_MAX)) break
    const at = openDays === null || rule === undefined ? logicalDate : onOpenDay(logicalDate, zone, openDays, rule)
    if (at === undefined) continue
    const dueAt = at + Math.floor(share(scheduleId, at) * jitterUs)
    if (dueAt >= from && dueAt <= until) runs.set(dueAt, { logicalDate, dueAt, inGap: toLocal(logicalDate, zone) !== wanted })
  }
  return [...runs.values()].toSorted((one, other) => one.dueAt - other.dueAt).slice(0, Math.max(0, limit))
}

function countUntil(runs: ReadonlyMap<Instant, PlannedRun>, complete: Instant): number {
  let count = 0
  for (const at of runs.keys()) if (at < complete) count += 1
  return count
}

/** The same time of the day on an open day; `undefined`: it is left out. */
function onOpenDay(at: Instant, zone: string, openDays: OpenDays, rule: 'skip' | 'roll-forward' | 'roll-back'): Instant | undefined {
  const local = toLocal(at, zone)
  const day = Math.floor(local / DAY_US)
  if (openDays.isOpen(day)) return at
  if (rule === 'skip') return undefined
  const nearest = openDays.nearest(day, rule === 'roll-forward' ? 1 : -1)
  return nearest === undefined ? undefined : fromLocal(local + (nearest - day) * DAY_US, zone, 'end')
}

/** A number in [0, 1) that is always the same for a schedule and a time (FNV-1a, mixed). */
function share(scheduleId: string, at: Instant): number {
  let hash = 0x811c9dc5
  for (const character of `${scheduleId} ${at}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
