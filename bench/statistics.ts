/** The smallest value that at least this share (0 to 1) of all values do not exceed. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) throw new RangeError('there is no percentile of nothing')
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!
}

/** The value in the middle; of an even number of values the mean of the two in the middle. */
export function median(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) throw new RangeError('there is no median of nothing')
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
