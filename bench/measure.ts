/** One line of output: fields that make no sense for a workload are left out. */
export interface Measurement {
  readonly workload: string
  readonly mode: 'embedded'
  readonly durability?: 'normal' | 'full'
  readonly repeat: number
  readonly n?: number
  readonly total_ms?: number
  readonly per_second?: number
  readonly p50_us?: number
  readonly p99_us?: number
  readonly rss_mb?: number
  readonly heap_mb?: number
  readonly resume_ms?: number
  readonly path?: string
  readonly node: string
  readonly version: string
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
