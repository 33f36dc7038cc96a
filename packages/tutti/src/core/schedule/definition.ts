import type { Json } from '../json.ts'
import type { Schedule } from './schedule.ts'

/** What happens to times that passed while no server was there: all of them run, the latest one does, or none. */
export type CatchUp = (typeof CATCH_UPS)[number]
/** What happens to a run that is due while an earlier one of its schedule has not ended. */
export type Overlap = (typeof OVERLAPS)[number]
/** What happens to a time on a day that a calendar has as closed. */
export type DayRule = (typeof DAY_RULES)[number]

export const CATCH_UPS = ['all', 'latest', 'none'] as const
export const OVERLAPS = ['allow', 'skip', 'queue', 'cancel-running'] as const
export const DAY_RULES = ['skip', 'roll-forward', 'roll-back'] as const

/** No run is spread further than a day, and none that is a year late is worth a start. */
export const JITTER_MAX_S = 86_400
export const EXPIRY_MAX_S = 366 * 86_400

/** What a schedule says beyond its times. What is absent is as the protocol has it: runs that were made in advance run, however late. */
export interface ScheduleOptions {
  readonly catchUp?: CatchUp
  /** A run that has not started so long after it was due is cancelled. */
  readonly expiresAfterS?: number
  readonly overlap?: Overlap
  /** Runs start up to so much later than the schedule says, each by a part of it that is always the same. */
  readonly jitterS?: number
  readonly calendar?: { readonly name: string; readonly rule: DayRule }
}

/** A schedule as users write it: what `cron()`, `every()` and `rrule()` return. */
export interface ScheduleDefinition {
  readonly schedule: Schedule
  /** A name of its own among the schedules of its deployment; `null`: it has none. */
  readonly slug: string | null
  readonly active: boolean
  /** On top of those of the deployment. */
  readonly parameters: Readonly<Record<string, Json>>
  readonly options: ScheduleOptions
}
