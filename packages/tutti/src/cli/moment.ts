import { formatDuration, parseDuration } from '../core/duration.ts'
import { after, dateFromInstant, elapsedMs, formatInstant, parseInstant } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { UsageError } from './usage-error.ts'

/** A moment as typed: a time, a day, or how long ago. */
export type Moment = { readonly type: 'at'; readonly instant: Instant } | { readonly type: 'ago'; readonly ms: number }

/** Reads `2h`, `2026-01-31` (UTC) or `2026-01-31T10:00:00Z`. */
export function parseMoment(text: string): Moment {
  const instant = parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (instant !== undefined) return { type: 'at', instant }
  try {
    return { type: 'ago', ms: parseDuration(text, 'time') }
  } catch {
    throw new UsageError(
      `'${text}' is not a time`,
      'Write how long ago (30m, 2h, 7d) or a time such as 2026-01-31 or 2026-01-31T10:00:00Z.',
    )
  }
}

export function momentAt(moment: Moment, now: Instant): Instant {
  return moment.type === 'at' ? moment.instant : after(now, -moment.ms)
}

/** `3 m 4 s ago`; nearer than a second is `just now`. */
export function ago(instant: Instant, now: Instant): string {
  const ms = elapsedMs(instant, now)
  if (Math.abs(ms) < 1000) return 'just now'
  return ms < 0 ? `in ${formatDuration(-ms)}` : `${formatDuration(ms)} ago`
}

/** `2026-01-31 10:00:00Z`, for people. */
export function clockTime(instant: Instant): string {
  return formatInstant(Math.floor(instant / 1_000_000) * 1_000_000).replace('T', ' ')
}

/** `2026-01-31T10:00:00.123Z`, for lines of a log. */
export function stamp(instant: Instant): string {
  return dateFromInstant(instant).toISOString()
}

export function timeOrNull(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant)
}
