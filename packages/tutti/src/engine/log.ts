import { formatWithOptions } from 'node:util'
import { LOG_LEVELS, LOG_MESSAGE_MAX } from '../core/log.ts'
import type { LogLevel } from '../core/log.ts'
import type { Engine } from './engine.ts'
import { maskSecrets } from './secret-mask.ts'

/** A run's logger. Arguments are formatted as `console` does; each call is one record, written with the next flush. */
export interface RunLog {
  debug(...args: readonly unknown[]): void
  info(...args: readonly unknown[]): void
  warn(...args: readonly unknown[]): void
  error(...args: readonly unknown[]): void
  /** For lines that come with a level number (captured `console`). */
  at(level: number, logger: string, ...args: readonly unknown[]): void
}

export function createRunLog(engine: Engine, flowRunId: string, taskRunId: string | null, logger: string): RunLog {
  function at(level: number, name: string, ...args: readonly unknown[]): void {
    // Before it is cut: half of a secret would not be found.
    const text = maskSecrets(formatWithOptions({ colors: false, depth: 4 }, ...args))
    const message =
      text.length > LOG_MESSAGE_MAX ? `${text.slice(0, LOG_MESSAGE_MAX)}… (${text.length - LOG_MESSAGE_MAX} characters cut)` : text
    const record = { id: engine.ids.next(), flowRunId, taskRunId, logger: name, level, message, timestamp: engine.clock.now() }
    engine.journal.log({ type: 'log', record })
    engine.observers.log(record)
  }
  const writer =
    (level: LogLevel) =>
    (...args: readonly unknown[]): void =>
      at(LOG_LEVELS[level], logger, ...args)
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error'), at }
}
