import type { Instant } from '../time.ts'

/** A time as a clock on the wall shows it, as if it were UTC: microseconds since 1970. */
export type LocalTime = number

/** Where the clocks of a zone are put forward or back: the first moment with the new offset. Offsets are microseconds east of UTC. */
export interface OffsetChange {
  readonly at: Instant
  readonly before: number
  readonly after: number
}

const SECOND = 1_000_000
const DAY = 86_400 * SECOND
/** No zone changes its offset twice within one. */
const WEEK = 7 * DAY

const formats = new Map<string, Intl.DateTimeFormat>()
/** Offsets of whole weeks by zone: the platform takes microseconds for each, and times of schedules lie close together. */
const weeks = new Map<string, Map<number, OffsetChange>>()
const WEEKS_MAX = 1_000

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
  return instant + offsetAt(instant, zone)
}

export function offsetAt(instant: Instant, zone: string): number {
  if (zone === 'UTC') return 0
  const { at, before, after } = weekOf(instant, zone)
  return instant < at ? before : after
}

/** The change within the week of an instant; where there is none, both offsets are the same. */
function weekOf(instant: Instant, zone: string): OffsetChange {
  let known = weeks.get(zone)
  if (known === undefined) weeks.set(zone, (known = new Map()))
  const number = Math.floor(instant / WEEK)
  let week = known.get(number)
  if (week === undefined) {
    const [from, to] = [number * WEEK, (number + 1) * WEEK]
    const [before, after] = [askOffset(from, zone), askOffset(to, zone)]
    week = { at: before === after ? from : changeBetween({ from, to, before }, zone), before, after }
    if (known.size >= WEEKS_MAX) known.clear()
    known.set(number, week)
  }
  return week
}

/** By bisection. Changes are on whole seconds. */
function changeBetween(
  { from, to, before }: { readonly from: Instant; readonly to: Instant; readonly before: number },
  zone: string,
): Instant {
  let [low, high] = [from / SECOND, to / SECOND]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (askOffset(middle * SECOND, zone) === before) low = middle
    else high = middle
  }
  return high * SECOND
}

function askOffset(instant: Instant, zone: string): number {
  const whole = Math.floor(instant / SECOND) * SECOND
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(new Date(whole / 1000))) parts[type] = Number(value)
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 - whole
}

/**
 * The instant at which the clocks of a zone show a time. Of two (they were put back) the first. Of none (they were put forward) the one as far
 * after the gap's beginning, or the gap's end: the first moment after it.
 */
export function fromLocal(local: LocalTime, zone: string, inGap: 'as-far' | 'end' = 'as-far'): Instant {
  if (zone === 'UTC') return local
  const before = offsetAt(local - DAY, zone)
  const after = offsetAt(local + DAY, zone)
  const [first, second] = before >= after ? [local - before, local - after] : [local - after, local - before]
  if (toLocal(first, zone) === local) return first
  if (toLocal(second, zone) === local) return second
  // In a gap the offset before it moves the time on by the gap's length.
  return inGap === 'as-far' ? local - before : (nextOffsetChange(zone, first, second)?.at ?? second)
}

/** The first change of a zone's offset after an instant, up to another one; `undefined` when there is none. */
export function nextOffsetChange(zone: string, after: Instant, until: Instant): OffsetChange | undefined {
  if (zone === 'UTC') return undefined
  for (let week = Math.floor(after / WEEK); week * WEEK <= until; week++) {
    const change = weekOf(week * WEEK, zone)
    if (change.before !== change.after && change.at > after) return change.at <= until ? change : undefined
  }
  return undefined
}
