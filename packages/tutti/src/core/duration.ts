import { TuttiError } from './errors.ts'

/**
 * A length of time: milliseconds as a number, or text with units: `250ms`, `5s`, `1.5m`, `2h`, `1d`, `1w`, several of them (`1h30m`), words
 * (`3 days`, `1 hour 30 minutes`), or ISO 8601 (`PT5S`, `P1DT2H`).
 */
export type Duration = number | string

/** A hundred years. Longer is a mistake, and would leave the range of `Instant`. */
const DURATION_MAX_MS = 100 * 366 * 86_400_000

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** Units as people write them in sentences: `3 days`. */
const WORDS = /\b(\d+(?:\.\d+)?)\s*(millisecond|second|minute|hour|day|week)s?\b/g
const WORD_UNITS: Readonly<Record<string, Unit>> = { millisecond: 'ms', second: 's', minute: 'm', hour: 'h', day: 'd', week: 'w' }

type Unit = keyof typeof UNIT_MS

const PARTS = /^(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+$/
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)/g
const NUMBER = '(\\d+(?:[.,]\\d+)?)'
const ISO_8601 = new RegExp(`^P(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?=.)(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`)
const ISO_UNITS = ['w', 'd', 'h', 'm', 's'] as const satisfies readonly Unit[]

/**
 * Reads a duration as milliseconds.
 *
 * @param what - the option it was given for; named in the error.
 * @throws `INVALID_DURATION`, also for negative, infinite and absurdly long ones.
 */
export function parseDuration(duration: Duration, what: string): number {
  const millis = typeof duration === 'number' ? duration : parseText(duration)
  if (millis === undefined) throw invalid(duration, what, 'is not a duration')
  if (Number.isNaN(millis)) throw invalid(duration, what, 'is not a number')
  if (millis < 0) throw invalid(duration, what, 'is negative')
  if (millis > DURATION_MAX_MS) throw invalid(duration, what, 'is longer than a hundred years')
  return millis
}

function parseText(duration: unknown): number | undefined {
  // Plain JavaScript can hand over anything.
  if (typeof duration !== 'string') return undefined
  const text = duration.trim().replaceAll(WORDS, (_, amount: string, word: string) => `${amount}${WORD_UNITS[word] ?? word}`)
  if (PARTS.test(text)) {
    let millis = 0
    for (const [, amount, unit] of text.matchAll(PART)) millis += Number(amount) * UNIT_MS[unit as Unit] // the pattern lists the units
    return millis
  }
  const iso = text.length > 1 ? ISO_8601.exec(text) : null
  if (iso === null) return undefined
  return ISO_UNITS.reduce((millis, unit, at) => millis + Number((iso[at + 1] ?? '0').replace(',', '.')) * UNIT_MS[unit], 0)
}

function invalid(duration: unknown, what: string, problem: string): TuttiError {
  const shown = typeof duration === 'string' ? `'${duration.slice(0, 100)}'` : String(duration)
  return new TuttiError('INVALID_DURATION', `${what}: ${shown} ${problem}`)
}

/** For people, at most two units: `250 ms`, `1.2 s`, `3 m 4 s`, `2 h 5 m`, `4 d 1 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return two(seconds, 60, 'm', 's')
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1440) return two(minutes, 60, 'h', 'm')
  return two(Math.round(ms / 3_600_000), 24, 'd', 'h')
}

function two(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size
  const whole = `${(amount - rest) / size} ${large}`
  return rest === 0 ? whole : `${whole} ${rest} ${small}`
}
