import { formatInstant } from '../core/time.ts'
import type { Clock } from '../core/time.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

/** What a server tells about itself: one JSON object a line, for whoever runs it. */
export interface ServerLog {
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
}

export interface ServerLogOptions {
  readonly clock: Clock
  /** Nothing below is written. */
  readonly level: LogLevel
  readonly write: (line: string) => void
}

export function createServerLog({ clock, level: lowest, write }: ServerLogOptions): ServerLog {
  return {
    write(level, message, fields) {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(lowest)) return
      write(`${JSON.stringify({ time: formatInstant(clock.now()), level, message, ...fields })}\n`)
    },
  }
}

/** An error as fields of a line. */
export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
