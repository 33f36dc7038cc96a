import type { Holiday } from './calendar.ts'
import { dayOf, dayText } from './calendar-days.ts'
import { TuttiError } from './errors.ts'

/** What a file of calendars (iCalendar, RFC 5545) has of whole days. */
export interface ImportedDays {
  readonly holidays: readonly Holiday[]
  /** What was left out, and why. */
  readonly leftOut: readonly string[]
}

/** A line of the file: its name, its parameters and its value. */
interface Line {
  readonly name: string
  readonly parameters: string
  readonly value: string
}

/**
 * Reads the all-day events of a calendar file; those that come again keep their rule.
 *
 * @throws `INVALID_CALENDAR`
 */
export function readCalendarFile(text: string): ImportedDays {
  const lines = linesOf(text)
  if (!lines.some(({ name, value }) => name === 'BEGIN' && value.toUpperCase() === 'VCALENDAR'))
    throw new TuttiError('INVALID_CALENDAR', 'the file does not begin with BEGIN:VCALENDAR')
  const holidays: Holiday[] = []
  const leftOut: string[] = []
  for (const event of eventsOf(lines)) {
    const read = readEvent(event)
    if (typeof read === 'string') leftOut.push(`${nameOf(event)}: ${read}`)
    else holidays.push(read)
  }
  return { holidays, leftOut }
}

/** A line that is too long goes on in the next one, behind a space. */
function linesOf(text: string): readonly Line[] {
  const unfolded = text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/)
  return unfolded.flatMap((line) => {
    const match = /^([A-Za-z-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)$/.exec(line)
    return match === null ? [] : [{ name: match[1]!.toUpperCase(), parameters: match[2]!.toUpperCase(), value: match[3]!.trim() }]
  })
}

function eventsOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const events: Line[][] = []
  // Alarms and the like lie within events and are none of their lines.
  let depth = 0
  for (const line of lines) {
    const isEvent = line.value.toUpperCase() === 'VEVENT'
    if (line.name === 'BEGIN' && (isEvent || depth > 0)) depth += 1
    if (line.name === 'BEGIN' && isEvent && depth === 1) events.push([])
    else if (depth === 1 && line.name !== 'END') events.at(-1)?.push(line)
    if (line.name === 'END' && depth > 0) depth -= 1
  }
  return events
}

/** The holiday, or why it is none. */
function readEvent(event: readonly Line[]): Holiday | string {
  const of = (name: string): Line | undefined => event.find((line) => line.name === name)
  if (of('STATUS')?.value.toUpperCase() === 'CANCELLED') return 'it is cancelled'
  if (of('RECURRENCE-ID') !== undefined) return 'it changes one day of another event'
  if (of('EXDATE') !== undefined || of('RDATE') !== undefined) return 'it has single days beside its rule (EXDATE, RDATE)'
  const begin = of('DTSTART')
  if (begin === undefined) return 'it has no beginning'
  const from = dayFrom(begin.value)
  if (from === undefined) return 'it does not last whole days'
  const end = of('DTEND')
  // The end of an event is the day after its last.
  const after = end === undefined ? undefined : dayFrom(end.value)
  if (end !== undefined && after === undefined) return 'it does not last whole days'
  const days = after === undefined ? lengthOf(of('DURATION')?.value) : dayOf(after) - dayOf(from)
  const rule = of('RRULE')?.value
  return {
    from,
    to: dayText(dayOf(from) + Math.max(1, days) - 1),
    name: nameOf(event),
    ...(rule === undefined ? undefined : { rule }),
  }
}

function dayFrom(value: string): string | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(value)
  const day = match === null ? '' : `${match[1]}-${match[2]}-${match[3]}`
  return Number.isNaN(dayOf(day)) ? undefined : day
}

function lengthOf(duration: string | undefined): number {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?$/.exec(duration ?? '')
  return match === null ? 1 : Number(match[1] ?? 0) * 7 + Number(match[2] ?? 0)
}

function nameOf(event: readonly Line[]): string {
  const summary = event.find(({ name }) => name === 'SUMMARY')?.value ?? ''
  const text = summary.replaceAll(/\\n/gi, ' ').replaceAll(/\\([\\;,])/g, '$1')
  return text === '' ? 'an event without a name' : text.slice(0, 500)
}
