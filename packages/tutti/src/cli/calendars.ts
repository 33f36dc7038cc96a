import type { Client } from './server.ts'
import { dayOf, dayText } from '../core/calendar-days.ts'
import type { Holiday } from '../core/calendar.ts'
import { UsageError } from './usage-error.ts'

// What commands read and show of calendars.

export type ShownCalendar = Awaited<ReturnType<Client['calendars']['read']>>

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** Reads `sat,sun`, or `none`. */
export function parseWeekend(text: string): readonly number[] {
  const names = text.trim().toLowerCase() === 'none' ? [] : text.toLowerCase().split(',')
  return names.map((name) => {
    const day = WEEKDAYS.indexOf(name.trim().slice(0, 3)) + 1
    if (day === 0) throw new UsageError(`'${name}' is no day of the week`, `Write some of ${WEEKDAYS.join(',')}, or none.`)
    return day
  })
}

export function weekendText(weekend: readonly number[]): string {
  return weekend.length === 0 ? 'none' : weekend.map((day) => WEEKDAYS[day - 1]).join(', ')
}

/** Reads `2026-12-24`, `2026-08-03..2026-08-07`, each with `=Name` behind it. */
export function parseClosure(text: string): Holiday {
  const [days = '', name] = split(text)
  const [from = '', to = from] = days.split('..')
  if (Number.isNaN(dayOf(from)) || Number.isNaN(dayOf(to)))
    throw new UsageError(
      `'${text}' is no closure`,
      'Write a day or two, and a name if you like: 2026-12-24, 2026-08-03..2026-08-07=Moving.',
    )
  return { from, to, name: name ?? days }
}

/** Reads `12-25` or `12-25=Christmas`: each year from 2000 on. */
export function parseYearly(text: string): Holiday {
  const [day = '', name] = split(text)
  // A leap year: 29 February is a day of it.
  const from = `2000-${day}`
  if (Number.isNaN(dayOf(from)))
    throw new UsageError(`'${text}' is no day of the year`, 'Write month and day, and a name if you like: 12-25=Christmas.')
  return { from, to: from, name: name ?? day, rule: 'FREQ=YEARLY' }
}

export function parseDay(text: string): string {
  if (Number.isNaN(dayOf(text))) throw new UsageError(`'${text}' is no day`, 'Write it as 2026-12-24.')
  return text
}

function split(text: string): readonly string[] {
  const at = text.indexOf('=')
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Those that are there already are not added again. */
export function withHolidays(known: readonly Holiday[], added: readonly Holiday[]): readonly Holiday[] {
  const all = new Map([...known, ...added].map((holiday) => [`${holiday.from} ${holiday.to} ${holiday.rule ?? ''}`, holiday]))
  return [...all.values()].toSorted((one, other) => (one.from < other.from ? -1 : 1))
}

export function holidaysOf({ holidays }: ShownCalendar): readonly Holiday[] {
  return holidays.map(({ from, to, name, rule }) => ({ from, to, name, ...(rule === null ? undefined : { rule }) }))
}

export function holidayText({ from, to, rule }: Holiday): string {
  const days = from === to ? from : `${from} to ${to}`
  if (rule === undefined) return days
  return rule === 'FREQ=YEARLY' ? `${dayText(dayOf(from)).slice(5)} each year` : `from ${days} by ${rule}`
}
