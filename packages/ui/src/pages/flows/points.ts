// Runs as points over time, and what is common in each stretch of it.
import { toneOf } from '../../states.ts'
import type { Tone } from '../../states.ts'

interface WirePoint {
  readonly id: string
  readonly state_type: string
  readonly timestamp: string
  readonly duration: number
  readonly lateness: number
}

export interface Point {
  readonly id: string
  readonly at: number
  readonly tone: Tone
  readonly durationMs: number
}

export function pointsOf(found: readonly WirePoint[]): readonly Point[] {
  return found
    .map((point) => ({
      id: point.id,
      at: Date.parse(point.timestamp),
      tone: toneOf(point.state_type),
      durationMs: point.duration * 1_000,
    }))
    .toSorted((one, other) => one.at - other.at)
}

export interface SpreadPoint {
  readonly at: number
  readonly p50: number
  readonly p95: number
}

/** By the nearest rank. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** The middle and the long end of durations, in so many stretches; those without a run that ended well are left out. */
export function spreadsOf(points: readonly Point[], from: number, to: number, stretches: number): readonly SpreadPoint[] {
  const step = (to - from) / stretches
  return Array.from({ length: stretches }, (_, index) => {
    const [start, end] = [from + index * step, from + (index + 1) * step]
    const durations = points
      .filter(({ at, tone }) => at >= start && at < end && tone === 'completed')
      .map(({ durationMs }) => durationMs)
      .toSorted((one, other) => one - other)
    return { at: (start + end) / 2, count: durations.length, p50: percentile(durations, 0.5), p95: percentile(durations, 0.95) }
  }).flatMap(({ at, count, p50, p95 }) => (count === 0 ? [] : [{ at, p50, p95 }]))
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
]

/** Durations to write beside a chart: few, and such as people count in. */
export function durationLines(longestMs: number): readonly number[] {
  const wanted = Math.max(2, longestMs)
  const step = STEPS_MS.find((each) => wanted / each <= 4) ?? Math.ceil(wanted / 4 / 86_400_000) * 86_400_000
  return Array.from({ length: Math.ceil(wanted / step) }, (_, at) => (at + 1) * step)
}
