import { TuttiError } from '../core/errors.ts'
import type { Clock } from '../core/time.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { PostgresError } from './postgres-errors.ts'

export interface PoolOptions {
  /** Tried in their order, beginning with the one that worked last. */
  readonly urls: readonly string[]
  readonly size: number
  readonly clock: Clock
  /** Told of each new connection, and how much later it is there. */
  readonly onOpen?: (connection: PostgresConnection, offsetUs: number) => void
}

/** Connections that are opened when they are needed and kept. Whoever waits gets one in the order of asking. */
export class PostgresPool {
  readonly #options: PoolOptions
  readonly #idle: PostgresConnection[] = []
  readonly #waiting: { readonly proceed: () => void }[] = []
  #opened = 0
  #host = 0
  #closed = false
  #emptied: (() => void) | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Whoever takes one gives it back. */
  async take(): Promise<PostgresConnection> {
    while (!this.#closed && this.#idle.length === 0 && this.#opened >= this.#options.size)
      await new Promise<void>((resolve) => this.#waiting.push({ proceed: resolve }))
    if (this.#closed) throw new TuttiError('STORE_FAILED', 'the database has been closed')
    const resting = this.#idle.pop()
    if (resting !== undefined) {
      resting.hold()
      return resting
    }
    this.#opened += 1
    try {
      return await this.#open()
    } catch (error) {
      this.#gone()
      throw error
    }
  }

  give(connection: PostgresConnection): void {
    if (connection.isBroken) return this.#gone()
    if (this.#closed) return void connection.close().finally(() => this.#gone())
    connection.rest()
    this.#idle.push(connection)
    this.#waiting.shift()?.proceed()
  }

  /** The server behind them is no longer the one to talk to. */
  drop(): void {
    this.#host += 1
    for (const connection of this.#idle.splice(0)) {
      connection.destroy()
      this.#gone()
    }
  }

  /** Waits for those that are at work. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { proceed } of this.#waiting.splice(0)) proceed()
    await Promise.all(
      this.#idle.splice(0).map(async (connection) => {
        await connection.close()
        this.#gone()
      }),
    )
    if (this.#opened > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
  }

  async #open(): Promise<PostgresConnection> {
    const { urls, clock } = this.#options
    const first = this.#host
    for (let tried = 0; ; tried += 1) {
      const url = urls[(first + tried) % urls.length] ?? ''
      try {
        const connection = await PostgresConnection.open(url, clock, (broken) => this.#forget(broken))
        const offsetUs = await introduce(connection, clock)
        this.#options.onOpen?.(connection, offsetUs)
        this.#host = first + tried
        return connection
      } catch (error) {
        if (tried + 1 >= urls.length) throw error
      }
    }
  }

  /** One that breaks while it rests; one that breaks at work is given back. */
  #forget(broken: PostgresConnection): void {
    const at = this.#idle.indexOf(broken)
    if (at < 0) return
    this.#idle.splice(at, 1)
    this.#gone()
  }

  #gone(): void {
    this.#opened -= 1
    this.#waiting.shift()?.proceed()
    if (this.#closed && this.#opened === 0) this.#emptied?.()
  }
}

/** A standby takes no writes, and what it gives to read may be late. */
async function introduce(connection: PostgresConnection, clock: Clock): Promise<number> {
  const asked = clock.now()
  const { rows } = await connection.run(
    'SELECT pg_is_in_recovery() AS standby, gen_random_uuid() AS id, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now',
  )
  const answered = clock.now()
  connection.id = String(rows[0]?.['id'])
  if (rows[0]?.['standby'] !== 1) return Number(rows[0]?.['now']) - (asked + answered) / 2
  connection.destroy()
  throw new PostgresError(Object.assign(new Error('the server is a standby'), { code: '25006' }))
}
