import { statSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { TuttiError } from '../core/errors.ts'
import type { StoreInfo } from '../core/orchestrator.ts'
import type { Clock } from '../core/time.ts'
import { createTables } from './all-tables.ts'
import { lockHolder } from './lock-holder.ts'
import { migrate, schemaVersion } from './migrate.ts'
import type { Store } from './port.ts'
import type { Script, Statement, StatementResult } from './script.ts'

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  /** `normal` survives the death of the process, `full` also a power cut. */
  readonly durability?: 'normal' | 'full'
  /** How long a write waits for the lock of another process. Default 60 s. */
  readonly busyTimeoutMs?: number
  readonly clock: Clock
}

/** Pages in the log before they are moved to the database file; the built-in 1,000 doubles the latency of commits. */
const CHECKPOINT_PAGES = 16_000
const BUSY_TIMEOUT_MS = 60_000
/** The first waits are short, as most locks are held for less than a millisecond; then they grow. */
const BUSY_WAIT_MIN_MS = 1
const BUSY_WAIT_MAX_MS = 50
/** Prepared statements kept; text built for one use must not fill the memory. */
const PREPARED_MAX = 200

/** A row's own fault, not the database's: too big, a broken constraint, a wrong type. */
const ROW_ERRORS: ReadonlySet<number> = new Set([18, 19, 20, 25])
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Opens a database file: the schema is brought up to date, a newer one than this program knows is refused with `STORE_TOO_NEW`. */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const database = new SqliteDatabase(options)
  try {
    await migrate(database, options)
  } catch (error) {
    database.close()
    throw error
  }
  return {
    tables: createTables(),
    write: (script) => database.write(script),
    read: (script) => database.read(script),
    info: () => database.info(),
    // The new database goes through the log first, which would stay as large.
    vacuum: () => database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'),
    backup: (path) => database.backup(path),
    close: async () => database.close(),
  }
}

/** One connection. Writes of the process stand in line; each runs to its end within one turn. */
export class SqliteDatabase {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #clock: Clock
  readonly #busyTimeoutMs: number
  readonly #prepared = new Map<string, StatementSync>()
  #line: Promise<unknown> | undefined
  #closed = false

  constructor({ path, durability = 'normal', busyTimeoutMs = BUSY_TIMEOUT_MS, clock }: SqliteOptions) {
    this.path = path
    this.#clock = clock
    this.#busyTimeoutMs = busyTimeoutMs
    try {
      this.#database = new DatabaseSync(path, { timeout: 2_000 })
      this.#database.exec(
        `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};` +
          'PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384; PRAGMA busy_timeout = 0;',
      )
    } catch (error) {
      throw storeError(error, `the database ${path} could not be opened`)
    }
  }

  write<T>(script: () => Script<T>): Promise<T> {
    if (this.#line !== undefined) return this.#stand(script)
    // The way of almost every write: no lock, no waiting, done when this returns.
    try {
      if (this.#begin()) return Promise.resolve(this.#transact(script))
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#stand(script)
  }

  #stand<T>(script: () => Script<T>): Promise<T> {
    const turn = (this.#line ?? Promise.resolve()).then(() => this.#waitAndTransact(script))
    const line = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#line === line) this.#line = undefined
      })
    this.#line = line
    return turn
  }

  async #waitAndTransact<T>(script: () => Script<T>): Promise<T> {
    const since = this.#clock.now()
    let waitMs = BUSY_WAIT_MIN_MS
    while (!this.#begin()) {
      const waitedMs = (this.#clock.now() - since) / 1000
      if (waitedMs >= this.#busyTimeoutMs)
        throw new TuttiError(
          'STORE_BUSY',
          `the database ${this.path} has been locked for ${Math.round(waitedMs / 1000)} s by ${lockHolder(this.path)}`,
        )
      await this.#clock.sleep(waitMs)
      waitMs = Math.min(waitMs * 2, BUSY_WAIT_MAX_MS)
    }
    return this.#transact(script)
  }

  /** Takes the write lock; `false` when another process has it. */
  #begin(): boolean {
    if (this.#closed) throw new TuttiError('STORE_FAILED', `the database ${this.path} has been closed`)
    try {
      this.#prepare('BEGIN IMMEDIATE').run()
      return true
    } catch (error) {
      if (isBusy(error)) return false
      throw storeError(error, `the database ${this.path} cannot be written`)
    }
  }

  #transact<T>(script: () => Script<T>): T {
    try {
      const result = this.#drive(script())
      this.#prepare('COMMIT').run()
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw storeError(error, `the database ${this.path} cannot be written`)
    }
  }

  async read<T>(script: () => Script<T>): Promise<T> {
    if (this.#closed) throw new TuttiError('STORE_FAILED', `the database ${this.path} has been closed`)
    try {
      this.#prepare('BEGIN').run()
      const result = this.#drive(script())
      this.#prepare('COMMIT').run()
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw storeError(error, `the database ${this.path} cannot be read`)
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

  #execute({ sql, parameters, rows }: Statement): StatementResult {
    const statement = this.#prepare(sql)
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

  async exec(sql: string): Promise<void> {
    try {
      this.#database.exec(sql)
    } catch (error) {
      throw isBusy(error)
        ? new TuttiError('STORE_BUSY', `the database ${this.path} is locked by ${lockHolder(this.path)}`, { cause: error })
        : storeError(error, `the database ${this.path} cannot be changed`)
    }
  }

  async backup(path: string): Promise<void> {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) throw new TuttiError('STORE_FAILED', `the backup ${path} exists already`)
    try {
      await backup(this.#database, path)
    } catch (error) {
      throw storeError(error, `the backup ${path} could not be written`)
    }
  }

  async info(): Promise<StoreInfo> {
    const pragma = (name: string): string => String(Object.values(this.#database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? '')
    const synchronous = ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(pragma('synchronous'))] ?? pragma('synchronous')
    const tables = ['flows', 'flow_runs', 'task_runs', 'flow_run_states', 'logs', 'cache_entries'] as const
    const count = (table: string): number => Number(this.#database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] ?? 0)
    return {
      location: this.path,
      dialect: 'sqlite',
      schemaVersion: schemaVersion(this),
      sizeBytes:
        this.path === ':memory:' ? 0 : statSync(this.path).size + (statSync(`${this.path}-wal`, { throwIfNoEntry: false })?.size ?? 0),
      rows: Object.fromEntries(tables.map((table) => [table, count(table)])),
      settings: {
        journal_mode: pragma('journal_mode'),
        synchronous,
        wal_autocheckpoint: pragma('wal_autocheckpoint'),
        page_size: pragma('page_size'),
      },
    }
  }

  /** One number of one row, outside of any transaction. */
  number(sql: string): number | undefined {
    const value = Object.values(this.#database.prepare(sql).get() ?? {})[0]
    return value === undefined || value === null ? undefined : Number(value)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#prepared.clear()
    this.#database.close()
  }
}

function isBusy(error: unknown): boolean {
  const code = sqliteCode(error) & 0xff
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

function sqliteCode(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0
}

function storeError(error: unknown, what: string): unknown {
  if (error instanceof TuttiError) return error
  // A value of a type that no column takes: the row's own fault too.
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_ARG_TYPE')
    return new TuttiError('STORE_REFUSED', error.message, { cause: error })
  if (sqliteCode(error) === 0) return error
  if (ROW_ERRORS.has(sqliteCode(error) & 0xff))
    return new TuttiError('STORE_REFUSED', error instanceof Error ? error.message : String(error), { cause: error })
  return new TuttiError('STORE_FAILED', `${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}
