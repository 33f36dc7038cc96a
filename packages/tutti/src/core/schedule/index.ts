import { Cron } from 'croner'
import { RRuleTemporal } from 'rrule-temporal'
import { dateFromInstant, instantFromDate } from '../time.ts'
import type { Instant } from '../time.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, isTimeZone, toLocal } from './time-zone.ts'

/** Candidates that are looked at in one expansion. */
const LOOKED_AT_MAX = 1_000
const SECOND = 1_000_000
const DAY_S = 86_400

/**
 * The next times of a schedule from an instant on (that one included), in order, at most `limit` and none after `until`.
 *
 * Where clocks are put forward, a time that does not exist fires at the first moment after the gap (cron), is moved on by its length
 * (interval in days), or is left out (rrule, RFC 5545 section 3.3.10). Where they are put back, a time that exists twice fires once, at the first.
 */
export function occurrences(
  schedule: Schedule,
  from: Instant,
  { limit, until = Infinity }: { readonly limit: number; readonly until?: Instant },
): readonly Instant[] {
  const wanted = Math.min(limit, LOOKED_AT_MAX)
  if (wanted <= 0) return []
  switch (schedule.type) {
    case 'interval':
      return intervalTimes(schedule, from, wanted, until)
    case 'cron':
      return cronOf(schedule)
        .nextRuns(wanted, dateFromInstant(from - 1))
        .map(instantFromDate)
        .filter((at) => at >= from && at <= until)
    case 'rrule':
      return ruleTimes(schedule, from, wanted, until)
  }
}

/** What is wrong with a schedule, in words; `undefined` when it can be used. */
export function scheduleProblem(schedule: Schedule): string | undefined {
  if (schedule.timezone !== null && !isTimeZone(schedule.timezone)) return `Invalid timezone: "${schedule.timezone}"`
  try {
    switch (schedule.type) {
      case 'interval':
        return schedule.intervalS > 0 ? undefined : 'interval must be positive'
      case 'cron':
        if (/(^|[\s,])[RHrh](?:[\s,(]|$)/.test(schedule.cron)) return 'Random and Hashed expressions are unsupported'
        cronOf(schedule)
        return undefined
      case 'rrule':
        if (schedule.rrule.length > RRULE_MAX) return `Invalid RRule: longer than ${RRULE_MAX} characters`
        ruleOf(schedule)
        return undefined
    }
  } catch (error) {
    const what = schedule.type === 'cron' ? `Invalid cron: "${schedule.cron}"` : 'Invalid RRule'
    return `${what}: ${error instanceof Error ? error.message : String(error)}`
  }
}

const RRULE_MAX = 6_500

type Of<Type extends Schedule['type']> = Schedule & { readonly type: Type }

function intervalTimes({ intervalS, anchor, timezone }: Of<'interval'>, from: Instant, limit: number, until: Instant): readonly Instant[] {
  const stepUs = intervalS * SECOND
  const zone = timezone ?? 'UTC'
  const inZone = zone !== 'UTC' && intervalS >= DAY_S
  const local = inZone ? toLocal(anchor, zone) : 0
  const at = (k: number): Instant => {
    if (!inZone) return Math.round(anchor + k * stepUs)
    const totalS = k * intervalS
    const days = Math.floor(totalS / DAY_S)
    return Math.round(fromLocal(local + days * DAY_S * SECOND, zone) + (totalS - days * DAY_S) * SECOND)
  }
  // Days of the calendar differ from elapsed time by hours: the first candidate lies one step before.
  let k = Math.ceil((from - anchor) / stepUs) - (inZone ? 1 : 0)
  const times: Instant[] = []
  for (let looked = 0; times.length < limit && looked < LOOKED_AT_MAX; looked++, k++) {
    const time = at(k)
    if (time > until) break
    if (time >= from) times.push(time)
  }
  return times
}

function cronOf({ cron, timezone, dayOr }: Of<'cron'>): Cron {
  return new Cron(cron, { timezone: timezone ?? 'UTC', domAndDow: !dayOr, sloppyRanges: true, paused: true })
}

function ruleTimes(schedule: Of<'rrule'>, from: Instant, limit: number, until: Instant): readonly Instant[] {
  const rule = ruleOf(schedule)
  const times: Instant[] = []
  let after = dateFromInstant(from - 1)
  for (let looked = 0; times.length < limit && looked < LOOKED_AT_MAX; looked++) {
    const next = rule.next(after, false)
    if (next === null) break
    const at = next.epochMilliseconds * 1000
    if (at > until) break
    if (at >= from) times.push(at)
    after = new Date(next.epochMilliseconds)
  }
  return times
}

/** A rule without a beginning counts from 2020 on; a beginning is read in the schedule's zone. */
function ruleOf({ rrule, timezone }: Of<'rrule'>): RRuleTemporal {
  const zone = timezone ?? 'UTC'
  const lines = rrule.split(/\r?\n/).filter((line) => line.trim() !== '')
  const start = lines.find((line) => /^DTSTART/i.test(line))
  const begins = /(\d{8}T\d{6})/.exec(start ?? '')?.[1] ?? '20200101T000000'
  const rest = lines
    .filter((line) => line !== start)
    .map((line) => (/^(RRULE|EXRULE|RDATE|EXDATE)/i.test(line) ? line : `RRULE:${line}`))
    .map((line) => line.replace(/^(EXDATE|RDATE)(?:;TZID=[^:]*)?:/i, `$1;TZID=${zone}:`).replaceAll(/(\d{8}T\d{6})Z/g, (all, time: string) => (/^RRULE/i.test(line) ? all : time)))
  return new RRuleTemporal({ rruleString: [`DTSTART;TZID=${zone}:${begins}`, ...rest].join('\n') })
}
