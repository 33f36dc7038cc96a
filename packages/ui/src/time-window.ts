// A stretch of time that is looked at: so long back from now, so long ahead, or between two moments.

export type TimeWindow =
  | { readonly type: 'last'; readonly ms: number }
  | { readonly type: 'next'; readonly ms: number }
  | { readonly type: 'between'; readonly from: number | undefined; readonly to: number | undefined }

export interface Bounds {
  readonly from: number
  readonly to: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY }

/** `24h`, `7d`, `next-1h`. */
function windowOfText(text: string | undefined): TimeWindow | undefined {
  const match = /^(next-)?(\d{1,4})([mhd])$/.exec(text ?? '')
  if (match === null) return undefined
  const ms = Number(match[2]) * UNITS[match[3]!]!
  return ms === 0 ? undefined : { type: match[1] === undefined ? 'last' : 'next', ms }
}

function textOfMs(ms: number): string {
  const [unit, size] = ms % DAY === 0 && ms > DAY ? ['d', DAY] : ms % HOUR === 0 ? ['h', HOUR] : ['m', MINUTE]
  return `${Math.round(ms / Number(size))}${unit}`
}

export interface WindowAddress {
  readonly window: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
}

/** Two moments win over a length. */
export function readWindow({ window, from, to }: WindowAddress): TimeWindow | undefined {
  const moments = { from: momentOf(from), to: momentOf(to) }
  if (moments.from === undefined && moments.to === undefined) return windowOfText(window)
  if (moments.from !== undefined && moments.to !== undefined && moments.from >= moments.to) return undefined
  return { type: 'between', ...moments }
}

export function writeWindow(window: TimeWindow | undefined): WindowAddress {
  const nothing = { window: undefined, from: undefined, to: undefined }
  if (window === undefined) return nothing
  if (window.type === 'between') return { ...nothing, from: textOfMoment(window.from), to: textOfMoment(window.to) }
  return { ...nothing, window: `${window.type === 'next' ? 'next-' : ''}${textOfMs(window.ms)}` }
}

function momentOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/** Without parts that say nothing: `2026-11-28T09:00Z`. */
function textOfMoment(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString().replace(/(?::00)?\.000Z$/, 'Z')
}

/** Where it begins and ends, as far as it does. */
export function boundsOf(window: TimeWindow, now: number): { readonly from: number | undefined; readonly to: number | undefined } {
  switch (window.type) {
    case 'last':
      return { from: now - window.ms, to: undefined }
    case 'next':
      return { from: now, to: now + window.ms }
    case 'between':
      return { from: window.from, to: window.to }
  }
}

/* ── feeds ──────────────────────────────────────────────────────────────────────────────────────── */

/** How far back a feed looks, as its address says it. */
export interface FeedWindow {
  readonly id: string
  readonly label: string
  readonly ms: number
}

export const FEED_WINDOWS: readonly FeedWindow[] = [
  { id: '1h', label: 'Last hour', ms: HOUR },
  { id: '6h', label: 'Last 6 hours', ms: 6 * HOUR },
  { id: '24h', label: 'Last 24 hours', ms: DAY },
  { id: '7d', label: 'Last 7 days', ms: 7 * DAY },
  { id: '30d', label: 'Last 30 days', ms: 30 * DAY },
]

export const USUAL_WINDOW = '24h'

/** What an address names; anything else is the usual one. */
export function feedWindow(id: string | undefined): FeedWindow {
  return FEED_WINDOWS.find((each) => each.id === id) ?? FEED_WINDOWS.find((each) => each.id === USUAL_WINDOW)!
}

/* ── bars ───────────────────────────────────────────────────────────────────────────────────────── */

export const BARS_MAX = 120

/** Lengths of a bar that people count in. From an hour on they are whole hours, which the server has counted before. */
const STEPS = [
  5_000,
  15_000,
  30_000,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
]

/** The shortest with which a window has no more bars than can be told apart. */
export function stepOf(lengthMs: number, barsMax = BARS_MAX): number {
  return STEPS.find((step) => lengthMs / step <= barsMax - 1) ?? Math.ceil(lengthMs / (barsMax - 1) / DAY) * DAY
}

export interface BarsWindow extends Bounds {
  readonly stepMs: number
}

/** The window in whole bars; the last holds the present, or the end that was asked for. */
export function barsOf(window: TimeWindow, now: number): BarsWindow {
  const asked = boundsOf(window, now)
  const until = asked.to ?? now
  const from = asked.from ?? until - DAY
  const stepMs = stepOf(until - from)
  const to = Math.max(Math.ceil(until / stepMs), Math.floor(from / stepMs) + 1) * stepMs
  // A length that is counted back from now is kept; moments are taken in whole.
  const first = window.type === 'last' ? to - Math.ceil(window.ms / stepMs) * stepMs : Math.floor(from / stepMs) * stepMs
  return { from: first, to, stepMs }
}

/** The same; the bar that begins at this moment is in it. */
export function barsWindow(window: TimeWindow, now: number): BarsWindow {
  return barsOf(window, now + 1)
}

/** Just as long, right before. */
export function windowBefore({ from, to }: Bounds): Bounds {
  return { from: from - (to - from), to: from }
}

/** Twice as long, with the same middle, and never past the present. */
export function zoomedOut({ from, to }: Bounds, now: number): Bounds {
  const half = (to - from) / 2
  const end = Math.min(to + half, Math.max(now, to))
  return { from: end - 4 * half, to: end }
}
