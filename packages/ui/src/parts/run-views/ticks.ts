// Where the marks of a time axis stand, and what is written at them.
import { duration } from '../../format.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MICROSECOND = 0.001

/** Steps that people count in. Below a second: 1, 2 and 5 of each power of ten. */
const STEPS: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1, 10, 100].flatMap((power) => [1, 2, 5].map((each) => each * power)),
  ...[1, 2, 5, 10, 15, 30].map((each) => each * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 6, 12].map((each) => each * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((each) => each * DAY),
]

/** The finest step of which at most so many fit. */
export function stepFor(spanMs: number, marksMax: number): number {
  return STEPS.find((step) => spanMs / step <= Math.max(1, marksMax)) ?? STEPS.at(-1)!
}

export interface Ticks {
  readonly stepMs: number
  readonly at: readonly number[]
}

/** Marks counted from a beginning. */
export function elapsedTicks({ from, to, origin, marksMax }: { from: number; to: number; origin: number; marksMax: number }): Ticks {
  const stepMs = stepFor(to - from, marksMax)
  const at: number[] = []
  for (let index = Math.ceil((from - origin) / stepMs); origin + index * stepMs <= to; index++) at.push(origin + index * stepMs)
  return { stepMs, at }
}

/** Marks at round times of the clock of a zone, also across a change of daylight saving. `offsetAt`: minutes ahead of UTC. */
export function clockTicks({
  from,
  to,
  marksMax,
  offsetAt,
}: {
  from: number
  to: number
  marksMax: number
  offsetAt: (at: number) => number
}): Ticks {
  const stepMs = stepFor(to - from, marksMax)
  const at: number[] = []
  // Zones are shifted by quarters of an hour; finer marks stand where they stand in all of them.
  const isShifted = stepMs > 15 * MINUTE
  const shiftAt = (moment: number): number => (isShifted ? offsetAt(moment) * MINUTE : 0)
  const first = shiftAt(from)
  // A change of daylight saving may bring marks back into sight.
  const last = to + (isShifted ? HOUR : 0)
  for (let index = Math.ceil((from + first) / stepMs); ; index++) {
    const local = index * stepMs
    const guess = local - first
    if (guess > last) break
    const mark = local - shiftAt(local - shiftAt(guess))
    if (mark >= from && mark <= to && mark !== at.at(-1)) at.push(mark)
  }
  return { stepMs, at }
}

/** `+1m 30s`, as fine as the step. */
export function elapsedLabel(ms: number, stepMs: number): string {
  if (Math.abs(ms) < MICROSECOND / 2) return '0'
  const sign = ms < 0 ? '−' : ''
  const abs = Math.abs(ms)
  if (stepMs < 1) return `${sign}${abs >= SECOND ? `${(abs / SECOND).toFixed(6)} s` : `${trimmed(abs, 3)} ms`}`
  if (abs < SECOND) return `${sign}${Math.round(abs)} ms`
  if (abs < MINUTE) return `${sign}${stepMs < SECOND ? trimmed(abs / SECOND, 3) : Math.round(abs / SECOND)} s`
  if (stepMs < SECOND) return `${sign}${Math.floor(abs / MINUTE)}m ${((abs % MINUTE) / SECOND).toFixed(3)}s`
  return `${sign}${duration(Math.round(abs / SECOND) * SECOND).replace(/ 00[ms]$/, '')}`
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}

/** Minutes a zone is ahead of UTC. */
export function zoneOffset(zone: string | undefined): (at: number) => number {
  if (zone === undefined) return (at) => -new Date(at).getTimezoneOffset()
  if (zone === 'UTC') return () => 0
  const format = formatOf(zone, {
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const local = Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'])
    return Math.round((local - Math.floor(at / MINUTE) * MINUTE) / MINUTE)
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once: an axis that moves is written anew for every frame. */
function formatOf(zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([zone, options])
  const known = formats.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en', zone === undefined ? options : { ...options, timeZone: zone })
  formats.set(key, made)
  return made
}

/** What is written at marks of the clock: the day where it changes, and the time as fine as the step. */
export function clockLabels({ stepMs, at }: Ticks, zone: string | undefined): readonly string[] {
  const day = formatOf(zone, { month: 'short', day: 'numeric' })
  const time = formatOf(zone, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(stepMs < MINUTE ? { second: '2-digit' } : undefined),
    ...(stepMs < SECOND ? { fractionalSecondDigits: 3 } : undefined),
  })
  let before = ''
  return at.map((mark, index) => {
    const date = day.format(mark)
    const isNewDay = date !== before && (index > 0 || stepMs >= HOUR)
    before = date
    if (stepMs >= DAY) return date
    // Below a millisecond the clock has no digits left: what is counted is told from the whole one.
    const text = stepMs < 1 ? `${time.format(mark).slice(-6)}${(mark % 1).toFixed(3).slice(2)}` : time.format(mark)
    return isNewDay ? `${date} ${text}` : text
  })
}
