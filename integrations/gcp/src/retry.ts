import { setTimeout as wait } from 'node:timers/promises'

export interface RetryOptions {
  /** Failures in a row after which it is given up. Progress begins to count anew. */
  readonly retries: number
  /** Before the first new attempt; it doubles from one to the next. */
  readonly delayMs: number
}

const DELAY_MAX_MS = 32_000
const DOUBLINGS_MAX = 20
/** Longer is not waited because a server says so. */
const RETRY_AFTER_MAX_MS = 120_000

/** How long to wait before another attempt: twice as long each time, a part of it by chance, so that many callers do not come at once. */
export function retryDelayMs(failures: number, { delayMs }: RetryOptions, retryAfterMs = 0, random: () => number = Math.random): number {
  const longest = Math.min(DELAY_MAX_MS, delayMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX))
  return Math.max(longest * (0.5 + random() / 2), Math.min(retryAfterMs, RETRY_AFTER_MAX_MS))
}

/** Counts failures in a row, and waits between them. */
export class Retries {
  readonly #options: RetryOptions
  #failures = 0

  constructor(options: RetryOptions) {
    this.#options = options
  }

  /** Waits for the next attempt. Throws the failure when there were too many, and the reason of the signal when it aborts. */
  async after(
    failure: unknown,
    { retryAfterMs, signal }: { readonly retryAfterMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    signal?.throwIfAborted()
    this.#failures += 1
    if (this.#failures > this.#options.retries) throw failure
    await pause(retryDelayMs(this.#failures, this.#options, retryAfterMs), signal)
  }

  /** Something went on: what failed before does not count any more. */
  progress(): void {
    this.#failures = 0
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
