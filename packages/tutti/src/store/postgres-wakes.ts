import type { Clock } from '../core/time.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { PostgresPool } from './postgres-pool.ts'
import type { Wakes } from './port.ts'
import type { Script } from './script.ts'

export interface WakesOptions {
  /** Of servers, not of poolers: what a pooler hears goes to nobody. */
  readonly urls: readonly string[]
  readonly clock: Clock
  /** Who wakes others, so as not to wake itself. */
  readonly id: string
}

/** The first wait for a server that is away, and the longest. */
const WAIT_MIN_MS = 50
const WAIT_MAX_MS = 5_000

type OnWake = (payload: string | null) => void

/** One connection that only listens. When it was away, everybody who listens is told to look for themselves. */
export class PostgresWakes implements Wakes {
  readonly #clock: Clock
  readonly #id: string
  readonly #pool: PostgresPool
  readonly #channels = new Map<string, Set<OnWake>>()
  #connection: Promise<PostgresConnection> | undefined
  readonly #closing = new AbortController()

  constructor({ urls, clock, id }: WakesOptions) {
    this.#id = id
    this.#clock = clock
    this.#pool = new PostgresPool({ urls, size: 1, clock })
  }

  async listen(channel: string, onWake: OnWake): Promise<() => void> {
    const known = this.#channels.get(channel)
    if (known !== undefined) known.add(onWake)
    else {
      this.#channels.set(channel, new Set([onWake]))
      const connection = await (this.#connection ??= this.#connect())
      if (!connection.isBroken) await connection.run(`LISTEN ${quoted(channel)}`).catch(() => undefined)
    }
    return () => this.#channels.get(channel)?.delete(onWake)
  }

  *wake(channel: string, payload: string): Script<void> {
    yield { sql: 'SELECT pg_notify(?, ?)', parameters: [], rows: false, batch: [[channel, `${this.#id} ${payload}`]] }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const connection = await this.#connection?.catch(() => undefined)
    if (connection !== undefined) this.#pool.give(connection)
    await this.#pool.close()
  }

  /** Comes back when there is a connection, however long that takes, unless it is closed meanwhile. */
  async #connect(): Promise<PostgresConnection> {
    for (let waitMs = WAIT_MIN_MS; ; waitMs = Math.min(waitMs * 2, WAIT_MAX_MS)) {
      try {
        return await this.#open()
      } catch (error) {
        if (this.#closing.signal.aborted) throw error
        await this.#pause(waitMs)
      }
    }
  }

  async #open(): Promise<PostgresConnection> {
    const connection = await this.#pool.take()
    try {
      connection.onNotification((channel, payload) => {
        const space = payload.indexOf(' ')
        if (payload.slice(0, space) === this.#id) return
        for (const onWake of this.#channels.get(channel) ?? []) onWake(payload.slice(space + 1))
      })
      for (const channel of this.#channels.keys()) await connection.run(`LISTEN ${quoted(channel)}`)
      connection.onBroken(() => this.#again(connection))
      // It waits for others and keeps no process alive.
      connection.rest()
      return connection
    } catch (error) {
      connection.destroy()
      this.#pool.give(connection)
      throw error
    }
  }

  /** Not by the clock's `sleep`, which would keep the process alive. */
  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#clock.timer(waitMs, resolve)
      this.#closing.signal.addEventListener('abort', () => {
        stop()
        resolve()
      })
    })
  }

  #again(broken: PostgresConnection): void {
    this.#pool.give(broken)
    if (this.#closing.signal.aborted) return
    this.#connection = this.#connect()
    this.#connection.then(
      () => {
        // Whoever was called meanwhile has not heard it.
        for (const listening of this.#channels.values()) for (const onWake of listening) onWake(null)
      },
      () => undefined,
    )
  }
}

function quoted(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`
}
