import type { Instant } from '../time.ts'

/** When a deployment's runs are made. */
export type Schedule =
  /** `anchor + k × interval`. Whole days are days of the calendar in the time zone, the rest is elapsed time. */
  | { readonly type: 'interval'; readonly intervalS: number; readonly anchor: Instant; readonly timezone: string | null }
  /** Five or six fields, or `@daily` and its like, on the clock of the time zone. */
  | {
      readonly type: 'cron'
      readonly cron: string
      readonly timezone: string | null
      /** Whether one of day of month and day of week is enough, as cron has it, or both must hold. */
      readonly dayOr: boolean
    }
  /** RFC 5545, with exceptions; its times are read in the time zone. */
  | { readonly type: 'rrule'; readonly rrule: string; readonly timezone: string | null }
