import { RRuleTemporal } from 'rrule-temporal'
import { dateFromInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal } from './time-zone.ts'
import type { LocalTime } from './time-zone.ts'
import { LOOKED_AT_MAX } from './window.ts'
import type { Window } from './window.ts'

type RRuleSchedule = Schedule & { readonly type: 'rrule' }

export const RRULE_MAX = 6_500

/** The times of some rules and dates, without those of others. */
interface RuleSet {
  readonly rules: readonly RRuleTemporal[]
  readonly dates: readonly Instant[]
  readonly exceptRules: readonly RRuleTemporal[]
  readonly exceptDates: ReadonlySet<Instant>
}

export function ruleTimes(schedule: RRuleSchedule, { from, limit, until }: Window): readonly Instant[] {
  const set = ruleSetOf(schedule)
  const times: Instant[] = []
  let at = from
  for (let looked = 0; times.length < limit && looked < LOOKED_AT_MAX; looked++) {
    const next = soonest([...set.rules.map((rule) => nextOf(rule, at)), set.dates.find((date) => date >= at)])
    if (next === undefined || next > until) break
    if (!set.exceptDates.has(next) && !set.exceptRules.some((rule) => nextOf(rule, next) === next)) times.push(next)
    at = next + 1
  }
  return times
}

function soonest(candidates: readonly (Instant | undefined)[]): Instant | undefined {
  return candidates.reduce((one, other) => (one === undefined || (other !== undefined && other < one) ? other : one), undefined)
}

/** The first time of a rule from an instant on. A rule that the library gives up on, such as 30 February, has none. */
function nextOf(rule: RRuleTemporal, from: Instant): Instant | undefined {
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
export function ruleSetOf({ rrule, timezone }: RRuleSchedule): RuleSet {
  const zone = timezone ?? 'UTC'
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
  const start = `DTSTART;TZID=${zone}:${begins.length === 8 ? `${begins}T000000` : begins}`
  const rule = (text: string): RRuleTemporal => new RRuleTemporal({ rruleString: `${start}\nRRULE:${untilInZone(text, zone)}` })
  const dates = (name: string): readonly Instant[] =>
    of(name)
      .flatMap((list) => list.split(',').map((date) => fromLocal(localOf(date), zone)))
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

/** As `20260102T090000`, on the clocks of the schedule's zone whatever it says of UTC. */
function localOf(text: string): LocalTime {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/.exec(text.trim())
  if (match === null) throw new Error(`${text} is no date`)
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000
}

/** The end of a rule, too, is read in the zone. */
function untilInZone(rule: string, zone: string): string {
  return rule.replace(/UNTIL=(\d{8}T\d{6})Z?/i, (_, until: string) => {
    const text = dateFromInstant(fromLocal(localOf(until), zone)).toISOString()
    return `UNTIL=${text.slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  })
}
