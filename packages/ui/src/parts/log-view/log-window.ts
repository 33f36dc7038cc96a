// The part of a log that is held: it grows at both ends and lets go of what is far away, so that a log of any length can be read.

export interface LogLine {
  readonly id: string
  readonly timestamp: string
  readonly level: number
  /** Of the logger: `stdout` and `stderr` are what the program printed. */
  readonly name: string
  readonly message: string
  readonly flow_run_id: string | null
  readonly task_run_id: string | null
}

/** As the server answers it. */
export interface LogPage {
  readonly lines: readonly LogLine[]
  readonly before: string | null
  readonly after: string | null
  readonly more_after: boolean
}

export interface LogWindow {
  readonly lines: readonly LogLine[]
  /** Where it goes on upwards; `null`: this is the start of the log. */
  readonly before: string | null
  /** Where it goes on downwards. */
  readonly after: string | null
  /** More is known to be behind it. */
  readonly hasMoreAfter: boolean
}

export const EMPTY_WINDOW: LogWindow = { lines: [], before: null, after: null, hasMoreAfter: false }

/** Lines that are held at most: some megabytes. */
const HELD_MAX = 20_000

export function windowOf({ lines, before, after, more_after: hasMoreAfter }: LogPage): LogWindow {
  return { lines, before, after, hasMoreAfter }
}

export function withEarlier(window: LogWindow, page: LogPage, heldMax = HELD_MAX): LogWindow {
  const lines = [...page.lines, ...window.lines]
  if (lines.length <= heldMax) return { ...window, lines, before: page.before }
  // What is let go of is fetched again from the place of the last that is held.
  return { lines: lines.slice(0, heldMax), before: page.before, after: null, hasMoreAfter: true }
}

export function withLater(window: LogWindow, page: LogPage, heldMax = HELD_MAX): LogWindow {
  const lines = [...window.lines, ...page.lines]
  const kept = lines.slice(-heldMax)
  const isCut = kept.length < lines.length
  return { lines: kept, before: isCut ? CUT : window.before, after: page.after ?? window.after, hasMoreAfter: page.more_after }
}

/** Lines that have just been written. They are taken up where the end of the log is held; else it is only known that there is more. */
export function withWritten(window: LogWindow, written: readonly LogLine[], heldMax = HELD_MAX): LogWindow {
  const last = window.lines.at(-1)
  const news = last === undefined ? written : written.filter((line) => isAfter(line, last))
  if (news.length === 0) return window
  if (window.hasMoreAfter) return window
  const lines = [...window.lines, ...news]
  const kept = lines.slice(-heldMax)
  return { ...window, lines: kept, before: kept.length < lines.length ? CUT : window.before, after: null }
}

/** The start of what is held was let go of: it is found by the line there. */
export const CUT = 'cut'

/** Whether one line stands behind another: by time, then by id, as the server orders them. */
export function isAfter(one: LogLine, other: LogLine): boolean {
  const [at, otherAt] = [comparable(one.timestamp), comparable(other.timestamp)]
  return at === otherAt ? one.id > other.id : at > otherAt
}

/** Moments come with as many digits as they need. */
function comparable(timestamp: string): string {
  const digits = timestamp.replace(/Z$/, '')
  return (digits.includes('.') ? digits : `${digits}.`).padEnd(26, '0')
}

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical'

export function levelOf(level: number): LogLevel {
  if (level >= 50) return 'critical'
  if (level >= 40) return 'error'
  if (level >= 30) return 'warning'
  return level >= 20 ? 'info' : 'debug'
}

export type Streamed = 'stdout' | 'stderr'

export function streamOf(name: string): Streamed | undefined {
  if (/(?:^|\.)stdout$/.test(name)) return 'stdout'
  return /(?:^|\.)stderr$/.test(name) ? 'stderr' : undefined
}
