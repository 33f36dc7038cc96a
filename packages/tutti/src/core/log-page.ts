import type { LogRecord } from './log.ts'
import type { Instant } from './time.ts'

export const LOG_LINES_MAX = 1_000
export const LOG_TEXT_MAX = 200
export const HITS_MAX = 1_000

/** Where a page of a run's log lies. Cursors are those of earlier answers, of pages and of hits. */
export type LogPlace =
  | { readonly at: 'start' }
  | { readonly at: 'end' }
  /** A line by its id, with as many lines before it as after it. */
  | { readonly at: 'around'; readonly logId: string }
  | { readonly at: 'before'; readonly cursor: string }
  | { readonly at: 'after'; readonly cursor: string }

export interface LogLines {
  readonly flowRunId: string
  readonly place: LogPlace
  readonly limit: number
  readonly taskRunId: string | null
  readonly levelMin: number | null
}

/** Lines in their order. */
export interface LogPage {
  readonly lines: readonly LogRecord[]
  /** What lies before the first line; `null`: nothing. */
  readonly before: string | null
  /** What lies after the last line, also what will be written later; `null`: the log has no line yet. */
  readonly after: string | null
  readonly hasMoreAfter: boolean
}

export interface LogFind {
  readonly flowRunId: string
  /** Plain text, found without regard to case. */
  readonly text: string
  readonly limit: number
  readonly cursor: string | null
  readonly taskRunId: string | null
  readonly levelMin: number | null
}

export interface LogHit {
  readonly record: LogRecord
  readonly excerpt: Excerpt
  /** The place of the line: lines before and after it are asked for by it. */
  readonly cursor: string
}

/** As much as was looked at, and where it goes on. */
export interface Looked {
  /** Lines that were looked at. */
  readonly looked: number
  /** When the last line was written that was looked at; `null`: there was none. */
  readonly lookedUntil: Instant | null
  /** `null`: everything was looked at. */
  readonly cursor: string | null
}

export interface FoundInLog extends Looked {
  readonly hits: readonly LogHit[]
  /** Of the lines that were looked at, hits that are not shown included. */
  readonly total: number
}

export interface LogSearch {
  /** Absent: every line. */
  readonly text: string | null
  readonly levelMin: number | null
  readonly after: Instant | null
  readonly before: Instant | null
  readonly flowRunIds: readonly string[]
  readonly flowIds: readonly string[]
  readonly deploymentIds: readonly string[]
  readonly order: 'newest' | 'oldest'
  readonly limit: number
  readonly cursor: string | null
}

export interface SearchedLogs extends Looked {
  readonly lines: readonly SearchedLine[]
}

export interface SearchedLine {
  readonly record: LogRecord
  /** `null`: nothing was searched for. */
  readonly excerpt: Excerpt | null
  /** `null`: it is of no run, or its run is gone. */
  readonly run: { readonly name: string; readonly flowId: string; readonly flowName: string; readonly deploymentId: string | null } | null
}

export interface LogPageOperations {
  /** Throws `FLOW_RUN_NOT_FOUND`, `NOT_FOUND` (the line) and `INVALID_CURSOR`. */
  lines(request: LogLines): Promise<LogPage>
  /** Throws `FLOW_RUN_NOT_FOUND` and `INVALID_CURSOR`. */
  find(request: LogFind): Promise<FoundInLog>
  /** Throws `INVALID_CURSOR`. */
  search(request: LogSearch): Promise<SearchedLogs>
}

/** A part of a message, and where in it the text stands: from, to. */
export interface Excerpt {
  readonly text: string
  readonly matches: readonly (readonly [number, number])[]
  /** The message is longer. */
  readonly isCut: boolean
}

const EXCERPT_MAX = 300
const LEAD = 80
const MATCHES_MAX = 50

/** The part of a message around the first place where a text stands in it. */
export function excerptOf(message: string, text: string): Excerpt {
  const first = message.search(anyCase(text))
  const isLong = message.length > EXCERPT_MAX
  const from = isLong && first > LEAD ? whole(message, Math.min(first - LEAD, message.length - EXCERPT_MAX)) : 0
  const shown = isLong ? message.slice(from, whole(message, from + EXCERPT_MAX)) : message
  const matches = [...shown.matchAll(anyCase(text))]
    .slice(0, MATCHES_MAX)
    .map(({ index, 0: found }) => [index, index + found.length] as const)
  return { text: shown, matches, isCut: isLong }
}

function anyCase(text: string): RegExp {
  return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'giu')
}

/** No character is cut in two. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}
