// One connection of DuckDB: one statement after the other, ended by a signal, with progress, and with errors that say where.
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { DuckDbError, errorOf } from './errors.ts'
import type { ShownNames } from './errors.ts'
import type { Library } from './library.ts'
import { bind } from './parameters.ts'
import type { Parameters } from './parameters.ts'

/** How far something is. */
export interface Progress {
  readonly phase: 'download' | 'query'
  /** From 0 to 100; `null` when it cannot be told. */
  readonly percent: number | null
  /** Bytes of a download, rows of a query. */
  readonly done: number
  readonly total: number | null
}

export type OnProgress = (progress: Progress) => void

export interface StatementOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: OnProgress | undefined
  readonly shown?: ShownNames
  readonly isOwnSql?: boolean
}

export interface Statement {
  readonly text: string
  readonly parameters: Parameters
}

/** DuckDB forgets an interrupt that comes between two of its steps: it is repeated until the statement has ended. */
const INTERRUPT_EVERY_MS = 20
const PROGRESS_EVERY_MS = 250

export class Connection {
  readonly library: Library
  readonly #raw: DuckDBConnection
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  private constructor(library: Library, raw: DuckDBConnection) {
    this.library = library
    this.#raw = raw
  }

  static async over(library: Library, raw: DuckDBConnection): Promise<Connection> {
    const connection = new Connection(library, raw)
    // Times without a zone mean the same everywhere; progress is counted, and not drawn on the terminal.
    const setup = "set timezone = 'UTC'; set enable_progress_bar = true; set enable_progress_bar_print = false; set progress_bar_time = 0"
    await connection.run({ text: setup, parameters: [] })
    return connection
  }

  /** Runs statements; the answer is that of the last, and held by DuckDB. */
  run(statement: Statement, options: StatementOptions = {}): Promise<DuckDBMaterializedResult> {
    const answer = this.#last.then(() => this.#runNow(statement, options))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #runNow(
    { text, parameters }: Statement,
    { signal, onProgress, shown, isOwnSql }: StatementOptions,
  ): Promise<DuckDBMaterializedResult> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new DuckDbError('duckdb/closed', 'the database was closed before this statement')
    const { values, types } = bind(this.library, parameters)
    let interrupting: NodeJS.Timeout | undefined
    const interrupt = (): void => {
      this.#raw.interrupt()
      interrupting = setInterval(() => this.#raw.interrupt(), INTERRUPT_EVERY_MS)
    }
    signal?.addEventListener('abort', interrupt, { once: true })
    const telling = onProgress === undefined ? undefined : setInterval(() => onProgress(this.#progress()), PROGRESS_EVERY_MS)
    try {
      return await this.#raw.run(text, values, types)
    } catch (error) {
      signal?.throwIfAborted()
      throw errorOf(error, { shown, isOwnSql })
    } finally {
      signal?.removeEventListener('abort', interrupt)
      clearInterval(interrupting)
      clearInterval(telling)
    }
  }

  #progress(): Progress {
    const { percentage, rows_processed: done, total_rows_to_process: total } = this.#raw.progress
    return {
      phase: 'query',
      percent: percentage < 0 ? null : Math.min(100, percentage),
      done: Number(done),
      total: total === 0n ? null : Number(total),
    }
  }

  /** Waits for the statement that runs. A second call does nothing. */
  async close(): Promise<void> {
    await this.#last
    if (this.#isClosed) return
    this.#isClosed = true
    this.#raw.closeSync()
  }
}
