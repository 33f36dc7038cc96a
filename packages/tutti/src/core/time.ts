/** A moment: whole microseconds since 1970-01-01T00:00:00Z. Safe as a number until the year 2255. */
export type Instant = number

/** What the domain needs of time. Implemented by `system/clock.ts`, and by the virtual clock of `tutti/testing`. */
export interface Clock {
  /** Now, in microseconds; never earlier than an answer this clock gave before. */
  now(): Instant
  /** Resolves after `delayMs`; rejects with the signal's reason as soon as it aborts. Long delays (over 24 days) are fine. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** Calls back once after `delayMs`; the returned function takes it back. A timer keeps the process alive only when asked to. */
  timer(delayMs: number, callback: () => void, options?: { readonly keepAlive: boolean }): () => void
  /**
   * From now on it is so much later, or earlier: leases that several machines look at are measured by one clock, that of the database they
   * share. Called once, before anything is measured.
   */
  correct?(byUs: number): void
  /** A clock that jumps stands still until the promise settles: for work it cannot see, such as another thread's. */
  hold?<T>(work: Promise<T>): Promise<T>
}

/** The instant `delayMs` milliseconds later. */
export function after(now: Instant, delayMs: number): Instant {
  return now + Math.round(delayMs * 1000)
}

/** Milliseconds from `from` to `to`; negative when `to` is earlier. */
export function elapsedMs(from: Instant, to: Instant): number {
  return (to - from) / 1000
}

export function instantFromDate(date: Date): Instant {
  return date.getTime() * 1000
}

export function dateFromInstant(instant: Instant): Date {
  return new Date(Math.floor(instant / 1000))
}

/** RFC 3339 in UTC with `Z`; microseconds are written when they are not zero (the form the wire uses). */
export function formatInstant(instant: Instant): string {
  const micros = ((instant % 1_000_000) + 1_000_000) % 1_000_000
  const whole = new Date((instant - micros) / 1000).toISOString().slice(0, 19)
  return micros === 0 ? `${whole}Z` : `${whole}.${String(micros).padStart(6, '0')}Z`
}

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|z|[+-]\d{2}:?\d{2})?$/

/** Reads RFC 3339 text with any offset; text without an offset is UTC. `undefined` when it is not a time. */
export function parseInstant(text: string): Instant | undefined {
  const match = RFC_3339.exec(text.trim())
  if (match === null) return undefined
  const [, day, clock, fraction = '', offset = 'Z'] = match
  const millis = Date.parse(`${day}T${clock}${offset.toUpperCase()}`)
  if (Number.isNaN(millis)) return undefined
  return millis * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
