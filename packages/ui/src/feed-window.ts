/** How far back a page looks. */
export interface TimeWindow {
  readonly id: string
  readonly label: string
  readonly ms: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const TIME_WINDOWS: readonly TimeWindow[] = [
  { id: '1h', label: 'Last hour', ms: HOUR },
  { id: '6h', label: 'Last 6 hours', ms: 6 * HOUR },
  { id: '24h', label: 'Last 24 hours', ms: DAY },
  { id: '7d', label: 'Last 7 days', ms: 7 * DAY },
  { id: '30d', label: 'Last 30 days', ms: 30 * DAY },
]

export const USUAL_WINDOW = '24h'

/** What an address names; anything else is the usual one. */
export function timeWindow(id: string | undefined): TimeWindow {
  return TIME_WINDOWS.find((each) => each.id === id) ?? TIME_WINDOWS.find((each) => each.id === USUAL_WINDOW)!
}

/** Intervals that make about sixty bars of a window. */
export function bucketOf(ms: number): { readonly unit: 'minute' | 'hour' | 'day'; readonly every: number } {
  if (ms <= HOUR) return { unit: 'minute', every: 1 }
  if (ms <= 6 * HOUR) return { unit: 'minute', every: 5 }
  if (ms <= DAY) return { unit: 'minute', every: 30 }
  if (ms <= 7 * DAY) return { unit: 'hour', every: 3 }
  return { unit: 'hour', every: 12 }
}
