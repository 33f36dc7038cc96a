import { goals, ratioMax } from './budgets.ts'
import type { Goal } from './budgets.ts'
import type { Measurement } from './measurement.ts'
import { median, round } from './statistics.ts'

/** The repeats of one workload in one variant, and those of its floor. */
export interface Series {
  readonly workload: string
  readonly case?: string
  readonly durability?: 'normal' | 'full'
  readonly n?: number
}

const VALUES = [
  'total_ms',
  'per_second',
  'p50_us',
  'p95_us',
  'p99_us',
  'median_ms',
  'longest_ms',
  'size_kb',
  'rss_mb',
  'heap_mb',
  'replay_ms',
] as const
export type Value = (typeof VALUES)[number]

/** The medians of a series beside what they should be. */
export interface Summary extends Series, Partial<Record<Value, number>> {
  readonly floor_ms?: number
  /** The workload's total through its floor's. */
  readonly ratio?: number
  /** The ratio beyond which the benchmarks fail. */
  readonly ratio_max?: number
  readonly within?: boolean
  /** Goals on a quiet machine, of values that were measured; missing them fails nothing. */
  readonly goals?: readonly (Goal & { readonly reached: boolean })[]
}

export function summarize(measurements: readonly Measurement[]): readonly Summary[] {
  const counted = measurements.filter(({ repeat }) => repeat > 0)
  const groups = Map.groupBy(
    counted.filter(({ workload }) => workload !== 'floor'),
    keyOf,
  )
  return [...groups.values()].map((group) => {
    const first = group[0]!
    const floors = counted.filter((candidate) => candidate.workload === 'floor' && keyOf(candidate) === keyOf(first))
    return summary(first, group, floors)
  })
}

function summary(first: Measurement, group: readonly Measurement[], floors: readonly Measurement[]): Summary {
  const series: Series = {
    workload: first.workload,
    ...(first.case === undefined ? {} : { case: first.case }),
    ...(first.durability === undefined ? {} : { durability: first.durability }),
    ...(first.n === undefined ? {} : { n: first.n }),
  }
  const medians: Partial<Record<Value, number>> = {}
  for (const value of VALUES) {
    const measured = valuesOf(group, value)
    if (measured.length > 0) medians[value] = round(median(measured), 2)
  }
  const told = goals.flatMap((goal) => {
    const measured = medians[goal.value]
    return measured !== undefined && isFor(goal, series) ? [{ ...goal, reached: isReached(goal, measured) }] : []
  })
  return {
    ...series,
    ...medians,
    ...against(first.workload, valuesOf(group, 'total_ms'), valuesOf(floors, 'total_ms')),
    ...(told.length === 0 ? {} : { goals: told }),
  }
}

function against(workload: string, totals: readonly number[], floors: readonly number[]): Partial<Summary> {
  if (totals.length === 0 || floors.length === 0) return {}
  const floorMs = median(floors)
  const ratio = median(totals) / floorMs
  const max = ratioMax[workload]
  return {
    floor_ms: round(floorMs, 2),
    ratio: round(ratio, 2),
    ...(max === undefined ? {} : { ratio_max: max, within: ratio <= max }),
  }
}

function keyOf(measurement: Measurement): string {
  return JSON.stringify([measurement.of ?? measurement.workload, measurement.case, measurement.durability, measurement.n])
}

function valuesOf(group: readonly Measurement[], value: Value): readonly number[] {
  return group.map((measurement) => measurement[value]).filter((measured) => measured !== undefined)
}

function isFor(goal: Goal, series: Series): boolean {
  return (['workload', 'case', 'durability', 'n'] as const).every((field) => goal[field] === undefined || goal[field] === series[field])
}

function isReached({ atMost, atLeast }: Goal, measured: number): boolean {
  return (atMost === undefined || measured <= atMost) && (atLeast === undefined || measured >= atLeast)
}
