import { expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import { occurrences } from './index.ts'
import type { Schedule } from './schedule.ts'
import { nextOffsetChange } from './time-zone.ts'
import type { LocalTime, OffsetChange } from './time-zone.ts'

// Every zone that this Node knows, and every change of its offset in ten years: the rules of gap and overlap, against what the clocks show.

const MINUTE = 60_000_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const FROM = parseInstant('2017-01-01T00:00:00Z')!
const UNTIL = parseInstant('2027-01-01T00:00:00Z')!

interface Change extends OffsetChange {
  readonly zone: string
}

const changes: readonly Change[] = Intl.supportedValuesOf('timeZone').flatMap((zone) => {
  const found: Change[] = []
  for (let at = FROM; ; at = found.at(-1)!.at) {
    const change = nextOffsetChange(zone, at, UNTIL)
    if (change === undefined) return found
    found.push({ ...change, zone })
  }
})

/** Times of the day that a gap or an overlap begins with, lies over and ends with, and one that it does not touch. */
function times(change: Change): readonly LocalTime[] {
  const [first, last] = [change.at + Math.min(change.before, change.after), change.at + Math.max(change.before, change.after)]
  const middle = Math.floor((first + last) / 2 / MINUTE) * MINUTE
  return [first, middle, last - MINUTE, last, first - MINUTE, first + 12 * HOUR].map((time) => ((time % DAY) + DAY) % DAY)
}

/** When the clocks of the zone show a time, near the change. */
function shown(local: LocalTime, { at, before, after }: Change): readonly Instant[] {
  return [local - before, local - after].filter((instant, index) => (index === 0 ? instant < at : instant >= at))
}

function eachDay(time: LocalTime, change: Change, inGap: (local: LocalTime) => Instant): readonly string[] {
  const day = Math.floor((change.at + change.before) / DAY)
  return [-2, -1, 0, 1, 2]
    .map((days) => (day + days) * DAY + time)
    .map((local) => shown(local, change)[0] ?? inGap(local))
    .map(formatInstant)
}

function found(schedule: Schedule, change: Change, time: LocalTime): readonly string[] {
  const day = Math.floor((change.at + change.before) / DAY)
  // From a moment on that no change is near to.
  return occurrences(schedule, (day - 2) * DAY + time - change.before, { limit: 5 }).map(formatInstant)
}

/** Of a rule: a few days before. */
function beginning({ at }: Change): string {
  return `DTSTART:${formatInstant(at - 5 * DAY)
    .slice(0, 10)
    .replaceAll('-', '')}T000000`
}

function hourAndMinute(time: LocalTime): readonly [number, number] {
  return [Math.floor(time / HOUR), (time % HOUR) / MINUTE]
}

/** What is not as it should be: thousands of assertions would cost seconds. */
class Differences {
  readonly found: string[] = []

  compare(actual: readonly string[], wanted: readonly string[], what: string): void {
    if (actual.join() !== wanted.join()) this.found.push(`${what}: ${actual.join(' ')} instead of ${wanted.join(' ')}`)
  }
}

test('there are zones and changes to look at', () => {
  expect(changes.length).toBeGreaterThan(1_000)
  expect(new Set(changes.map(({ zone }) => zone)).size).toBeGreaterThan(100)
})

test('clocks show what the platform says they show before and after each change', () => {
  const differences = new Differences()
  for (const { zone, at, before, after } of changes) {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    const shows = (instant: Instant): string => `${format.format(new Date(instant / 1000)).replace(' ', 'T')}Z`

    differences.compare([formatInstant(at - 1_000_000 + before), formatInstant(at + after)], [shows(at - 1_000_000), shows(at)], zone)
  }

  expect(differences.found).toEqual([])
})

test('a time of the day comes exactly once each day, at the end of a gap that it lies in and at the first of two', () => {
  const differences = new Differences()
  for (const change of changes) {
    for (const [index, time] of times(change).entries()) {
      const [hour, minute] = hourAndMinute(time)
      const timezone = change.zone
      const wanted = eachDay(time, change, () => change.at)
      const what = `${hour}:${minute} in ${timezone}`

      differences.compare(found({ type: 'cron', cron: `${minute} ${hour} * * *`, timezone, dayOr: true }, change, time), wanted, what)
      // The library behind rules takes its time; in the middle is what it could get wrong.
      if (index !== 1) continue
      const rrule = `${beginning(change)}\nRRULE:FREQ=DAILY;BYHOUR=${hour};BYMINUTE=${minute}`
      differences.compare(found({ type: 'rrule', rrule, timezone }, change, time), wanted, `${what}, as a rule`)
    }
  }

  expect(differences.found).toEqual([])
})

test('a day of an interval comes exactly once each day, moved on by the length of a gap that it lies in', () => {
  const differences = new Differences()
  for (const change of changes) {
    for (const time of times(change)) {
      const wanted = eachDay(time, change, (local) => local - change.before)
      const anchor = (Math.floor((change.at + change.before) / DAY) - 20) * DAY + time - change.before
      const schedule = { type: 'interval', intervalS: 86_400, anchor, timezone: change.zone } as const
      // Whose offset is another one twenty days before: its anchor would be another time of the day.
      if (nextOffsetChange(change.zone, anchor - DAY, change.at - 1) !== undefined) continue

      differences.compare(found(schedule, change, time), wanted, `${formatInstant(anchor)} in ${change.zone}`)
    }
  }

  expect(differences.found).toEqual([])
})

test('what runs in every hour is due whenever the clocks show its minute', () => {
  const differences = new Differences()
  for (const change of changes) {
    const [from, until] = [change.at - 3 * HOUR, change.at + 3 * HOUR]
    for (const minute of [0, 15, 30, 59]) {
      const wanted: string[] = []
      for (let at = from; at <= until; at += MINUTE) {
        const local = at + (at < change.at ? change.before : change.after)
        if ((((local % HOUR) + HOUR) % HOUR) / MINUTE === minute) wanted.push(formatInstant(at))
      }
      const timezone = change.zone
      const cron = { type: 'cron', cron: `${minute} * * * *`, timezone, dayOr: true } as const
      const rule = { type: 'rrule', rrule: `${beginning(change)}\nRRULE:FREQ=HOURLY;BYMINUTE=${minute}`, timezone } as const

      for (const schedule of minute === 30 ? [cron, rule] : [cron])
        differences.compare(
          occurrences(schedule, from, { limit: 20, until }).map(formatInstant),
          wanted,
          `${schedule.type} ${minute} ${timezone}`,
        )
    }
  }

  expect(differences.found).toEqual([])
})

test('an interval of hours does not look at clocks', () => {
  const differences = new Differences()
  for (const change of changes) {
    const anchor = change.at - 2 * HOUR
    const schedule = { type: 'interval', intervalS: 3600, anchor, timezone: change.zone } as const
    const wanted = [0, 1, 2, 3, 4].map((hours) => formatInstant(anchor + hours * HOUR))

    differences.compare(occurrences(schedule, anchor, { limit: 5 }).map(formatInstant), wanted, change.zone)
  }

  expect(differences.found).toEqual([])
})

test('times are the same wherever the expansion begins', () => {
  const differences = new Differences()
  for (const change of changes) {
    const [hour, minute] = hourAndMinute(times(change)[1]!)
    const schedule = { type: 'cron', cron: `${minute} ${hour},${(hour + 1) % 24} * * *`, timezone: change.zone, dayOr: true } as const
    const all = occurrences(schedule, change.at - 2 * DAY, { limit: 8 })

    for (const from of [change.at - MINUTE, change.at, change.at + 1, change.at + MINUTE, change.at + HOUR]) {
      const wanted = all.filter((at) => at >= from)
      differences.compare(
        occurrences(schedule, from, { limit: wanted.length }).map(formatInstant),
        wanted.map(formatInstant),
        `${formatInstant(from)} in ${change.zone}`,
      )
    }
  }

  expect(differences.found).toEqual([])
})
