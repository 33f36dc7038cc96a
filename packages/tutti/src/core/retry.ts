import { parseDuration } from './duration.ts'
import type { Duration } from './duration.ts'
import { TuttiError } from './errors.ts'
import type { Random } from './id.ts'
import type { Instant } from './time.ts'

/** What a delay function is told. */
export interface RetryFailure {
  readonly error: unknown
  /** Which failure this is; 1 for the first. */
  readonly attempt: number
}

/**
 * How long to wait before the next attempt: one duration, a list (its last entry repeats), `exponential(…)`, or a function of the failure.
 * An error that carries its own delay (`retryAfter`, or a `Retry-After` header) overrules it.
 */
export type RetryDelay = Duration | readonly Duration[] | ExponentialDelay | ((failure: RetryFailure) => Duration)

export interface ExponentialDelay {
  readonly type: 'exponential'
  readonly baseMs: number
  readonly factor: number
  readonly maxMs: number
  readonly jitter: number
}

/** What a server or an error may ask for at most; a longer wish is cut. */
export const RETRY_AFTER_MAX_MS = 86_400_000

/**
 * A delay that grows: `base`, `base * factor`, `base * factor²` … up to `max`.
 *
 * @param options.factor - default 2, at least 1.
 * @param options.max - default one hour. Jitter may go past it by its share.
 * @param options.jitter - 0 to 1, default 0: each delay is multiplied by a random number between `1 - jitter` and `1 + jitter`.
 */
export function exponential(
  base: Duration,
  options: { readonly factor?: number; readonly max?: Duration; readonly jitter?: number } = {},
): ExponentialDelay {
  const { factor = 2, max = '1h', jitter = 0 } = options
  if (!(factor >= 1 && factor < Number.POSITIVE_INFINITY))
    throw new TuttiError('INVALID_RETRY', `exponential: the factor ${factor} is not 1 or more`)
  if (!(jitter >= 0 && jitter <= 1)) throw new TuttiError('INVALID_RETRY', `exponential: the jitter ${jitter} is not between 0 and 1`)
  return {
    type: 'exponential',
    baseMs: parseDuration(base, 'exponential: base'),
    factor,
    maxMs: parseDuration(max, 'exponential: max'),
    jitter,
  }
}

/** Reads an option once, so that a mistake shows where the task is defined and not at its first failure. */
export function checkRetryDelay(delay: RetryDelay, what: string): RetryDelay {
  if (typeof delay === 'number' || typeof delay === 'string') return parseDuration(delay, what)
  if (isList(delay)) return delay.map((entry) => parseDuration(entry, what))
  if (typeof delay === 'function' || delay?.type === 'exponential') return delay
  throw new TuttiError('INVALID_RETRY', `${what}: ${String(delay)} is not a delay`)
}

/**
 * Milliseconds until the next attempt.
 *
 * @throws what the user's delay function throws, or `INVALID_DURATION` when its answer is not a duration.
 */
export function retryDelayMs(
  delay: RetryDelay,
  failure: RetryFailure,
  world: { readonly random: Pick<Random, 'next'>; readonly now: Instant },
): number {
  const asked = delayAskedBy(failure.error, world.now)
  if (asked !== undefined) return asked
  if (typeof delay === 'number') return delay
  if (typeof delay === 'string') return parseDuration(delay, 'retryDelay')
  if (typeof delay === 'function') return parseDuration(delay(failure), 'the answer of retryDelay')
  if (isList(delay)) return parseDuration(delay[Math.min(failure.attempt, delay.length) - 1] ?? 0, 'retryDelay')
  // `factor ** attempt` may be Infinity for a huge number of attempts; the maximum makes it a delay again.
  const plain = Math.min(delay.baseMs * delay.factor ** (failure.attempt - 1), delay.maxMs)
  return plain * (1 - delay.jitter + 2 * delay.jitter * world.random.next())
}

function isList(delay: RetryDelay): delay is readonly Duration[] {
  return Array.isArray(delay)
}

/* ── what the error itself asks for ──────────────────────────────────────────────────── */

function delayAskedBy(error: unknown, now: Instant): number | undefined {
  if (!isRecord(error)) return undefined
  try {
    return (
      ownDelay(error['retryAfter'], now) ?? headerDelay(error['headers'], now) ?? headerDelay(member(error['response'], 'headers'), now)
    )
  } catch {
    // A getter of the error threw. The delay of the task is as good as any.
    return undefined
  }
}

function ownDelay(value: unknown, now: Instant): number | undefined {
  if (value instanceof Date) return until(value.getTime(), now)
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  try {
    return bounded(parseDuration(value, 'retryAfter'))
  } catch {
    // Other libraries use the same name for a copy of the header.
    return typeof value === 'string' ? headerValue(value, now) : undefined
  }
}

function headerDelay(headers: unknown, now: Instant): number | undefined {
  const value = header(headers)
  return typeof value === 'string' || typeof value === 'number' ? headerValue(String(value), now) : undefined
}

function header(headers: unknown): unknown {
  if (!isRecord(headers)) return undefined
  if (typeof headers['get'] === 'function') return headers['get']('retry-after')
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'retry-after')
  return name === undefined ? undefined : headers[name]
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function headerValue(text: string, now: Instant): number | undefined {
  const trimmed = text.trim()
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return bounded(Number(trimmed) * 1000)
  // `Date.parse` would take a bare word with a digit for a date of its own invention.
  return /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d{4}-\d{2}-\d{2}T)/.test(trimmed) ? until(Date.parse(trimmed), now) : undefined
}

function until(millis: number, now: Instant): number | undefined {
  return Number.isNaN(millis) ? undefined : bounded(Math.max(0, millis - now / 1000))
}

function bounded(millis: number): number {
  return Math.min(millis, RETRY_AFTER_MAX_MS)
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
