import type { Instant } from './time.ts'

/** One line of a run's log. Levels are the protocol's numbers. */
export interface LogRecord {
  readonly id: string
  /** `null`: of a task run that belongs to no flow run. */
  readonly flowRunId: string | null
  readonly taskRunId: string | null
  /** Who wrote: the flow's or task's name, or `console`. */
  readonly logger: string
  readonly level: number
  readonly message: string
  readonly timestamp: Instant
}

export const LOG_LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const satisfies Record<string, number>

export type LogLevel = keyof typeof LOG_LEVELS

export const LOG_MESSAGE_MAX = 64 * 1024

/** The name of the level at or below a number. */
export function levelName(level: number): LogLevel {
  if (level >= 40) return 'error'
  if (level >= 30) return 'warn'
  return level >= 20 ? 'info' : 'debug'
}
