// The stretch of time that a timeline shows.

export interface TimeWindow {
  readonly from: number
  readonly to: number
}

/** No one needs to see less than a hundredth of a millisecond. */
const SPAN_MIN_MS = 0.01

/** Zooms so that what is at `at` stays where it is; never far beyond the whole. */
export function zoomed({ from, to }: TimeWindow, at: number, factor: number, whole: TimeWindow): TimeWindow {
  const spanMax = (whole.to - whole.from) * 1.25
  const span = Math.min(spanMax, Math.max(SPAN_MIN_MS, (to - from) * factor))
  const share = (at - from) / (to - from)
  return kept({ from: at - share * span, to: at + (1 - share) * span }, whole)
}

export function moved({ from, to }: TimeWindow, byMs: number, whole: TimeWindow): TimeWindow {
  return kept({ from: from + byMs, to: to + byMs }, whole)
}

/** At least a part of the whole stays in sight. */
function kept({ from, to }: TimeWindow, whole: TimeWindow): TimeWindow {
  const span = to - from
  const slack = span * 0.5
  const first = Math.min(Math.max(from, Math.min(whole.from, whole.to - span) - slack), Math.max(whole.to - span, whole.from) + slack)
  return { from: first, to: first + span }
}

/** All of it, with room at the sides for what is written there. */
export function fitted({ from, to }: TimeWindow, isLive: boolean): TimeWindow {
  const span = Math.max(to - from, 1)
  return { from: from - span * 0.012, to: to + span * (isLive ? 0.08 : 0.03) }
}

/** As in an address: milliseconds since the beginning of the run. */
export function writeWindow({ from, to }: TimeWindow, origin: number): string {
  return `${Number((from - origin).toFixed(3))}_${Number((to - origin).toFixed(3))}`
}

export function parseWindow(text: string | undefined, origin: number): TimeWindow | undefined {
  const [from, to] = (text ?? '').split('_').map(Number)
  if (from === undefined || to === undefined || !Number.isFinite(from) || !Number.isFinite(to) || to - from < SPAN_MIN_MS / 2)
    return undefined
  return { from: origin + from, to: origin + to }
}
