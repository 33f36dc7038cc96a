import type { Instant } from './time.ts'

/** Days on which nothing runs, under a name that schedules refer to. */
export interface Calendar {
  readonly name: string
  readonly description: string | null
  /** Days of the week that are closed: 1 for Monday to 7 for Sunday. */
  readonly weekend: readonly number[]
  readonly holidays: readonly Holiday[]
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** One closed day, several after each other, or such that come again. */
export interface Holiday {
  /** The first day, as `2026-12-25`. */
  readonly from: DayText
  /** The last day, included; a single one is both. */
  readonly to: DayText
  readonly name: string
  /** Comes again by this rule (RFC 5545), as `FREQ=YEARLY`, counted from the first day. */
  readonly rule?: string
}

/** A day as `2026-12-25`. */
export type DayText = string

export type CalendarContent = Pick<Calendar, 'description' | 'weekend' | 'holidays'>

/** A calendar that is not there is `NOT_FOUND`; one that cannot be used `INVALID_REQUEST`. */
export interface CalendarOperations {
  /** By name. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<readonly Calendar[]>
  read(name: string): Promise<Calendar>
  /** A new calendar, or new content of one; schedules that refer to it make their runs anew. */
  put(name: string, content: CalendarContent): Promise<{ readonly calendar: Calendar; readonly isNew: boolean }>
  /** Throws `CONFLICT` while a schedule refers to it. */
  remove(name: string): Promise<void>
}

export const CALENDAR_NAME_MAX = 255
export const HOLIDAYS_MAX = 5_000
/** A single closure is no longer. */
export const CLOSED_DAYS_MAX = 366
