import { OpenDays, dayOf, dayText } from '../../core/calendar-days.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import { readCalendarFile } from '../../core/ics.ts'
import type { Holiday } from '../../core/calendar.ts'
import { holidaysOf, holidayText, parseClosure, parseDay, parseWeekend, parseYearly, weekendText, withHolidays } from '../calendars.ts'
import type { ShownCalendar } from '../calendars.ts'
import type { Client } from '../server.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { clockTime } from '../moment.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import { renderTable } from '../table.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

const KEPT = 'calendars'
const PAGE = 200
const nameArgument = { doc: 'the name of the calendar' } as const

export const list = defineCommand({
  arguments: {},
  options: { json: jsonOption },
  examples: [{ command: 'tutti calendar ls', doc: 'Every calendar of the server' }],
  async run(world, { options }) {
    const calendars: ShownCalendar[] = []
    return withServer(
      world,
      async (client) => {
        for (let page; page === undefined || page.length === PAGE; calendars.push(...page))
          page = await client.calendars.list({ body: { limit: PAGE, offset: calendars.length } })
        if (options.json) printJson(world.output, calendars)
        else if (calendars.length === 0) printLine(world.errors, 'No calendars. Make one with `tutti calendar set NAME`.')
        else
          world.output.write(
            renderTable(
              calendars,
              [
                { title: 'NAME', whole: true, cell: ({ name }) => name },
                { title: 'WEEKEND', cell: ({ weekend }) => weekendText(weekend) },
                { title: 'HOLIDAYS', align: 'right', cell: ({ holidays }) => String(holidays.length) },
                { title: 'DESCRIPTION', cell: ({ description }) => description ?? '' },
              ],
              world.output,
            ),
          )
        return 0
      },
      KEPT,
    )
  },
})

export const inspect = defineCommand({
  arguments: { name: nameArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti calendar inspect bank', doc: 'Its closed days, and the next of them' }],
  async run(world, { arguments: { name }, options }) {
    return withServer(
      world,
      async (client) => {
        const calendar = await client.calendars.read({ name })
        if (options.json) printJson(world.output, calendar)
        else show(world, calendar)
        return 0
      },
      KEPT,
    )
  },
})

const NEXT_SHOWN = 5
const LOOKED_AT_DAYS = 366

function show(world: World, calendar: ShownCalendar): void {
  const holidays = holidaysOf(calendar)
  const openDays = new OpenDays({ weekend: [], holidays })
  const today = dayOf(clockTime(world.clock.now()).slice(0, 10))
  const next = Array.from({ length: LOOKED_AT_DAYS }, (_, days) => today + days).filter((day) => !openDays.isOpen(day))
  printFields(world.output, [
    ['name', calendar.name],
    ['description', calendar.description ?? undefined],
    ['weekend', weekendText(calendar.weekend)],
    ['holidays', holidays.length === 0 ? 'none' : holidays.map((holiday) => `${holidayText(holiday)}: ${holiday.name}`).join('\n')],
    [
      'next',
      next.length === 0
        ? undefined
        : next
            .slice(0, NEXT_SHOWN)
            .map((day) => `${dayText(day)} ${openDays.closedFor(day) ?? ''}`)
            .join('\n'),
    ],
  ])
}

export const set = defineCommand({
  about: 'Makes a calendar, or changes one: what is given is added to what it has. Runs of schedules that go by it are made anew.',
  arguments: { name: nameArgument },
  options: {
    description: { value: 'TEXT', doc: 'What it is for' },
    weekend: { value: 'DAYS', parse: parseWeekend, doc: 'Closed days of the week, as sat,sun (the default of a new one) or none' },
    yearly: { value: 'MM-DD[=NAME]', repeatable: true, parse: parseYearly, doc: 'A day that is closed each year, as 12-25=Christmas' },
    closed: {
      value: 'DAY[..DAY][=NAME]',
      repeatable: true,
      parse: parseClosure,
      doc: 'A day, or several in a row, that is closed once, as 2026-08-03..2026-08-07=Moving',
    },
    open: { value: 'DAY', repeatable: true, parse: parseDay, doc: 'Takes the closures that begin on this day out of the calendar' },
    replace: { doc: 'Begins anew, instead of adding' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti calendar set bank --yearly 12-25=Christmas --yearly 01-01', doc: 'Closed at weekends and on two days each year' },
    { command: 'tutti calendar set bank --closed 2026-08-03..2026-08-07=Moving', doc: 'One week more' },
  ],
  async run(world, { arguments: { name }, options }) {
    return withServer(
      world,
      async (client) => {
        const known = await existing(client, name)
        const before = options.replace ? undefined : known
        const kept = (before === undefined ? [] : holidaysOf(before)).filter(({ from }) => !options.open.includes(from))
        const calendar = await client.calendars.put({
          name,
          body: {
            description: options.description ?? before?.description ?? null,
            weekend: [...(options.weekend ?? before?.weekend ?? WEEKEND)],
            holidays: [...withHolidays(kept, [...options.yearly, ...options.closed])],
          },
        })
        tell(world, calendar, known === undefined, options.json)
        return 0
      },
      KEPT,
    )
  },
})

const WEEKEND = [6, 7]

export const importFile = defineCommand({
  about: 'Adds the all-day events of a calendar file (.ics, as calendar programs and authorities publish holidays) to a calendar.',
  arguments: { name: nameArgument, file: { doc: 'the file, or - for what is piped in' } },
  options: {
    weekend: { value: 'DAYS', parse: parseWeekend, doc: 'Closed days of the week, as sat,sun (the default of a new one) or none' },
    replace: { doc: 'Instead of the closed days it has' },
    json: jsonOption,
  },
  examples: [{ command: 'tutti calendar import bank holidays.ics', doc: 'Holidays of a file' }],
  async run(world, { arguments: { name, file }, options }) {
    const text = file === '-' ? await world.readInput() : world.readFile(file)
    if (text === undefined) throw new UsageError(`there is no file ${file}`)
    const { holidays, leftOut } = readCalendarFile(text)
    if (holidays.length === 0)
      throw new TuttiError('INVALID_CALENDAR', `${file} has no event of whole days${leftOut.length === 0 ? '' : `; ${leftOut[0]}`}`)
    return withServer(
      world,
      async (client) => {
        const known = await existing(client, name)
        const kept: readonly Holiday[] = known === undefined || options.replace ? [] : holidaysOf(known)
        const calendar = await client.calendars.put({
          name,
          body: {
            description: known?.description ?? null,
            weekend: [...(options.weekend ?? known?.weekend ?? WEEKEND)],
            holidays: [...withHolidays(kept, holidays)],
          },
        })
        for (const each of leftOut) printLine(world.errors, `Left out: ${each}`)
        tell(world, calendar, known === undefined, options.json)
        return 0
      },
      KEPT,
    )
  },
})

export const remove = defineCommand({
  arguments: { name: nameArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti calendar delete bank', doc: 'A calendar that no schedule goes by' }],
  async run(world, { arguments: { name }, options }) {
    return withServer(
      world,
      async (client) => {
        await client.calendars.remove({ name })
        if (options.json) printJson(world.output, { deleted: name })
        else printLine(world.output, `Deleted the calendar ${name}.`)
        return 0
      },
      KEPT,
    )
  },
})

async function existing(client: Client, name: string): Promise<ShownCalendar | undefined> {
  try {
    return await client.calendars.read({ name })
  } catch (error) {
    if (isTuttiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

function tell({ output }: World, calendar: ShownCalendar, isNew: boolean, json: boolean): void {
  if (json) return printJson(output, calendar)
  const { name, weekend, holidays } = calendar
  printLine(output, `${isNew ? 'Made' : 'Changed'} the calendar ${name}: weekend ${weekendText(weekend)}, ${holidays.length} holidays.`)
}
