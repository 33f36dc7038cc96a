// Formats of text: what fits them, how to say what is expected, and what people type instead.
import type { TextFormat } from './schema.ts'

export const FORMAT_HINTS: Readonly<Record<TextFormat, string>> = {
  'date-time': 'a date and time such as 2026-11-28T14:30:00Z',
  date: 'a date such as 2026-11-28',
  time: 'a time such as 14:30:00',
  email: 'an email address such as ada@example.com',
  uri: 'an address such as https://example.com/data',
  uuid: 'a UUID such as 0b6e1c1e-7a54-4f0e-9b0c-2f6f3f1f9b11',
  duration: 'a duration such as PT1H30M, or 1h 30m',
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/i
const EMAIL = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const DURATION =
  /^[+-]?P(?!$)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?!$)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

export function fitsFormat(format: TextFormat, text: string): boolean {
  switch (format) {
    case 'date':
      return isDate(text)
    case 'time':
      return TIME.test(text)
    case 'date-time': {
      const [date = '', time = ''] = text.split(/[Tt ](.*)/s)
      return isDate(date) && TIME.test(time)
    }
    case 'email':
      return EMAIL.test(text)
    case 'uri':
      return URL.canParse(text)
    case 'uuid':
      return UUID.test(text)
    case 'duration':
      return DURATION.test(text)
    default:
      return format satisfies never
  }
}

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (year === undefined) return false
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

const UNITS: readonly (readonly [string, RegExp])[] = [
  ['Y', /^y(?:ears?)?$/i],
  ['M', /^mo(?:nths?)?$/i],
  ['W', /^w(?:eeks?)?$/i],
  ['D', /^d(?:ays?)?$/i],
  ['H', /^h(?:ours?|rs?)?$/i],
  ['m', /^m(?:in(?:utes?)?)?$/i],
  ['S', /^s(?:ec(?:onds?)?)?$/i],
]

/** `1h 30m`, `90 minutes` and `2 days` as ISO 8601 writes them; other text as it is. */
export function tidyDuration(text: string): string {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/gi)]
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text.trimStart()) return text
  const amounts = new Map<string, string>()
  for (const [, amount, word] of parts) {
    const unit = UNITS.find(([, names]) => names.test(word!))?.[0]
    if (unit === undefined || amounts.has(unit)) return text
    amounts.set(unit, amount!)
  }
  const write = (units: readonly string[]): string =>
    units.flatMap((unit) => (amounts.has(unit) ? [`${amounts.get(unit)}${unit.toUpperCase()}`] : [])).join('')
  const clock = write(['H', 'm', 'S'])
  return `P${write(['Y', 'M', 'W', 'D'])}${clock === '' ? '' : `T${clock}`}`
}

/** `PT1H30M` as `1 hour 30 minutes`; `undefined` where it is none. */
export function durationWords(text: string): string | undefined {
  const found = DURATION.exec(text)
  if (found === null) return undefined
  const names = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second']
  const words = names.flatMap((name, at) => {
    const amount = found[at + 1]
    return amount === undefined ? [] : [`${amount} ${name}${Number(amount) === 1 ? '' : 's'}`]
  })
  return `${text.startsWith('-') ? 'minus ' : ''}${words.join(' ')}`
}

/** `2026-11-28 14:30` with the offset that holds there in this zone: a moment, whoever reads it. Other text as it is. */
export function tidyMoment(text: string, offsetOf: (local: Date) => number = (local) => -local.getTimezoneOffset()): string {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[ Tt](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?$/.exec(text.trim())
  if (found === null) return text
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = found
  const local = new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const offset = offsetOf(local)
  const two = (value: number): string => String(value).padStart(2, '0')
  const zone = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`
}
