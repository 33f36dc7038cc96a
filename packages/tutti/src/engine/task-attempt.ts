import type { Clock } from '../core/time.ts'
import { runInContext } from './context.ts'
import type { RunContext } from './context.ts'

/** One start of a task's function: the signal its code sees, the time it has, and whether it was asked to stop. */
export class TaskAttempt {
  /** Why the run wants nothing more of it: what its code throws from then on is no failure. */
  toldToStop: string | undefined
  readonly #context: RunContext
  #controller: AbortController | undefined
  /** Why it was asked to stop; kept for a signal that is asked for later. */
  #aborted: { readonly reason: unknown } | undefined
  #stopTimer: (() => void) | undefined

  constructor(context: RunContext) {
    this.#context = context
  }

  /** Made when first asked for, as most tasks never do. */
  signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      const { signal } = this.#context.active.controller
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason)
      else if (signal.aborted) this.#controller.abort(signal.reason)
    }
    return this.#controller.signal
  }

  /** Calls the function in its context, and one of the others with how it ended. */
  run(fn: () => unknown, onValue: (value: unknown) => void, onError: (error: unknown) => void): void {
    let value: unknown
    try {
      value = runInContext(this.#context, fn)
    } catch (error) {
      onError(error)
      return
    }
    if (isThenable(value)) value.then(onValue, onError)
    else onValue(value)
  }

  /** Calls back when the time is up, unless it has ended before. A later call takes the place of an earlier one. */
  endAfter(clock: Clock, delayMs: number, callback: () => void, options?: { readonly keepAlive: boolean }): void {
    this.#stopTimer?.()
    this.#stopTimer = options === undefined ? clock.timer(delayMs, callback) : clock.timer(delayMs, callback, options)
  }

  abort(reason: unknown): void {
    this.#aborted = { reason }
    const controller = this.#controller
    // Listeners belong to the task's code: `run()` means there what it means around them.
    if (controller !== undefined) runInContext(this.#context, () => controller.abort(reason))
  }

  tellToStop(message: string, reason: unknown): void {
    this.toldToStop = message
    this.abort(reason)
  }

  /** Nobody waits for it any more. */
  end(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
