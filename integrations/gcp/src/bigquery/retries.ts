import { setTimeout as wait } from 'node:timers/promises'
import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import { isPassing, requestError } from './failures.ts'

/** How long is waited between two looks, or before another try: it grows from the first to the longest. */
export interface PauseOptions {
  readonly first?: Duration | undefined
  readonly longest?: Duration | undefined
}

export interface Pauses {
  readonly firstMs: number
  readonly longestMs: number
}

const GROWTH = 1.6

export function readPauses({ first, longest }: PauseOptions = {}, what: string, defaults: Pauses): Pauses {
  const firstMs = first === undefined ? defaults.firstMs : parseDuration(first, `${what}.first`)
  return { firstMs, longestMs: longest === undefined ? Math.max(defaults.longestMs, firstMs) : parseDuration(longest, `${what}.longest`) }
}

/** The pause before look or try `number`, from 0. */
export function pauseMs({ firstMs, longestMs }: Pauses, number: number): number {
  return Math.min(longestMs, firstMs * GROWTH ** number)
}

/** Ends early, with the signal's reason, when it aborts. */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  try {
    await wait(ms, undefined, { ...(signal !== undefined && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Leaves as soon as the signal aborts, with its reason; what was waited for goes on unheard. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) work.catch(() => undefined)
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason as Error) // what a signal aborts with is thrown as it is
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function answered<T>(request: () => Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new LateAnswer(timeoutMs)), timeoutMs)
  try {
    return await unlessAborted(request(), signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]))
  } finally {
    clearTimeout(timer)
  }
}

/** Spelled as a connection that timed out. */
class LateAnswer extends Error {
  readonly code = 'ETIMEDOUT'
  constructor(timeoutMs: number) {
    super(`there was no answer within ${timeoutMs} ms`)
  }
}

export interface RetryRules {
  readonly triesMax: number
  /** Within it a request must be answered, or it counts as failed of something that passes. */
  readonly timeoutMs: number
  readonly pauses: Pauses
}

/** Makes a request until it is answered: again after errors that pass, not for long. */
export async function withRetries<T>(
  what: string,
  request: () => Promise<T>,
  { rules, signal }: { readonly rules: RetryRules; readonly signal: AbortSignal | undefined },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await answered(request, rules.timeoutMs, signal)
    } catch (error) {
      if (signal?.aborted === true) throw error
      if (tries >= rules.triesMax || !isPassing(error)) throw requestError(error, tries === 1 ? what : `${what} in ${tries} tries`)
      // Between half and all of it: those that failed together do not come back together.
      await sleep(pauseMs(rules.pauses, tries - 1) * (0.5 + Math.random() / 2), signal)
    }
  }
}
