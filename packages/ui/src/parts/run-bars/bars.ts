// Runs in equal stretches of time, as bars of a chart.
import { STATE_TYPES, toneOf } from '../../states.ts'
import type { StateType, Tone } from '../../states.ts'

/** From the base up: what went wrong stands on the base, where it can be compared. */
export const BAR_TONES = [
  'failed',
  'crashed',
  'late',
  'cancelled',
  'paused',
  'retrying',
  'running',
  'pending',
  'scheduled',
  'completed',
] as const satisfies readonly Tone[]
export type BarTone = (typeof BAR_TONES)[number]

/** What to ask the list of runs for, to see those of one colour. */
export const STATES_OF_TONE: Readonly<Record<BarTone, readonly string[]>> = {
  failed: ['FAILED'],
  crashed: ['CRASHED'],
  late: ['Late'],
  cancelled: ['CANCELLED', 'CANCELLING'],
  paused: ['PAUSED'],
  retrying: ['Retrying', 'AwaitingRetry'],
  running: ['RUNNING'],
  pending: ['PENDING'],
  scheduled: ['SCHEDULED'],
  completed: ['COMPLETED'],
}

export interface Bar {
  readonly from: number
  readonly to: number
  readonly total: number
  readonly counts: Readonly<Partial<Record<BarTone, number>>>
}

interface Bucket {
  readonly interval_start: string
  readonly interval_end: string
  readonly states: readonly { readonly state_type: string; readonly state_name: string; readonly count_runs: number }[]
}

function barTone(type: string, name: string): BarTone {
  const tone = toneOf(type, name)
  return tone === 'cached' || tone === 'replayed' || tone === 'retried' ? 'completed' : tone
}

export function barsOfHistory(buckets: readonly Bucket[]): readonly Bar[] {
  return buckets.map((bucket) => {
    const counts: Partial<Record<BarTone, number>> = {}
    let total = 0
    for (const { state_type: type, state_name: name, count_runs: runs } of bucket.states) {
      const tone = barTone(type, name)
      counts[tone] = (counts[tone] ?? 0) + runs
      total += runs
    }
    return { from: Date.parse(bucket.interval_start), to: Date.parse(bucket.interval_end), total, counts }
  })
}

export interface Segment {
  readonly tone: BarTone
  readonly below: number
  readonly height: number
}

/** The parts of a bar from the base up. One run that failed among thousands is seen too. */
export function segmentsOf({ counts }: Pick<Bar, 'counts'>, perRun: number): readonly Segment[] {
  const segments: Segment[] = []
  let below = 0
  for (const tone of BAR_TONES) {
    const count = counts[tone] ?? 0
    if (count === 0) continue
    const height = Math.max(tone === 'completed' ? 1 : 2, count * perRun)
    segments.push({ tone, below, height })
    below += height
  }
  return segments
}

/** How many there are of each type in all. */
export function totalsOf(buckets: readonly Bucket[]): Readonly<Record<StateType, number>> {
  const totals = Object.fromEntries(STATE_TYPES.map((type) => [type, 0])) as Record<StateType, number> // of every type
  for (const { state_type: type, count_runs: runs } of buckets.flatMap(({ states }) => states)) totals[type as StateType] += runs // of the wire
  return totals
}

/** Of those that have ended by themselves; `undefined`: none has. */
export function successRate({ COMPLETED, FAILED, CRASHED }: Readonly<Record<StateType, number>>): number | undefined {
  const ended = COMPLETED + FAILED + CRASHED
  return ended === 0 ? undefined : COMPLETED / ended
}

export interface Comparison {
  readonly text: string
  readonly direction: 'up' | 'down' | 'same'
}

/** `+12 %`, `3×`, `new`: how a number stands to that of the time before. */
export function compared(now: number, before: number): Comparison {
  if (now === before) return { text: 'as before', direction: 'same' }
  if (before === 0) return { text: 'none before', direction: 'up' }
  const ratio = now / before
  const direction = ratio > 1 ? 'up' : 'down'
  if (ratio >= 3) return { text: `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}×`, direction }
  const change = Math.round((ratio - 1) * 100)
  if (change === 0) return { text: 'as before', direction: 'same' }
  return { text: `${change > 0 ? '+' : '−'}${Math.abs(change)} %`, direction }
}

/** In hundredths: shares are not compared by their ratio. */
export function comparedShare(now: number, before: number): Comparison {
  const points = (now - before) * 100
  if (Math.abs(points) < 0.05) return { text: 'as before', direction: 'same' }
  return { text: `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} points`, direction: points > 0 ? 'up' : 'down' }
}

/** A round number not below the highest bar, and the lines to it. */
export function scaleOf(highest: number): { readonly max: number; readonly lines: readonly number[] } {
  const wanted = Math.max(2, highest)
  const size = 10 ** Math.floor(Math.log10(wanted))
  const step = [0.2, 0.5, 1, 2, 5].map((each) => Math.max(1, each * size)).find((each) => wanted / each <= 4) ?? size * 5
  const count = Math.ceil(wanted / step)
  return { max: count * step, lines: Array.from({ length: count }, (_, at) => (at + 1) * step) }
}

export interface TimeTick {
  readonly at: number
  readonly isDay: boolean
}

const HOUR = 3_600_000
const TICKS = [
  5_000,
  30_000,
  60_000,
  5 * 60_000,
  10 * 60_000,
  15 * 60_000,
  30 * 60_000,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  48 * HOUR,
  7 * 24 * HOUR,
  14 * 24 * HOUR,
  28 * 24 * HOUR,
]

/** Moments to write below a chart, on whole hours and midnights of a zone so many milliseconds before UTC. */
export function timeTicks(from: number, to: number, ticksMax: number, zoneOffsetMs: number): readonly TimeTick[] {
  const step = TICKS.find((each) => (to - from) / each <= ticksMax) ?? (to - from) / ticksMax
  const first = Math.ceil((from + zoneOffsetMs) / step) * step - zoneOffsetMs
  const ticks: TimeTick[] = []
  for (let at = first; at <= to; at += step) ticks.push({ at, isDay: (at + zoneOffsetMs) % (24 * HOUR) === 0 || step >= 24 * HOUR })
  return ticks
}
