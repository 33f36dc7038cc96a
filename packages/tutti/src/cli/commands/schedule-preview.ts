import { parseDuration } from '../../core/duration.ts'
import { OpenDays } from '../../core/calendar-days.ts'
import { TuttiError } from '../../core/errors.ts'
import { DAY_RULES } from '../../core/schedule/definition.ts'
import type { DayRule } from '../../core/schedule/definition.ts'
import { scheduleProblem } from '../../core/schedule/index.ts'
import { previewSchedule } from '../../core/schedule/preview.ts'
import type { PreviewedTime, PreviewMark } from '../../core/schedule/preview.ts'
import type { Schedule } from '../../core/schedule/schedule.ts'
import { fromLocal } from '../../core/schedule/time-zone.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { clockTime, momentAt, parseMoment } from '../moment.ts'
import { limitUpTo } from '../options.ts'
import { paint, printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import { renderTable } from '../table.ts'
import type { Column } from '../table.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

const NEXT_MAX = 1_000

export const preview = defineCommand({
  about:
    'Shows the next times of a schedule in its time zone and in UTC, and marks those that clocks are put forward or back over. Nothing is stored.',
  arguments: { cron: { doc: 'cron fields, as "0 5 1 * *" or @daily', optional: true } },
  options: {
    every: { value: 'DURATION', doc: 'An interval instead of cron fields, as in 15m or 1d' },
    rrule: { value: 'RULES', doc: 'Rules of a calendar (RFC 5545) instead, as in "FREQ=MONTHLY;BYDAY=-1FR"' },
    tz: { value: 'ZONE', doc: 'The time zone, as in Europe/Berlin; default UTC' },
    anchor: { value: 'TIME', doc: 'Where an interval counts from; default midnight of 2020-01-01' },
    bothDays: { doc: 'Day of the month and day of the week must both fit' },
    from: { value: 'TIME', parse: parseMoment, doc: 'Times from then on instead of from now on: 2026-03-28 or 2026-03-28T10:00:00Z' },
    next: { short: 'n', value: 'NUMBER', parse: limitUpTo(NEXT_MAX), doc: `So many times, up to ${NEXT_MAX}; default 10` },
    calendar: { value: 'NAME', doc: 'Only on open days of this calendar of the server' },
    dayRule: { value: 'RULE', choices: DAY_RULES, doc: 'What happens to times on its closed days; default skip' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti schedule preview "0 5 1 * *" --tz Europe/Berlin --next 10', doc: 'The first of each month at five in Berlin' },
    {
      command: 'tutti schedule preview "30 2 * * *" --tz Europe/Berlin --from 2026-03-28',
      doc: 'Around the night when clocks are put forward',
    },
  ],
  async run(world, { arguments: { cron }, options }) {
    const zone = options.tz ?? null
    const schedule = scheduleOf({
      cron,
      every: options.every,
      rrule: options.rrule,
      zone,
      anchor: options.anchor,
      bothDays: options.bothDays,
    })
    const problem = scheduleProblem(schedule)
    if (problem !== undefined) throw new TuttiError('INVALID_SCHEDULE', problem)
    const now = world.clock.now()
    const openDays = options.calendar === undefined ? null : await openDaysOf(world, options.calendar)
    const rule: DayRule = options.dayRule ?? 'skip'
    const times = previewSchedule({
      schedule,
      options: options.calendar === undefined ? {} : { calendar: { name: options.calendar, rule } },
      openDays,
      from: options.from === undefined ? now : momentAt(options.from, now),
      limit: options.next ?? 10,
    })
    if (options.json) printJson(world.output, { schedule: { ...schedule, ...anchorJson(schedule) }, times: times.map(timeJson) })
    else if (times.length === 0) printLine(world.errors, 'This schedule has no time to come.')
    else world.output.write(renderTable(times, columns(zone ?? 'UTC'), world.output))
    return 0
  },
})

interface Asked {
  readonly cron: string | undefined
  readonly every: string | undefined
  readonly rrule: string | undefined
  readonly zone: string | null
  readonly anchor: string | undefined
  readonly bothDays: boolean
}

function scheduleOf({ cron, every, rrule, zone, anchor, bothDays }: Asked): Schedule {
  const given = [cron, every, rrule].filter((one) => one !== undefined)
  if (given.length !== 1)
    throw new UsageError('one schedule is shown at a time', 'Give cron fields as "0 5 * * *", or --every DURATION, or --rrule RULES.')
  if (cron !== undefined) return { type: 'cron', cron, timezone: zone, dayOr: !bothDays }
  if (rrule !== undefined) return { type: 'rrule', rrule: rrule.replaceAll(String.raw`\n`, '\n'), timezone: zone }
  const intervalS = parseDuration(every ?? '', '--every') / 1000
  const problem = scheduleProblem({ type: 'interval', intervalS, anchor: 0, timezone: zone })
  if (problem !== undefined) throw new TuttiError('INVALID_SCHEDULE', problem)
  return { type: 'interval', intervalS, anchor: anchorOf(anchor, zone ?? 'UTC'), timezone: zone }
}

function anchorOf(text: string | undefined, zone: string): Instant {
  if (text !== undefined && /T/.test(text)) {
    const at = parseInstant(text)
    if (at === undefined) throw new UsageError(`'${text}' is not a time`, 'Write it as 2026-01-31 or 2026-01-31T10:00:00Z.')
    return at
  }
  const midnight = parseInstant(`${text ?? '2020-01-01'}T00:00:00Z`)
  if (midnight === undefined) throw new UsageError(`'${String(text)}' is not a day`, 'Write it as 2026-01-31 or 2026-01-31T10:00:00Z.')
  return fromLocal(midnight, zone)
}

async function openDaysOf(world: World, name: string): Promise<OpenDays> {
  return withServer(
    world,
    async (client) => {
      const { weekend, holidays } = await client.calendars.read({ name })
      return new OpenDays({
        weekend,
        holidays: holidays.map(({ rule, ...rest }) => ({ ...rest, ...(rule === null ? undefined : { rule }) })),
      })
    },
    'calendars',
  )
}

function anchorJson(schedule: Schedule): { readonly anchor?: string } {
  return schedule.type === 'interval' ? { anchor: formatInstant(schedule.anchor) } : {}
}

function timeJson({ at, logicalDate, local, offset, marks }: PreviewedTime) {
  return {
    at: formatInstant(at),
    local: `${formatInstant(local).slice(0, -1)}${offsetText(offset)}`,
    logicalDate: formatInstant(logicalDate),
    marks,
  }
}

const MARKS: Readonly<Record<PreviewMark, string>> = {
  gap: 'the clock skips the time itself',
  overlap: 'the clock shows this time twice',
  'offset-changed': 'the offset has changed',
  rolled: 'moved from a closed day',
}

function columns(zone: string): readonly Column<PreviewedTime>[] {
  return [
    {
      title: zone.toUpperCase(),
      whole: true,
      cell: ({ local, offset }) => `${weekday(local)} ${clockTime(local).slice(0, -1)} ${offsetText(offset)}`,
    },
    { title: 'UTC TIME', whole: true, cell: ({ at }) => clockTime(at) },
    { title: '', cell: ({ marks }, to) => paint(to, 'yellow', marks.map((mark) => MARKS[mark]).join(', ')) },
  ]
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']

function weekday(local: Instant): string {
  return DAYS[((Math.floor(local / 86_400_000_000) % 7) + 7) % 7] ?? ''
}

function offsetText(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000_000)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
