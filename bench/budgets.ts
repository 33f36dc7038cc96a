import type { Series, Value } from './summary.ts'

/** How many times its floor a workload may take, one task after the other and fanned out; what the benchmarks fail by, on any machine. */
export const ratioMax: Readonly<Record<string, number>> = { W1: 2.5, W2: 3 }

/** A figure to reach on a quiet machine with two cores. Printed beside the measured one; it fails nothing. */
export interface Goal extends Series {
  readonly value: Value
  readonly atMost?: number
  readonly atLeast?: number
}

export const goals: readonly Goal[] = [
  { workload: 'W1', durability: 'normal', value: 'p50_us', atMost: 60 },
  { workload: 'W1', durability: 'full', value: 'per_second', atLeast: 1_600 },
  { workload: 'W2', n: 10_000, value: 'per_second', atLeast: 25_000 },
  { workload: 'W3', durability: 'normal', value: 'per_second', atLeast: 5_000 },
  { workload: 'W3', case: 'SQLite: serve', value: 'per_second', atLeast: 1_000 },
  { workload: 'W3', case: 'SQLite: process worker', value: 'per_second', atLeast: 50 },
  { workload: 'W4', case: 'SQLite: serve', value: 'p50_us', atMost: 2_000 },
  { workload: 'W4', case: 'SQLite: warm worker', value: 'p50_us', atMost: 10_000 },
  { workload: 'W4', case: 'SQLite: warm worker', value: 'p99_us', atMost: 30_000 },
  { workload: 'W4', case: 'SQLite: cold worker', value: 'p50_us', atMost: 400_000 },
  { workload: 'W5', case: 'fib(10)', durability: 'normal', value: 'total_ms', atMost: 10 },
  { workload: 'W6', case: 'tutti --help', value: 'total_ms', atMost: 120 },
  { workload: 'ui', case: 'first load of JavaScript (gzip)', value: 'size_kb', atMost: 350 },
  { workload: 'ui', value: 'total_ms', atMost: 1_000 },
  { workload: 'ui', value: 'median_ms', atMost: 20 },
  { workload: 'ui', value: 'longest_ms', atMost: 100 },
  { workload: 'W9', value: 'p95_us', atMost: 50_000 },
  { workload: 'W7', value: 'heap_mb', atMost: 400 },
  { workload: 'W10', case: 'W1', value: 'per_second', atLeast: 1_200 },
  { workload: 'W10', case: 'W2', n: 10_000, value: 'per_second', atLeast: 10_000 },
  { workload: 'W10', case: 'W3', value: 'per_second', atLeast: 2_500 },
  { workload: 'W11', case: 'SQLite: W1', value: 'p50_us', atMost: 500 },
  { workload: 'W11', case: 'SQLite: W2', n: 10_000, value: 'per_second', atLeast: 12_000 },
]
