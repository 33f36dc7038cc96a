import { Socket } from 'node:net'
import pg from 'pg'
import { elapsedMs } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import { PostgresError } from './postgres-errors.ts'
import { parameter } from './postgres-sql.ts'
import type { StatementText } from './postgres-statements.ts'

const CONNECT_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 10_000

/** The numbers of types in PostgreSQL. */
const BOOL = 16
const BYTES = 17
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700])

/** Values as SQLite gives them: numbers of every width as numbers, truth as 0 and 1. Of this client only. */
const types = {
  getTypeParser(type: number): (text: string) => unknown {
    if (NUMBERS.has(type)) return Number
    if (type === BOOL) return (text) => (text === 't' ? 1 : 0)
    // In hexadecimal, behind a mark.
    if (type === BYTES) return (text) => Buffer.from(text.slice(2), 'hex')
    return (text) => text
  },
}

type Row = Readonly<Record<string, unknown>>

export interface Answer {
  readonly command: string
  readonly rows: readonly Row[]
  readonly changes: number
}

/** One connection. Statements are sent as they are given, without waiting for the answers to those before them. */
export class PostgresConnection {
  readonly #client: pg.Client
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #onBreak: (connection: PostgresConnection) => void
  #onBroken: (() => void) | undefined
  #answered = 0
  #broken = false
  /** Numbers of the transactions that left a mark; see `postgres-marks.ts`. */
  marks = 0
  /** Unlike that of every other connection there ever was. */
  id = ''

  private constructor(url: string, clock: Clock, onBreak: (connection: PostgresConnection) => void) {
    this.#clock = clock
    this.#onBreak = onBreak
    // Its own, as only the socket itself can end a connection whose server does not answer.
    this.#socket = new Socket()
    const socket = this.#socket
    this.#client = new pg.Client({
      connectionString: url,
      application_name: 'tutti',
      stream: () => socket,
      pipeline: true,
      types,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    })
    this.#client.on('error', () => this.#break())
    this.#client.on('end', () => this.#break())
  }

  static async open(url: string, clock: Clock, onBreak: (connection: PostgresConnection) => void): Promise<PostgresConnection> {
    const connection = new PostgresConnection(url, clock, onBreak)
    try {
      await connection.#client.connect()
    } catch (error) {
      connection.destroy()
      throw new PostgresError(error)
    }
    return connection
  }

  get isBroken(): boolean {
    return this.#broken
  }

  /** A statement without parameters. */
  run(sql: string): Promise<Answer> {
    return this.#answer(this.#client.query<Row>(sql))
  }

  async execute({ text, name }: StatementText, parameters: readonly unknown[]): Promise<Answer> {
    const values = parameters.map(parameter)
    return this.#answer(this.#client.query<Row>({ text, values, ...(name === undefined ? undefined : { name }) }))
  }

  onNotification(heard: (channel: string, payload: string) => void): void {
    this.#client.on('notification', ({ channel, payload }) => heard(channel, payload ?? ''))
  }

  /** Called once, when the connection is gone. */
  onBroken(tell: () => void): void {
    if (this.#broken) tell()
    else this.#onBroken = tell
  }

  /** While it is at work it keeps the process alive; a connection that rests does not. */
  hold(): void {
    this.#socket.ref()
  }

  rest(): void {
    this.#socket.unref()
  }

  /** Ends the connection when nothing has been heard on it for so long; the returned function ends the watch. */
  watch(silenceMs: number): () => void {
    const since = this.#clock.now()
    let stop: () => void
    const look = (): void => {
      const leftMs = silenceMs - elapsedMs(Math.max(this.#answered, since), this.#clock.now())
      if (leftMs <= 0) this.destroy()
      else stop = this.#clock.timer(leftMs, look)
    }
    stop = this.#clock.timer(silenceMs, look)
    return () => stop()
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    if (this.#broken) return
    this.#broken = true
    this.#onBroken = undefined
    // Whoever waits for this end is not to be left behind by a process that has nothing else to do.
    this.hold()
    await this.#client.end()
  }

  /** At once; whoever waits for an answer is told that the connection is gone. */
  destroy(): void {
    this.#socket.destroy()
    this.#break()
  }

  #break(): void {
    if (this.#broken) return
    this.#broken = true
    this.#onBreak(this)
    this.#onBroken?.()
  }

  async #answer(query: Promise<pg.QueryResult<Row> | pg.QueryResult<Row>[]>): Promise<Answer> {
    let result: pg.QueryResult<Row> | pg.QueryResult<Row>[]
    try {
      result = await query
    } catch (error) {
      throw new PostgresError(error)
    } finally {
      this.#answered = this.#clock.now()
    }
    // Several statements in one text: the last one's answer.
    const last = Array.isArray(result) ? result.at(-1) : result
    return { command: last?.command ?? '', rows: last?.rows ?? [], changes: last?.rowCount ?? 0 }
  }
}
