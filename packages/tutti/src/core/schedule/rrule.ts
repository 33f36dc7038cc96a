import { RRuleTemporal } from 'rrule-temporal'
import { dateFromInstant, parseInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import { eachOnce, wheneverShown } from './clock-times.ts'
import type { ClockTime, NextLocal } from './clock-times.ts'
import type { Schedule } from './schedule.ts'
import type { LocalTime } from './time-zone.ts'
import { LOOKED_AT_MAX } from './window.ts'

type RRuleSchedule = Schedule & { readonly type: 'rrule' }

export const RRULE_MAX = 6_500

/** The times of some rules and dates, without those of others; all on the clock of the schedule's zone. */
interface RuleSet {
  readonly rules: readonly Rule[]
  readonly dates: readonly LocalTime[]
  readonly exceptRules: readonly Rule[]
  readonly exceptDates: ReadonlySet<LocalTime>
}

interface Rule {
  readonly next: NextLocal
  /** As in `FREQ=MINUTELY`: it goes by the time that passes, not by hours of the day. */
  readonly inEveryHour: boolean
}

export function* ruleTimes(schedule: RRuleSchedule, from: Instant): Generator<ClockTime, void> {
  const zone = schedule.timezone ?? 'UTC'
  const { rules, dates, exceptRules, exceptDates } = ruleSetOf(schedule)
  const nextDate: NextLocal = (local) => dates.find((date) => date >= local)
  const sources = [{ next: nextDate, inEveryHour: false }, ...rules].map(({ next, inEveryHour }) =>
    inEveryHour ? wheneverShown(next, zone, from) : eachOnce(next, zone, from),
  )
  let leftOut = 0
  for (const time of inOrder(sources)) {
    const { wanted } = time
    if (!exceptDates.has(wanted) && !exceptRules.some(({ next }) => next(wanted) === wanted)) yield time
    else if (++leftOut >= LOOKED_AT_MAX) return
  }
}

/** What several sources have, each of them in order: in order, each time once. */
function* inOrder(sources: readonly Iterator<ClockTime, void>[]): Generator<ClockTime, void> {
  const heads = sources.map((source) => source.next())
  while (true) {
    const at = Math.min(...heads.map((head) => head.value?.at ?? Infinity))
    const soonest = heads.find((head) => head.value?.at === at)?.value
    if (soonest === undefined) return
    yield soonest
    for (const [index, source] of sources.entries()) if (heads[index]?.value?.at === at) heads[index] = source.next()
  }
}

/** The first time of a rule from one on. A rule that the library gives up on, such as 30 February, has none. */
function nextOf(rule: RRuleTemporal, from: LocalTime): LocalTime | undefined {
  try {
    // The library looks for times after a millisecond.
    const next = rule.next(dateFromInstant(from - 1), false)
    if (next === null) return undefined
    const at = next.epochMilliseconds * 1000
    return at >= from ? at : nextOf(rule, at + 1001)
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Maximum iterations')) return undefined
    throw error
  }
}

/** @throws whatever is wrong with the text. */
export function ruleSetOf({ rrule }: RRuleSchedule): RuleSet {
  const lines = rrule
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const of = (name: string): readonly string[] =>
    lines.filter((line) => new RegExp(`^${name}[;:]`, 'i').test(line)).map((line) => line.slice(line.indexOf(':') + 1))
  const known = /^(DTSTART|RRULE|EXRULE|RDATE|EXDATE)[;:]/i
  const bare = lines.filter((line) => !known.test(line))
  // A rule without a beginning counts from 2020 on; a beginning is read in the schedule's zone.
  const begins = /\d{8}(?:T\d{6})?/.exec(of('DTSTART')[0] ?? '')?.[0] ?? '20200101T000000'
  // The library is given a clock that is never put forward or back.
  const start = `DTSTART;TZID=UTC:${begins.length === 8 ? `${begins}T000000` : begins}`
  const rule = (text: string): Rule => {
    const made = new RRuleTemporal({ rruleString: `${start}\nRRULE:${untilOnClock(text)}` })
    return { next: (from) => nextOf(made, from), inEveryHour: isInEveryHour(text) }
  }
  const dates = (name: string): readonly LocalTime[] =>
    of(name)
      .flatMap((list) => list.split(',').map(localOf))
      .toSorted((one, other) => one - other)
  const set = {
    rules: [...of('RRULE'), ...bare].map(rule),
    dates: dates('RDATE'),
    exceptRules: of('EXRULE').map(rule),
    exceptDates: new Set(dates('EXDATE')),
  }
  if (set.rules.length === 0 && set.dates.length === 0) throw new Error('it has neither a rule nor dates')
  return set
}

/** How often at least a rule of each frequency must come to do so in every hour. */
const PER_HOUR: Readonly<Record<string, number>> = { HOURLY: 1, MINUTELY: 60, SECONDLY: 3600 }

function isInEveryHour(rule: string): boolean {
  const frequency = /FREQ=(\w+)/i.exec(rule)?.[1]?.toUpperCase() ?? ''
  const interval = Number(/INTERVAL=(\d+)/i.exec(rule)?.[1] ?? 1)
  return interval <= (PER_HOUR[frequency] ?? 0) && !/BYHOUR=/i.test(rule)
}

/** As `20260102T090000`, on the clocks of the schedule's zone whatever it says of UTC. */
function localOf(text: string): LocalTime {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/.exec(text.trim()) ?? []
  const at = parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (at === undefined) throw new Error(`${text} is no date`)
  return at
}

/** The end of a rule, too, is read on the clock of the zone. */
function untilOnClock(rule: string): string {
  return rule.replace(/UNTIL=(\d{8}T\d{6})Z?/i, 'UNTIL=$1Z')
}
