import { levelName } from '../core/log.ts'
import type { LogRecord } from '../core/log.ts'
import type { LogQuery } from '../core/query.ts'
import type { Tutti } from '../index.ts'
import { stamp } from './moment.ts'
import { paint } from './print.ts'
import type { Output } from './world.ts'

const PAGE = 1000

/** Reads a run's log from the beginning, and later what has come since. */
export class LogFeed {
  readonly #tutti: Tutti
  readonly #query: Omit<LogQuery, 'limit' | 'cursor'>
  #cursor: string | undefined
  /** Lines after the cursor that were given out: the last page is not full, so it is read again. */
  #given = new Set<string>()

  constructor(tutti: Tutti, query: Omit<LogQuery, 'limit' | 'cursor'>) {
    this.#tutti = tutti
    this.#query = query
  }

  /** Calls back for every line not given out before, page by page. */
  async read(each: (record: LogRecord) => void): Promise<void> {
    for (;;) {
      const cursor = this.#cursor
      const page = await this.#tutti.orchestrator.logs.list({ ...this.#query, limit: PAGE, ...(cursor !== undefined && { cursor }) })
      for (const record of page.items) {
        if (!this.#given.has(record.id)) each(record)
      }
      if (page.cursor === null) {
        this.#given = new Set(page.items.map((record) => record.id))
        return
      }
      this.#cursor = page.cursor
      this.#given.clear()
    }
  }
}

const levelStyle = { debug: 'dim', info: 'blue', warn: 'yellow', error: 'red' } as const

/** `2026-01-31T10:00:00.123Z warn  fetch-page: took long`. */
export function logLine(to: Output, record: LogRecord): string {
  const level = levelName(record.level)
  return `${paint(to, 'dim', stamp(record.timestamp))} ${paint(to, levelStyle[level], level.padEnd(5))} ${paint(to, 'dim', `${record.logger}:`)} ${record.message}`
}
