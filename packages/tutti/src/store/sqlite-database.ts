import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { TuttiError } from '../core/errors.ts'
import { after, elapsedMs } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { StoreUpgrade } from '../core/store-upgrade.ts'
import { lockHolder } from './lock-holder.ts'
import type { Script, Statement, StatementResult } from './script.ts'
import { isBusy, storeError } from './sqlite-errors.ts'

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  /** `normal` survives the death of the process, `full` also a power cut. */
  readonly durability?: 'normal' | 'full'
  /** How long a write waits for the lock of another process. Default 60 s. */
  readonly busyTimeoutMs?: number
  readonly clock: Clock
  /** Told of what takes long before the database can be used. */
  readonly onUpgrade?: (upgrade: StoreUpgrade) => void
  /** Somebody else writes; a write over this connection is an error. */
  readonly readOnly?: boolean
}

/** Pages in the log before they are moved to the database file; the built-in 1,000 doubles the latency of commits. */
const CHECKPOINT_PAGES = 16_000
const BUSY_TIMEOUT_MS = 60_000
/** The first waits are short, as most locks are held for less than a millisecond; then they grow. */
const BUSY_WAIT_MIN_MS = 1
const BUSY_WAIT_MAX_MS = 50
/** Prepared statements kept; text built for one use must not fill the memory. */
const PREPARED_MAX = 200
/** The most that one row may hold. The engine stores larger results as files and refuses larger parameters long before. */
const ROW_BYTES_MAX = 64 * 1024 * 1024
/** How often it is looked whether the file at the path is still the one that is open. */
const FILE_CHECK_MS = 1_000

/** Answer of an attempt that met somebody else's lock. */
const LOCKED = Symbol('locked')

/** One connection. Writes of the process stand in line; each runs to its end within one turn. */
export class SqliteDatabase {
  readonly path: string
  readonly #database: DatabaseSync
  readonly clock: Clock
  readonly #busyTimeoutMs: number
  readonly #prepared = new Map<string, StatementSync>()
  readonly #inode: number | undefined
  readonly #readOnly: boolean
  #fileChecked: Instant
  #line: Promise<unknown> | undefined
  #closed: Promise<void> | undefined

  constructor({ path, busyTimeoutMs = BUSY_TIMEOUT_MS, clock, readOnly = false }: SqliteOptions) {
    this.#readOnly = readOnly
    this.path = path
    this.clock = clock
    this.#busyTimeoutMs = busyTimeoutMs
    this.#fileChecked = clock.now()
    try {
      // Waiting is done here, without blocking the process.
      this.#database = new DatabaseSync(path, { timeout: 0, limits: { length: ROW_BYTES_MAX } })
    } catch (error) {
      throw storeError(error, `the database ${path} could not be opened`)
    }
    this.#inode = inodeOf(path)
  }

  /** How it is written from now on; the first process that does so turns the file into one with a write-ahead log. */
  async configure(durability: 'normal' | 'full'): Promise<void> {
    await this.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};` +
        'PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384;',
    )
  }

  write<T>(script: () => Script<T>): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closedError())
    if (this.#readOnly) return Promise.reject(new Error(`the database ${this.path} was opened to be read, not written`))
    if (this.#line !== undefined) return this.#stand(() => this.#writeNow(script))
    // The way of almost every write: no lock, no waiting, done when this returns.
    try {
      const result = this.#writeNow(script)
      if (result !== LOCKED) return Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#stand(() => this.#writeNow(script))
  }

  async read<T>(script: () => Script<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closedError()
    const result = this.#readNow(script)
    return result === LOCKED ? this.#patiently(() => this.#readNow(script)) : result
  }

  /** Statements that cannot be part of a transaction. */
  exec(sql: string): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closedError())
    return this.#stand(() => this.#tryNow(() => this.#database.exec(sql), `the database ${this.path} cannot be changed`))
  }

  /** One number of one row, outside of any transaction. */
  async number(sql: string): Promise<number | undefined> {
    const value = await this.value(sql)
    return value === undefined || value === null ? undefined : Number(value)
  }

  /** One value of one row, outside of any transaction. */
  value(sql: string): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(this.#closedError())
    const get = (): unknown => Object.values(this.#database.prepare(sql).get() ?? {})[0]
    return this.#patiently(() => this.#tryNow(get, `the database ${this.path} cannot be read`))
  }

  /** The connection itself, for what only Node's own functions can do with it. */
  get connection(): DatabaseSync {
    return this.#database
  }

  /** Waits for what stands in line. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    // Whoever stands in line is told of its own errors.
    await this.#line?.catch(() => undefined)
    this.#prepared.clear()
    this.#database.close()
  }

  /* ── waiting ───────────────────────────────────────────────────────────────────────── */

  #stand<T>(attempt: () => T | typeof LOCKED): Promise<T> {
    const run = async (): Promise<T> => {
      try {
        return await this.#patiently(attempt)
      } finally {
        // Before anybody is told: whoever writes next finds the way free.
        if (this.#line === turn) this.#line = undefined
      }
    }
    const turn = (this.#line ?? Promise.resolve()).then(run, run)
    this.#line = turn
    return turn
  }

  async #patiently<T>(attempt: () => T | typeof LOCKED): Promise<T> {
    const since = this.clock.now()
    for (let waitMs = BUSY_WAIT_MIN_MS; ; waitMs = Math.min(waitMs * 2, BUSY_WAIT_MAX_MS)) {
      const result = attempt()
      if (result !== LOCKED) return result
      const waitedMs = elapsedMs(since, this.clock.now())
      if (waitedMs >= this.#busyTimeoutMs)
        throw new TuttiError(
          'STORE_BUSY',
          `the database ${this.path} has been locked for ${Math.round(waitedMs / 1000)} s by ${lockHolder(this.path)}`,
        )
      // Those who wait for one lock must not come back at the same moments: their clocks differ in the last digits.
      const jitter = (this.clock.now() % 997) / 997
      await this.clock.sleep(Math.min(waitMs * (0.5 + jitter), this.#busyTimeoutMs - waitedMs))
    }
  }

  #tryNow<T>(work: () => T, what: string): T | typeof LOCKED {
    try {
      return work()
    } catch (error) {
      if (isBusy(error)) return LOCKED
      throw storeError(error, what)
    }
  }

  /* ── transactions ──────────────────────────────────────────────────────────────────── */

  #writeNow<T>(script: () => Script<T>): T | typeof LOCKED {
    this.#checkFile()
    const what = `the database ${this.path} cannot be written`
    const begun = this.#tryNow(() => this.#prepare('BEGIN IMMEDIATE').run(), what)
    if (begun === LOCKED) return LOCKED
    try {
      const result = this.#drive(script())
      this.#prepare('COMMIT').run()
      return result
    } catch (error) {
      this.#rollBack()
      throw storeError(error, what)
    }
  }

  #readNow<T>(script: () => Script<T>): T | typeof LOCKED {
    try {
      this.#prepare('BEGIN').run()
      const result = this.#drive(script())
      this.#prepare('COMMIT').run()
      return result
    } catch (error) {
      this.#rollBack()
      // Seldom: another process is just opening or closing the file.
      if (isBusy(error)) return LOCKED
      throw storeError(error, `the database ${this.path} cannot be read`)
    }
  }

  #rollBack(): void {
    if (!this.#database.isTransaction) return
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // What made the transaction fail is told; SQLite undoes it with the next one, or when the file is opened again.
    }
  }

  #drive<T>(script: Script<T>): T {
    let step = script.next()
    while (step.done !== true) {
      let result: StatementResult
      try {
        result = this.#execute(step.value)
      } catch (error) {
        // The script may handle the failure of one statement; otherwise it comes back out of here.
        step = script.throw(error)
        continue
      }
      step = script.next(result)
    }
    return step.value
  }

  #execute({ sql, parameters, rows, batch }: Statement): StatementResult {
    const statement = this.#prepare(sql)
    if (batch !== undefined) {
      for (const each of batch) statement.run(...(each as never[])) // parameters are numbers, text and null
      return NOTHING
    }
    if (rows) return { rows: statement.all(...(parameters as never[])) as StatementResult['rows'], changes: 0 } // parameters are numbers, text and null
    return { rows: [], changes: Number(statement.run(...(parameters as never[])).changes) } // as above
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      if (this.#prepared.size >= PREPARED_MAX) this.#prepared.delete(this.#prepared.keys().next().value ?? '')
      statement = this.#database.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }

  /** A file that was removed or replaced takes writes as before, and they are lost with it: nobody else finds it any more. */
  #checkFile(): void {
    if (this.#inode === undefined) return
    const now = this.clock.now()
    if (now < after(this.#fileChecked, FILE_CHECK_MS)) return
    if (inodeOf(this.path) !== this.#inode)
      throw new TuttiError(
        'STORE_FAILED',
        `the database ${this.path} cannot be written: its file was removed or replaced while it was open`,
      )
    this.#fileChecked = now
  }

  #closedError(): TuttiError {
    return new TuttiError('STORE_FAILED', `the database ${this.path} has been closed`)
  }
}

const NOTHING: StatementResult = { rows: [], changes: 0 }

function inodeOf(path: string): number | undefined {
  return path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false })?.ino
}
