import { describeLocation } from '../core/database-location.ts'
import { TuttiError } from '../core/errors.ts'
import { elapsedMs } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import { readAddress } from './postgres-address.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { faultOf, messageOf, postgresError } from './postgres-errors.ts'
import { Lane } from './postgres-lane.ts'
import { hasLanded, leaveMark } from './postgres-marks.ts'
import type { Mark } from './postgres-marks.ts'
import { PostgresPool } from './postgres-pool.ts'
import { PostgresStatements } from './postgres-statements.ts'
import { PostgresTransaction } from './postgres-transaction.ts'
import type { ColumnTypes } from './postgres-transaction.ts'
import type { WriteOptions } from './port.ts'
import type { Script } from './script.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`; see `postgres-address.ts` for what else it may say. */
  readonly url: string
  /** How long a write waits for a server that is away or for others' locks. Default 60 s. */
  readonly busyTimeoutMs?: number
  readonly clock: Clock
  /** Told when the server has not answered for a while, and when it does again. */
  readonly onOutage?: (outage: StoreOutage) => void
}

export type StoreOutage =
  | { readonly type: 'away'; readonly place: string; readonly reason: string }
  | { readonly type: 'back'; readonly place: string; readonly awayMs: number }

const BUSY_TIMEOUT_MS = 60_000
/** The first waits are short, as a conflict is over at once; a server that is away takes longer. */
const WAIT_MIN_MS = 5
const WAIT_MAX_MS = 500
/** A server that is away for less is not worth a word: connections break now and then. */
const OUTAGE_MIN_MS = 1_000
/** A transaction whose process has stopped in the middle holds up everybody: the server ends it after this time. */
const IDLE_IN_TRANSACTION_MS = 15_000
/** Beyond the time that a lock is waited for, so that a server that is only waiting is not taken for one that is gone. */
const SILENCE_MORE_MS = 5_000
/** Scripts in one transaction; more than 64 parts of a transaction cost the server dearly. */
const GROUP_MAX = 32
/** Transactions under way at the same time that write beside one another. */
const BESIDE_MAX = 2
/** Clocks that differ by less are taken for one: leases are long, and what is measured here is no more exact than the way there and back. */
const OFFSET_US_MIN = 500_000
/** The first number of all our locks in a database; the second one says which. */
const LOCKS = 1_953_854_569
const WRITE_LOCK = 1
const ALONE = lockBy('pg_advisory_xact_lock')
const BESIDE = lockBy('pg_advisory_xact_lock_shared')

/** What a store's own writes may say beside what every script may. */
export interface OwnWriteOptions extends WriteOptions {
  /** It may take any time: a change of large tables does. */
  readonly unhurried?: boolean
}

interface Member {
  readonly script: () => Script<unknown>
  readonly repeatable: boolean
  readonly unhurried: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Ending = { readonly type: 'done'; readonly value: unknown } | { readonly type: 'failed'; readonly error: unknown }

/**
 * Connections to one database. Every script runs as if it were alone: a write takes a lock of the whole database, which its transaction
 * holds to its end, so a script reads what it decides by and writes what it decided with nothing in between, as on SQLite. Scripts that
 * say that they may run beside others of their kind share that lock. The price of a commit is shared by whoever waits meanwhile.
 */
export class PostgresDatabase {
  /** As it may be shown. */
  readonly place: string
  readonly #clock: Clock
  readonly #busyTimeoutMs: number
  readonly #writers: PostgresPool
  readonly #readers: PostgresPool
  readonly #statements: PostgresStatements
  readonly #alone: Lane<Member>
  readonly #beside: Lane<Member>
  readonly #onOutage: (outage: StoreOutage) => void
  #awaySince: Instant | undefined
  #id = ''
  #columnTypes: Promise<ColumnTypes> | undefined
  #closed: Promise<void> | undefined

  constructor({ url, busyTimeoutMs = BUSY_TIMEOUT_MS, clock, onOutage = () => undefined }: PostgresOptions) {
    const { urls, prepare, readers } = readAddress(url)
    this.place = describeLocation({ type: 'postgres', url })
    this.#clock = clock
    this.#busyTimeoutMs = busyTimeoutMs
    this.#onOutage = onOutage
    this.#statements = new PostgresStatements(prepare)
    const onOpen = ({ id }: PostgresConnection, offsetUs: number): void => this.#begun(id, offsetUs)
    this.#writers = new PostgresPool({ urls, size: 1 + BESIDE_MAX, clock, onOpen })
    this.#readers = new PostgresPool({ urls, size: readers, clock, onOpen })
    this.#alone = new Lane({ groupsMax: 1, membersMax: GROUP_MAX, run: (group) => this.#writeGroup(group, ALONE) })
    this.#beside = new Lane({
      groupsMax: BESIDE_MAX,
      membersMax: GROUP_MAX,
      run: (group) => this.#writeGroup(group, BESIDE),
    })
  }

  /** Unlike that of every other program that was ever connected; known once something was read or written. */
  get id(): string {
    return this.#id
  }

  write<T>(script: () => Script<T>, options?: OwnWriteOptions): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closedError())
    const lane = options?.beside === true ? this.#beside : this.#alone
    return new Promise<T>((resolve, reject) => {
      lane.add({
        script,
        repeatable: options?.repeatable === true,
        unhurried: options?.unhurried === true,
        resolve: (value) => resolve(value as T),
        reject,
      }) // what its own script gave
    })
  }

  read<T>(script: () => Script<T>): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closedError())
    const what = `the database ${this.place} cannot be read`
    return this.#patiently(what, (leftMs) => this.#on(this.#readers, leftMs, (connection) => this.#readOnce(connection, script, leftMs)))
  }

  /** A statement that cannot be part of a transaction, or need not be. */
  async run(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    if (this.#closed !== undefined) throw this.#closedError()
    const what = `the database ${this.place} cannot be changed`
    return this.#patiently(what, () => this.#on(this.#writers, undefined, async (connection) => (await connection.run(sql)).rows))
  }

  /** One value of one row. */
  async value(sql: string): Promise<unknown> {
    const [row] = await this.read(function* () {
      return (yield { sql, parameters: [], rows: true }).rows
    })
    return row === undefined ? undefined : Object.values(row)[0]
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.all([this.#alone.idle(), this.#beside.idle()])
    await Promise.all([this.#writers.close(), this.#readers.close()])
  }

  /* ── waiting ───────────────────────────────────────────────────────────────────────── */

  async #patiently<T>(what: string, attempt: (leftMs: number) => Promise<T>): Promise<T> {
    const since = this.#clock.now()
    for (let waitMs = WAIT_MIN_MS; ; waitMs = Math.min(waitMs * 2, WAIT_MAX_MS)) {
      const leftMs = this.#busyTimeoutMs - elapsedMs(since, this.#clock.now())
      const { prepares } = this.#statements
      try {
        const answer = await attempt(Math.max(1, leftMs))
        this.#isBack()
        return answer
      } catch (error) {
        const again = this.#mayTryAgain(error, prepares)
        if (!again) throw postgresError(error, what)
        const waitedMs = elapsedMs(since, this.#clock.now())
        const isAway = faultOf(error) === 'connection'
        if (isAway && waitedMs >= OUTAGE_MIN_MS) this.#isAway(since, messageOf(error))
        if (waitedMs >= this.#busyTimeoutMs) {
          const code = isAway ? 'STORE_UNREACHABLE' : 'STORE_BUSY'
          throw new TuttiError(code, `${what} for ${Math.round(waitedMs / 1000)} s: ${messageOf(error)}`, { cause: error })
        }
      }
      // Those who wait for one server must not come back at the same moments: their clocks differ in the last digits.
      const jitter = (this.#clock.now() % 997) / 997
      await this.#clock.sleep(waitMs * (0.5 + jitter))
    }
  }

  #isAway(since: Instant, reason: string): void {
    if (this.#awaySince !== undefined) return
    this.#awaySince = since
    this.#onOutage({ type: 'away', place: this.place, reason })
  }

  #isBack(): void {
    if (this.#awaySince === undefined) return
    const awayMs = elapsedMs(this.#awaySince, this.#clock.now())
    this.#awaySince = undefined
    this.#onOutage({ type: 'back', place: this.place, awayMs })
  }

  #mayTryAgain(error: unknown, prepared: boolean): boolean {
    switch (faultOf(error)) {
      case 'conflict':
      case 'locked':
        return true
      case 'connection':
        // Whatever the others are connected to: it may be a server that takes no writes any more.
        this.#writers.drop()
        this.#readers.drop()
        return true
      case 'unprepared':
        // Of several attempts under way each finds out about the pooler by itself.
        if (!prepared) return false
        this.#statements.stopPreparing()
        return true
      default:
        return false
    }
  }

  async #on<T>(pool: PostgresPool, leftMs: number | undefined, work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = await pool.take()
    const stopWatching = leftMs === undefined ? undefined : connection.watch(leftMs + SILENCE_MORE_MS)
    try {
      return await work(connection)
    } finally {
      stopWatching?.()
      pool.give(connection)
    }
  }

  /** With the first connection; a clock that has been asked what time it is must not go back later. */
  #begun(id: string, offsetUs: number): void {
    if (this.#id !== '') return
    this.#id = id
    if (Math.abs(offsetUs) > OFFSET_US_MIN) this.#clock.correct?.(offsetUs)
  }

  #transaction(connection: PostgresConnection): PostgresTransaction {
    return new PostgresTransaction(connection, this.#statements, () => this.#types())
  }

  /* ── reading ───────────────────────────────────────────────────────────────────────── */

  async #readOnce<T>(connection: PostgresConnection, script: () => Script<T>, leftMs: number): Promise<T> {
    const transaction = this.#transaction(connection)
    // A server that nobody waits for any more stops looking.
    transaction.send(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(leftMs)}`)
    try {
      const result = await transaction.drive(script())
      transaction.send('COMMIT')
      await transaction.settle()
      return result
    } catch (error) {
      await rollBack(transaction)
      throw error
    }
  }

  /* ── writing ───────────────────────────────────────────────────────────────────────── */

  async #writeGroup(group: readonly Member[], lock: string): Promise<void> {
    const what = `the database ${this.place} cannot be written`
    let endings: readonly Ending[]
    try {
      endings = await this.#patiently(what, (leftMs) => this.#writeOnce(group, lock, leftMs))
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    for (const [index, { resolve, reject }] of group.entries()) {
      const ending = endings[index]
      if (ending?.type === 'done') resolve(ending.value)
      else reject(postgresError(ending?.error, what))
    }
  }

  async #writeOnce(group: readonly Member[], lock: string, leftMs: number): Promise<readonly Ending[]> {
    const attempt: { endings: readonly Ending[]; committing: Mark | 'repeatable' | undefined } = { endings: [], committing: undefined }
    try {
      const watchMs = group.some(({ unhurried }) => unhurried) ? undefined : leftMs
      await this.#on(this.#writers, watchMs, async (connection) => {
        const transaction = this.#transaction(connection)
        try {
          this.#begin(transaction, lock, leftMs)
          const mark = group.every(({ repeatable }) => repeatable) ? 'repeatable' : leaveMark(transaction, this.#clock)
          attempt.endings = await this.#runAll(transaction, group)
          attempt.committing = mark
          transaction.send('COMMIT')
          await transaction.settle()
          attempt.committing = undefined
        } catch (error) {
          // A server that gives a reason has not committed.
          if (faultOf(error) !== 'connection') attempt.committing = undefined
          await rollBack(transaction)
          throw error
        }
      })
    } catch (error) {
      if (attempt.committing === undefined || attempt.committing === 'repeatable') throw error
      // The server was told to commit and did not answer: it is asked what has become of that.
      if (await this.#hasLanded(attempt.committing)) return attempt.endings
      throw error
    }
    return attempt.endings
  }

  /** Nothing is waited for: the first statements of the script follow at once. */
  #begin(transaction: PostgresTransaction, lock: string, leftMs: number): void {
    transaction.send('BEGIN ISOLATION LEVEL READ COMMITTED')
    void transaction.execute(lock, [String(Math.ceil(leftMs))])
  }

  async #runAll(transaction: PostgresTransaction, group: readonly Member[]): Promise<readonly Ending[]> {
    const [first] = group
    if (group.length === 1 && first !== undefined) return [{ type: 'done', value: await transaction.drive(first.script()) }]
    const endings: Ending[] = []
    for (const { script } of group) endings.push(await this.#runPart(transaction, script))
    return endings
  }

  /** One of several scripts in a transaction: what it did is undone when it fails, and the others go on. */
  async #runPart(transaction: PostgresTransaction, script: () => Script<unknown>): Promise<Ending> {
    transaction.send('SAVEPOINT part')
    try {
      const value = await transaction.drive(script())
      transaction.send('RELEASE part')
      await transaction.settle()
      return { type: 'done', value }
    } catch (error) {
      const fault = faultOf(error)
      const isOfAll = fault !== undefined && fault !== 'row' && fault !== 'database'
      if (isOfAll) throw error
      await transaction.settle().catch(() => undefined)
      transaction.send('ROLLBACK TO part')
      transaction.send('RELEASE part')
      await transaction.settle()
      return { type: 'failed', error }
    }
  }

  async #hasLanded(mark: Mark): Promise<boolean> {
    const what = `the database ${this.place} was lost during a commit, and whether the change was saved could not be found out`
    return this.#patiently(what, (leftMs) =>
      this.#on(this.#writers, leftMs, async (connection) => {
        const transaction = this.#transaction(connection)
        try {
          // Whoever has this lock knows that the transaction in question is over.
          this.#begin(transaction, ALONE, leftMs)
          return await hasLanded(transaction, mark)
        } finally {
          await rollBack(transaction)
        }
      }),
    )
  }

  /* ── what it is made of ────────────────────────────────────────────────────────────── */

  #types(): Promise<ColumnTypes> {
    this.#columnTypes ??= this.#readTypes()
    this.#columnTypes.catch(() => {
      this.#columnTypes = undefined
    })
    return this.#columnTypes
  }

  async #readTypes(): Promise<ColumnTypes> {
    const rows = await this.read(function* () {
      return (yield { sql: COLUMN_TYPES, parameters: [], rows: true }).rows
    })
    const types = new Map<string, Map<string, string>>()
    for (const row of rows) {
      const [table, column, type] = [String(row['table_name']), String(row['column_name']), String(row['data_type'])]
      let columns = types.get(table)
      if (columns === undefined) types.set(table, (columns = new Map()))
      columns.set(column, type)
    }
    return types
  }

  #closedError(): TuttiError {
    return new TuttiError('STORE_FAILED', `the database ${this.place} has been closed`)
  }
}

const COLUMN_TYPES = 'SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()'

/** For this transaction only: behind a pooler a connection's own settings would be somebody else's. */
function lockBy(lock: string): string {
  const idle = `set_config('idle_in_transaction_session_timeout', '${IDLE_IN_TRANSACTION_MS}', true)`
  return `SELECT set_config('lock_timeout', ?, true), ${idle}, ${lock}(${LOCKS}, ${WRITE_LOCK})`
}

async function rollBack(transaction: PostgresTransaction): Promise<void> {
  const { connection } = transaction
  // What made the transaction fail is told to its scripts.
  await transaction.settle().catch(() => undefined)
  if (connection.isBroken) return
  // A connection that cannot even roll back is of no use.
  await connection.run('ROLLBACK').catch(() => connection.destroy())
}
