import { CALENDAR_NAME_MAX, CLOSED_DAYS_MAX, HOLIDAYS_MAX } from './calendar.ts'
import type { CalendarContent, DayText, Holiday } from './calendar.ts'
import { occurrences, scheduleProblem } from './schedule/index.ts'
import { formatInstant, parseInstant } from './time.ts'

/** Days since 1970-01-01, on whatever clock. */
export type Day = number

const DAY_US = 86_400_000_000
const HOLIDAYS_PER_LOOK = 400

/** Whether days are open, by what a calendar says. Rules are expanded for the years that are asked for, and once. */
export class OpenDays {
  readonly #weekend: ReadonlySet<number>
  readonly #holidays: readonly Holiday[]
  readonly #years = new Map<number, ReadonlyMap<Day, string>>()

  constructor({ weekend, holidays }: Pick<CalendarContent, 'weekend' | 'holidays'>) {
    this.#weekend = new Set(weekend)
    this.#holidays = holidays
  }

  isOpen(day: Day): boolean {
    return this.closedFor(day) === undefined
  }

  /** Why a day is closed; `undefined`: it is open. */
  closedFor(day: Day): string | undefined {
    const holiday = this.#ofYear(yearOf(day)).get(day)
    if (holiday !== undefined) return holiday
    return this.#weekend.has(weekdayOf(day)) ? WEEKDAYS[weekdayOf(day) - 1] : undefined
  }

  /** The nearest open day before or after one; `undefined` when there is none within a year. */
  nearest(day: Day, step: 1 | -1): Day | undefined {
    for (let days = 1; days <= CLOSED_DAYS_MAX; days++) if (this.isOpen(day + step * days)) return day + step * days
    return undefined
  }

  #ofYear(year: number): ReadonlyMap<Day, string> {
    const known = this.#years.get(year)
    if (known !== undefined) return known
    const closed = new Map<Day, string>()
    for (const holiday of this.#holidays) for (const day of daysOf(holiday, year)) closed.set(day, holiday.name)
    this.#years.set(year, closed)
    return closed
  }
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** What of a holiday lies in a year, with what begins in the year before and reaches into it. */
function daysOf(holiday: Holiday, year: number): readonly Day[] {
  const [first, last] = [dayOf(holiday.from), dayOf(holiday.to)]
  const length = last - first
  const begins =
    holiday.rule === undefined
      ? [first]
      : occurrences(ruleOf(holiday), dayOf(`${pad(year, 4)}-01-01`) * DAY_US - length * DAY_US, {
          limit: HOLIDAYS_PER_LOOK,
          until: dayOf(`${pad(year, 4)}-12-31`) * DAY_US,
        }).map((at) => Math.floor(at / DAY_US))
  return begins.flatMap((begin) => Array.from({ length: length + 1 }, (_, days) => begin + days))
}

function ruleOf({ from, rule = '' }: Holiday) {
  return { type: 'rrule', rrule: `DTSTART:${from.replaceAll('-', '')}T000000\nRRULE:${rule}`, timezone: null } as const
}

/** @returns NaN when it is not a day. */
export function dayOf(text: DayText): Day {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined
  // 31 February is read as a day of March.
  return at === undefined || formatInstant(at).slice(0, 10) !== text ? NaN : at / DAY_US
}

export function dayText(day: Day): DayText {
  return formatInstant(day * DAY_US).slice(0, 10)
}

/** 1 for Monday to 7 for Sunday; the first of 1970 was a Thursday. */
function weekdayOf(day: Day): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

function yearOf(day: Day): number {
  return Number(dayText(day).slice(0, 4))
}

function pad(number: number, length: number): string {
  return String(number).padStart(length, '0')
}

/** What is wrong with a calendar, in words; `undefined` when it can be used. */
export function calendarProblem(name: string, { weekend, holidays }: CalendarContent): string | undefined {
  if (name === '' || name.length > CALENDAR_NAME_MAX || /[/%&><]/.test(name))
    return `the name of a calendar has 1 to ${CALENDAR_NAME_MAX} characters and none of / % & > <, unlike '${name}'`
  const wrongDay = weekend.find((day) => !Number.isInteger(day) || day < 1 || day > 7)
  if (wrongDay !== undefined) return `the weekend has days from 1 (Monday) to 7 (Sunday), ${wrongDay} is none`
  if (new Set(weekend).size === 7) return 'a weekend of all seven days leaves none open'
  if (holidays.length > HOLIDAYS_MAX) return `it has ${holidays.length} holidays; ${HOLIDAYS_MAX} are the most`
  for (const holiday of holidays) {
    const problem = holidayProblem(holiday)
    if (problem !== undefined) return `the holiday '${holiday.name}' ${problem}`
  }
  return undefined
}

function holidayProblem(holiday: Holiday): string | undefined {
  const [from, to] = [dayOf(holiday.from), dayOf(holiday.to)]
  if (Number.isNaN(from)) return `begins on '${holiday.from}', which is no day such as 2026-12-25`
  if (Number.isNaN(to)) return `ends on '${holiday.to}', which is no day such as 2026-12-25`
  if (to < from) return `ends on ${holiday.to}, before it begins on ${holiday.from}`
  if (to - from >= CLOSED_DAYS_MAX) return `is longer than ${CLOSED_DAYS_MAX} days`
  if (holiday.rule === undefined) return undefined
  if (/\n/.test(holiday.rule) || !/^FREQ=(?:YEARLY|MONTHLY|WEEKLY|DAILY)\b/i.test(holiday.rule))
    return `comes again by '${holiday.rule}', which does not begin with FREQ=YEARLY, MONTHLY, WEEKLY or DAILY`
  const problem = scheduleProblem(ruleOf(holiday))
  return problem === undefined ? undefined : `comes again by '${holiday.rule}': ${problem}`
}
