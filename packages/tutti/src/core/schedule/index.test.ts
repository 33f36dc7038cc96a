import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import { occurrences, scheduleProblem } from './index.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, toLocal } from './time-zone.ts'

const at = (text: string): Instant => parseInstant(text) ?? 0
const next = (schedule: Schedule, from: string, limit: number): readonly string[] => occurrences(schedule, at(from), { limit }).map(formatInstant)

describe('cron', () => {
  const cron = (text: string, timezone: string | null = null, dayOr = true): Schedule => ({ type: 'cron', cron: text, timezone, dayOr })

  test('a start that is on the schedule counts', () => {
    expect(next(cron('0 5 * * *'), '2026-01-01T05:00:00Z', 2)).toEqual(['2026-01-01T05:00:00Z', '2026-01-02T05:00:00Z'])
  })

  test('runs on the clock of its zone', () => {
    expect(next(cron('0 5 1 * *', 'Europe/Berlin'), '2026-03-15T00:00:00Z', 2)).toEqual(['2026-04-01T03:00:00Z', '2026-05-01T03:00:00Z'])
  })

  test('a time that does not exist fires at the first moment after the gap, one that exists twice fires once', () => {
    expect(next(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-29T00:00:00Z', 2)).toEqual(['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'])
    expect(next(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T22:30:00Z', 2)).toEqual(['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'])
  })

  test('takes either day, or both when told so', () => {
    expect(next(cron('0 0 13 * FRI'), '2026-02-01T00:00:00Z', 3)).toEqual(['2026-02-06T00:00:00Z', '2026-02-13T00:00:00Z', '2026-02-20T00:00:00Z'])
    expect(next(cron('0 0 13 * FRI', null, false), '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-13T00:00:00Z', '2026-03-13T00:00:00Z'])
  })

  test.each(['@daily', '0 0 L * *', '0 0 * * MON#2', '5/15 * * * *', '*/10 * * * * *'])('%s is known', (text) => {
    expect(scheduleProblem(cron(text))).toBeUndefined()
    expect(next(cron(text), '2026-01-01T00:00:00Z', 3)).toHaveLength(3)
  })

  test.each([
    [cron('every day'), 'Invalid cron'],
    [cron('R 0 * * *'), 'Random and Hashed'],
    [cron('0 0 * * *', 'Europe/Atlantis'), 'Invalid timezone'],
    [{ type: 'interval', intervalS: 0, anchor: 0, timezone: null } as const, 'positive'],
    [{ type: 'rrule', rrule: 'FREQ=SOMETIMES', timezone: null } as const, 'Invalid RRule'],
  ])('%j is refused', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toContain(problem)
  })
})

describe('interval', () => {
  const every = (intervalS: number, anchor: string, timezone: string | null = null): Schedule => ({ type: 'interval', intervalS, anchor: at(anchor), timezone })

  test('counts from its anchor, also backwards', () => {
    expect(next(every(3600, '2026-06-01T00:30:00Z'), '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-01T00:30:00Z', '2026-01-01T01:30:00Z'])
  })

  test('days are days of the calendar: the hour stays when clocks change', () => {
    expect(next(every(86_400, '2026-03-01T08:00:00Z', 'Europe/Berlin'), '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T08:00:00Z',
      '2026-03-29T07:00:00Z',
      '2026-03-30T07:00:00Z',
    ])
  })

  test('hours are elapsed time', () => {
    expect(next(every(43_200, '2026-03-28T12:00:00Z', 'Europe/Berlin'), '2026-03-29T00:00:00Z', 2)).toEqual(['2026-03-29T00:00:00Z', '2026-03-29T12:00:00Z'])
  })
})

describe('rrule', () => {
  test('without a beginning counts from 2020 on', () => {
    expect(next({ type: 'rrule', rrule: 'FREQ=WEEKLY;BYDAY=MO', timezone: null }, '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-05T00:00:00Z', '2026-01-12T00:00:00Z'])
  })

  test('its beginning is read in its zone, and exceptions are left out', () => {
    const rrule = 'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260102T090000'

    expect(next({ type: 'rrule', rrule, timezone: 'America/New_York' }, '2026-01-01T00:00:00Z', 9)).toEqual([
      '2026-01-01T14:00:00Z',
      '2026-01-03T14:00:00Z',
      '2026-01-04T14:00:00Z',
    ])
  })
})

test('times increase, lie in the window and do not depend on where the expansion begins', () => {
  const schedule = fc.oneof(
    fc.record({
      type: fc.constant('interval' as const),
      intervalS: fc.integer({ min: 60, max: 10 * 86_400 }),
      anchor: fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
      timezone: fc.constantFrom(null, 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    }),
    fc.record({
      type: fc.constant('cron' as const),
      cron: fc.constantFrom('30 2 * * *', '*/30 * * * *', '0 0 1 * *', '15 1 * * SUN'),
      timezone: fc.constantFrom(null, 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
      dayOr: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(schedule, fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }), (each, from) => {
      const times = occurrences(each, from, { limit: 6 })
      for (const [index, time] of times.entries()) {
        expect(time).toBeGreaterThanOrEqual(from)
        expect(time).toBeGreaterThan(times[index - 1] ?? 0)
      }
      expect(occurrences(each, times[2]!, { limit: 4 })).toEqual(times.slice(2))
    }),
    { numRuns: 200 },
  )
})

test('a local time is found again wherever it exists', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: at('2020-01-01T00:00:00Z') / 60_000_000, max: at('2030-01-01T00:00:00Z') / 60_000_000 }),
      fc.constantFrom('Europe/London', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia'),
      (minute, zone) => {
        const local = toLocal(minute * 60_000_000, zone)
        expect(toLocal(fromLocal(local, zone), zone)).toBe(local)
      },
    ),
  )
})
