import type { Instant } from '../time.ts'

/** A time as a clock on the wall shows it, as if it were UTC: microseconds since 1970. */
export type LocalTime = number

const formats = new Map<string, Intl.DateTimeFormat>()

export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  return format
}

/** What the clocks of a zone show at an instant. */
export function toLocal(instant: Instant, zone: string): LocalTime {
  const micros = ((instant % 1_000_000) + 1_000_000) % 1_000_000
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(new Date((instant - micros) / 1000))) parts[type] = Number(value)
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + micros
}

/**
 * The instant at which the clocks of a zone show a time. Of two (they were put back) the first; of none (they were put forward) the one as far
 * after the gap's beginning.
 */
export function fromLocal(local: LocalTime, zone: string): Instant {
  const offsetAt = (instant: Instant): number => toLocal(instant, zone) - instant
  const DAY = 86_400_000_000
  const offsets = [offsetAt(local - DAY), offsetAt(local + DAY)]
  const fitting = offsets.map((offset) => local - offset).filter((instant) => toLocal(instant, zone) === local)
  // In a gap the offset before it moves the time on by the gap's length.
  return fitting.length === 0 ? local - offsets[0]! : Math.min(...fitting)
}
