// The text of a cron schedule, without the library that knows its times: what users write is checked where they write it.

const ALIASES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@midnight': '0 0 * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
  /** What may stand in it besides numbers, names, `*`, `/`, `,` and `-`. */
  readonly also?: RegExp
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  // The last day, the last working day, and the working day nearest to one.
  { name: 'day of month', min: 1, max: 31, also: /^(\?|L|LW|(?:[1-9]|[12]\d|3[01])W)$/i },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  // The last Friday is `L5` here and `5L` or `FRIL` elsewhere.
  { name: 'day of week', min: 0, max: 6, names: DAYS, also: /^(\?|L[0-7]|([0-7]|sun|mon|tue|wed|thu|fri|sat)(?:L|#[1-5]))$/i },
  // The sixth, where others have it as the first.
  { name: 'second', min: 0, max: 59 },
]

/**
 * Five fields, or six with the second, as the library reads them: the last Friday as `5L` and no range that goes over the end.
 *
 * @throws whatever is wrong with the text.
 */
export function cronFields(text: string): readonly string[] {
  const trimmed = text.trim().toLowerCase()
  if (trimmed.startsWith('@') && ALIASES[trimmed] === undefined) throw new Error(`${trimmed} is none of ${Object.keys(ALIASES).join(', ')}`)
  const given = (ALIASES[trimmed] ?? trimmed).split(/\s+/)
  if (given.length !== 5 && given.length !== 6) throw new Error(`exactly 5 or 6 fields are needed, not ${given.length}`)
  return given.map((field, index) => readField(field, FIELDS[index]!))
}

/** Whether a schedule runs in every hour of the day: it goes by the time that passes, not by hours of the day. */
export function isInEveryHour(cron: string): boolean {
  const parts = (cronFields(cron)[1] ?? '').split(',')
  const named = parts.filter((part) => !part.includes('*') && !part.includes('/') && !part.includes('-'))
  return parts.some((part) => /^(?:\*(?:\/1)?|0-23(?:\/1)?|0\/1)$/.test(part)) || new Set(named.map(Number)).size === HOURS
}

const HOURS = 24

function readField(text: string, field: Field): string {
  const parts = text.split(',').map((part) => readPart(part, field))
  return parts.join(',')
}

function readPart(part: string, field: Field): string {
  if (field.also?.test(part) === true) return part.replace(/^l([0-7])$/, (_, day: string) => `${day}L`).toUpperCase()
  const match = /^(?:(\*)|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part)
  if (match === null) throw new Error(`${part} is no ${field.name}`)
  const [, star, first, last, step] = match
  if (star !== undefined || first === undefined || last === undefined) {
    if (first !== undefined) valueOf(first, field)
    return part
  }
  const [from, to] = [valueOf(first, field), valueOf(last, field)]
  return from <= to ? part : overTheEnd(from, to, Number(step ?? 1), field)
}

function valueOf(text: string, { name, min, max, names = [] }: Field): number {
  const value = /^\d/.test(text) ? Number(text) : names.indexOf(text) + (names.includes(text) ? min : NaN)
  // Sunday is the seventh day, too.
  const highest = name === 'day of week' ? 7 : max
  if (!(value >= min && value <= highest)) throw new Error(`${text} is no ${name}`)
  return value
}

/** `22-2` of hours: 22, 23, 0, 1, 2. */
function overTheEnd(from: number, to: number, step: number, { min, max }: Field): string {
  const size = max - min + 1
  const values: number[] = []
  for (let value = from; value <= to + size; value += Math.max(1, step)) values.push(min + ((value - min) % size))
  return values.join(',')
}
