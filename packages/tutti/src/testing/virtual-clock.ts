import { after } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { EventLoop, LoopActivity } from '../system/event-loop.ts'

export interface VirtualClockOptions {
  readonly start: Instant
  readonly loop: EventLoop
  /** Whether time jumps to the next timer when nothing else is left to do. `false`: it stands still until `advance`. */
  readonly jumps: boolean
  /** Told after each jump, before the timers that are due. */
  readonly onJump?: () => void
}

/**
 * Real milliseconds for which the event loop must have looked the same before time jumps. Idle: work on Node's thread pool that it does not
 * tell of gets this long to come back. Open sockets, threads and processes may never say anything more; a timer may be one that nobody waits for.
 */
const PATIENCE_MS = { idle: 1, open: 50, timer: 2_000 } as const satisfies Record<Exclude<LoopActivity, 'busy'>, number>

interface Timer {
  readonly at: Instant
  readonly callback: () => void
}

/**
 * Time that passes only when nothing else happens.
 *
 * The rule: while a timer of this clock is waiting, the event loop is looked at every real millisecond. Time jumps to the next timer when two looks
 * found nothing under way: no turn, no file, no connection being made, no real timer. Sockets, threads and child processes
 * opened since the last `forget` may be silent for good, so they hold time up for 50 real milliseconds only; real timers do for two seconds.
 * Work that Node does not tell of (zlib, native addons) is named with `hold`.
 */
export class VirtualClock implements Clock {
  readonly #loop: EventLoop
  readonly #onJump: () => void
  readonly #jumps: boolean
  /** In the order in which they are due. */
  #timers: Timer[] = []
  #now: Instant
  #holds = 0
  #watching = false
  #closed = false

  constructor({ start, loop, jumps, onJump }: VirtualClockOptions) {
    this.#now = start
    this.#loop = loop
    this.#jumps = jumps
    this.#onJump = onJump ?? (() => undefined)
  }

  now(): Instant {
    return this.#now
  }

  timer(delayMs: number, callback: () => void): () => void {
    const timer = { at: after(this.#now, Math.max(0, delayMs)), callback }
    this.#insert(timer)
    this.#watch()
    return () => {
      const at = this.#timers.indexOf(timer)
      if (at !== -1) this.#timers.splice(at, 1)
    }
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return void reject(signal.reason)
      const stop = this.timer(delayMs, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      const onAbort = (): void => {
        stop()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Time stands still until the promise settles. */
  async hold<T>(promise: Promise<T>): Promise<T> {
    this.#holds += 1
    try {
      return await promise
    } finally {
      this.#holds -= 1
      this.#watch()
    }
  }

  /** Passes time: every timer on the way fires at its moment, and what it sets going comes to rest before the next one. */
  async advance(delayMs: number): Promise<void> {
    const end = after(this.#now, delayMs)
    await this.settled()
    while (this.#timers[0] !== undefined && this.#timers[0].at <= end) {
      this.#fire(this.#timers[0].at)
      await this.settled()
    }
    if (end > this.#now) this.#jumpTo(end)
    await this.settled()
  }

  /** Resolves when nothing is under way but timers of this clock. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#whenIdle(resolve))
  }

  /** What is open in the process now is none of this clock's business. */
  forget(): void {
    this.#loop.forget()
  }

  close(): void {
    this.#closed = true
    this.#timers = []
  }

  #insert(timer: Timer): void {
    // Most are due last: found at the first look.
    this.#timers.splice(this.#timers.findLastIndex((other) => other.at <= timer.at) + 1, 0, timer)
  }

  #watch(): void {
    if (!this.#jumps || this.#watching || this.#closed || this.#timers.length === 0) return
    this.#watching = true
    this.#whenIdle(() => {
      this.#watching = false
      const next = this.#timers[0]
      if (next !== undefined && !this.#closed) this.#fire(next.at)
      this.#watch()
    })
  }

  /** Calls back when the event loop has come to rest, as the rule above says. */
  #whenIdle(callback: () => void): void {
    let former: LoopActivity = 'busy'
    let since = 0
    const look = (): void => {
      const found = this.#holds > 0 ? 'busy' : this.#loop.look()
      if (found !== former) since = this.#loop.nowMs()
      else if (found !== 'busy' && this.#loop.nowMs() - since >= PATIENCE_MS[found]) return callback()
      former = found
      this.#loop.again(look)
    }
    this.#loop.soon(look)
  }

  #fire(at: Instant): void {
    if (at > this.#now) this.#jumpTo(at)
    const due = this.#timers.filter((timer) => timer.at <= this.#now)
    for (const timer of due) {
      // One that fired before it may have taken it back.
      const index = this.#timers.indexOf(timer)
      if (index === -1) continue
      this.#timers.splice(index, 1)
      timer.callback()
    }
  }

  #jumpTo(at: Instant): void {
    this.#now = at
    this.#onJump()
  }
}
