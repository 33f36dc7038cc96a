import type { Clock, Instant } from '../core/time.ts'

/** The longest delay a Node timer takes; longer ones are waited for in parts. */
const TIMER_MAX_MS = 2_147_483_647

/** How far the fine counter may drift from the system's clock (suspend, NTP) before it is set anew. */
const DRIFT_MAX_MS = 20
/** How often the two are compared: reading the system's clock each time would double the price of a moment. */
const DRIFT_CHECK_MS = 5

/** The real clock: microseconds from the process's fine counter, kept at the system's clock; never backwards within a process. */
export function systemClock(): Clock {
  return new SystemClock()
}

/** A class, so that what is compiled for one clock serves the next. */
class SystemClock implements Clock {
  #last: Instant = 0
  #origin = performance.timeOrigin
  #checked = -Infinity
  #correction = 0

  now(): Instant {
    const fine = performance.now()
    if (fine - this.#checked >= DRIFT_CHECK_MS) {
      this.#checked = fine
      const wall = Date.now()
      if (Math.abs(this.#origin + fine - wall) > DRIFT_MAX_MS) this.#origin = wall - fine
    }
    const instant = Math.round((this.#origin + fine) * 1000) + this.#correction
    if (instant > this.#last) this.#last = instant
    return this.#last
  }

  correct(byUs: number): void {
    this.#correction += Math.round(byUs)
    // The one time when it may go back.
    this.#last = 0
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return void reject(signal.reason)
      const stop = startTimer(delayMs, true, () => {
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

  timer(delayMs: number, callback: () => void, options?: { readonly keepAlive: boolean }): () => void {
    return startTimer(delayMs, options?.keepAlive === true, callback)
  }
}

function startTimer(delayMs: number, keepAlive: boolean, callback: () => void): () => void {
  let handle: NodeJS.Timeout | undefined
  const wait = (leftMs: number): void => {
    const partMs = Math.min(Math.max(leftMs, 0), TIMER_MAX_MS)
    handle = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs)
    if (!keepAlive) handle.unref()
  }
  wait(delayMs)
  return () => clearTimeout(handle)
}
