// Schedules as a person says them.
import { plural } from '../../format.ts'
import type { Schedule } from '../../queries.ts'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** `weekdays at 07:30`; what has no short way to say it is shown as it is written. */
export function scheduleWords(schedule: Schedule): string {
  if ('interval' in schedule) return intervalWords(schedule.interval)
  if ('cron' in schedule) return cronWords(schedule.cron) ?? schedule.cron
  return rruleWords(schedule.rrule) ?? schedule.rrule
}

const UNITS: readonly (readonly [number, string])[] = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]

/** `every 15 minutes`. */
export function intervalWords(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, 'second']
  const count = seconds / size
  return count === 1 ? `every ${unit}` : `every ${plural(count, unit)}`
}

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

type Fields = readonly [minute: string, hour: string, day: string, month: string, weekday: string]

function fieldsOf(cron: string): Fields | undefined {
  const parts = (MACROS[cron.trim().toLowerCase()] ?? cron).trim().split(/\s+/)
  return parts.length === 5 ? (parts as unknown as Fields) : undefined // five
}

/** `undefined` for what takes more than a line to say. */
export function cronWords(cron: string): string | undefined {
  const fields = fieldsOf(cron)
  if (fields === undefined) return undefined
  const [minute, hour, day, month, weekday] = fields
  const time = timeWords(minute, hour)
  const onDays = day === '*' || day === '?' ? '' : dayWords(day)
  const onWeekdays = weekday === '*' || weekday === '?' ? '' : weekdayWords(weekday)
  const inMonths = month === '*' ? '' : listed(month, MONTHS, 1)
  if (time === undefined || onDays === undefined || onWeekdays === undefined || inMonths === undefined) return undefined
  const days = onDays !== '' && onWeekdays !== '' ? `${onDays} or ${onWeekdays}` : `${onDays}${onWeekdays}`
  const isClock = time.startsWith('at ')
  const when = days === '' ? (isClock ? `every day ${time}` : time) : isClock ? `${days} ${time}` : `${time}, ${days}`
  return inMonths === '' ? when : `${when}, in ${inMonths}`
}

function timeWords(minute: string, hour: string): string | undefined {
  const step = stepOf(minute, 60)
  const hourStep = stepOf(hour, 24)
  const minutes = numbersOf(minute, 59)
  const hours = numbersOf(hour, 23)
  if (hour === '*') {
    if (minute === '*') return 'every minute'
    if (step !== undefined) return `every ${step} minutes`
    if (minutes === undefined) return undefined
    if (minutes.length === 1) return minutes[0] === 0 ? 'every hour' : `every hour at minute ${minutes[0]}`
    return `every hour at minutes ${and(minutes.map(String))}`
  }
  if (hourStep !== undefined && minutes?.length === 1)
    return minutes[0] === 0 ? `every ${hourStep} hours` : `every ${hourStep} hours at minute ${minutes[0]}`
  const range = /^(\d{1,2})-(\d{1,2})$/.exec(hour)
  if (range !== null) {
    const span = `from ${clock(Number(range[1]), 0)} to ${clock(Number(range[2]), minutes?.at(-1) ?? 59)}`
    if (minute === '*') return `every minute ${span}`
    if (step !== undefined) return `every ${step} minutes ${span}`
    if (minutes?.length === 1) return `every hour ${span.replace(':00 ', `:${two(minutes[0]!)} `)}`
    return undefined
  }
  if (hours === undefined) return undefined
  if (minute === '*') return `every minute of ${and(hours.map((each) => clock(each, 0)))}`
  if (step !== undefined) return `every ${step} minutes of ${and(hours.map((each) => clock(each, 0)))}`
  if (minutes === undefined || minutes.length * hours.length > TIMES_MAX) return undefined
  return `at ${and(hours.flatMap((each) => minutes.map((one) => clock(each, one))))}`
}

const TIMES_MAX = 6

function stepOf(field: string, of: number): number | undefined {
  const step = Number(/^(?:\*|0)\/(\d+)$/.exec(field)?.[1])
  return step > 1 && of % step === 0 ? step : undefined
}

/** `5` and `5,10`; `undefined` for anything else. */
function numbersOf(field: string, max: number): readonly number[] | undefined {
  if (!/^\d+(?:,\d+)*$/.test(field)) return undefined
  const numbers = field.split(',').map(Number)
  return numbers.every((each) => each <= max) ? numbers.toSorted((one, other) => one - other) : undefined
}

function clock(hour: number, minute: number): string {
  return `${two(hour)}:${two(minute)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function dayWords(field: string): string | undefined {
  if (field.toUpperCase() === 'L') return 'on the last day of the month'
  const days = numbersOf(field, 31)
  if (days !== undefined) return days.length === 1 ? `on the ${nth(days[0]!)} of the month` : `on the ${and(days.map(nth))} of the month`
  const range = /^(\d{1,2})-(\d{1,2})$/.exec(field)
  return range === null ? undefined : `from the ${nth(Number(range[1]))} to the ${nth(Number(range[2]))} of the month`
}

function nth(day: number): string {
  const end = day % 100 > 10 && day % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th')
  return `${day}${end}`
}

function weekdayWords(field: string): string | undefined {
  const plain = field
    .toUpperCase()
    .replaceAll(/SUN|MON|TUE|WED|THU|FRI|SAT/g, (day) => String(DAYS.findIndex((each) => each.toUpperCase().startsWith(day))))
  if (plain === '1-5') return 'on weekdays'
  if (plain === '0,6' || plain === '6,0' || plain === '6-7' || plain === '6,7') return 'on weekends'
  const ordinal = /^([0-7])#([1-5])$/.exec(plain)
  if (ordinal !== null) return `on the ${nth(Number(ordinal[2]))} ${DAYS[Number(ordinal[1]) % 7]} of the month`
  const names = listed(plain, [...DAYS, 'Sunday'], 0)
  return names === undefined ? undefined : `on ${names}`
}

/** Names of numbers and of spans of them. */
function listed(field: string, names: readonly string[], first: number): string | undefined {
  const plain = field
    .toUpperCase()
    .replaceAll(/[A-Z]{3,}/g, (name) => String(names.findIndex((each) => each.toUpperCase().startsWith(name)) + first))
  const parts = plain.split(',').map((part) => {
    const found = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part)
    if (found === null) return undefined
    const from = names[Number(found[1]) - first]
    const to = found[2] === undefined ? undefined : names[Number(found[2]) - first]
    if (from === undefined || (found[2] !== undefined && to === undefined)) return undefined
    return to === undefined ? from : `${from} to ${to}`
  })
  return parts.every((part) => part !== undefined) ? and(parts) : undefined
}

function and(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

export interface CronField {
  readonly name: string
  readonly text: string
  /** What may stand there. */
  readonly allowed: string
}

const FIELDS: readonly (readonly [string, string])[] = [
  ['minute', '0–59'],
  ['hour', '0–23'],
  ['day of month', '1–31, L'],
  ['month', '1–12, JAN–DEC'],
  ['day of week', '0–7, MON–SUN, 1#2'],
]

/** Field by field, as far as something stands there. */
export function cronFields(cron: string): readonly CronField[] {
  const parts = cron.trim().split(/\s+/)
  return FIELDS.map(([name, allowed], at) => ({ name, allowed, text: parts[at] ?? '' }))
}

const FREQUENCIES: Readonly<Record<string, string>> = {
  YEARLY: 'year',
  MONTHLY: 'month',
  WEEKLY: 'week',
  DAILY: 'day',
  HOURLY: 'hour',
  MINUTELY: 'minute',
  SECONDLY: 'second',
}
const SHORT_DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

/** `every 2 weeks on Monday at 09:00`; `undefined` for rules with more to them. */
export function rruleWords(text: string): string | undefined {
  const rule = text.split(/\n/).find((line) => !/^DTSTART/i.test(line) && line.includes('FREQ='))
  if (rule === undefined) return undefined
  const parts = new Map(
    rule
      .replace(/^RRULE:/i, '')
      .toUpperCase()
      .split(';')
      .map((part) => part.split('=') as [string, string]),
  ) // of two
  const known = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND', 'BYMONTHDAY', 'COUNT', 'UNTIL', 'WKST'])
  const unit = FREQUENCIES[parts.get('FREQ') ?? '']
  if (unit === undefined || [...parts.keys()].some((key) => !known.has(key))) return undefined
  const count = Number(parts.get('INTERVAL') ?? 1)
  const words = [count === 1 ? `every ${unit}` : `every ${plural(count, unit)}`]
  const days = parts.get('BYDAY')?.split(',')
  if (days !== undefined) {
    const names = days.map((day) => DAYS[SHORT_DAYS.indexOf(day)])
    if (names.some((name) => name === undefined)) return undefined
    words.push(days.join(',') === 'MO,TU,WE,TH,FR' ? 'on weekdays' : `on ${and(names.map(String))}`)
  }
  const monthDays = parts.get('BYMONTHDAY')?.split(',').map(Number)
  if (monthDays?.some((day) => !(day > 0)) === true && parts.get('BYMONTHDAY') !== '-1') return undefined
  if (monthDays !== undefined) words.push(parts.get('BYMONTHDAY') === '-1' ? 'on the last day' : `on the ${and(monthDays.map(nth))}`)
  const hours = parts.get('BYHOUR')?.split(',').map(Number)
  const minutes = (parts.get('BYMINUTE') ?? '0').split(',').map(Number)
  if (hours !== undefined) words.push(`at ${and(hours.flatMap((hour) => minutes.map((minute) => clock(hour, minute))))}`)
  if (parts.has('COUNT')) words.push(`${parts.get('COUNT')} times`)
  return words.join(' ')
}
