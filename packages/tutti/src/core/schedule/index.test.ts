import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import { occurrences, scheduleProblem } from './index.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, toLocal } from './time-zone.ts'

const at = (text: string): Instant => parseInstant(text) ?? 0
const next = (schedule: Schedule, from: string, limit: number): readonly string[] =>
  occurrences(schedule, at(from), { limit }).map(formatInstant)

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
    expect(next(cron('0 0 13 * FRI'), '2026-02-01T00:00:00Z', 3)).toEqual([
      '2026-02-06T00:00:00Z',
      '2026-02-13T00:00:00Z',
      '2026-02-20T00:00:00Z',
    ])
    expect(next(cron('0 0 13 * FRI', null, false), '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-13T00:00:00Z', '2026-03-13T00:00:00Z'])
  })

  test.each([
    '@daily',
    '0 0 L * *',
    '0 0 * * MON#2',
    '5/15 * * * *',
    '0 0 ? * MON-FRI',
    '0 0 * * L5',
    '0 0 * * friL',
    '0 0 1W * *',
    '@Hourly',
  ])('%s is known', (text) => {
    expect(scheduleProblem(cron(text))).toBeUndefined()
    expect(next(cron(text), '2026-01-01T00:00:00Z', 3)).toHaveLength(3)
  })

  test('the last of six fields is the second', () => {
    expect(next(cron('0 12 * * * 30'), '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-01T12:00:30Z', '2026-01-02T12:00:30Z'])
  })

  test('a range may go over the end, in steps too', () => {
    const hours = (text: string): readonly string[] => next(cron(text), '2026-01-01T12:00:00Z', 5).map((time) => time.slice(11, 13))

    expect(hours('0 22-2 * * *')).toEqual(['22', '23', '00', '01', '02'])
    expect(hours('0 22-3/2 * * *')).toEqual(['22', '00', '02', '22', '00'])
    expect(next(cron('0 0 * * fri-mon'), '2026-01-05T00:00:00Z', 3)).toEqual([
      '2026-01-05T00:00:00Z',
      '2026-01-09T00:00:00Z',
      '2026-01-10T00:00:00Z',
    ])
  })

  test('the last Friday of a month is L5', () => {
    expect(next(cron('0 9 * * L5'), '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-30T09:00:00Z', '2026-02-27T09:00:00Z'])
  })

  test('a day that never comes has no times', () => {
    expect(next(cron('0 0 30 2 *'), '2026-01-01T00:00:00Z', 1)).toEqual([])
  })

  test.each([
    [cron('every day'), 'Invalid cron'],
    [cron('R 0 * * *'), 'Random and Hashed'],
    [cron('0 0 0 0'), 'exactly 5 or 6 fields'],
    [cron('0 0 * * * * 2027'), 'exactly 5 or 6 fields'],
    [cron('60 0 * * *'), '60 is no minute'],
    [cron('? 0 * * *'), '? is no minute'],
    [cron('0 0 32W * *'), '32w is no day of month'],
    [cron('0 0 * * 8L'), '8l is no day of week'],
    [cron('@reboot'), '@reboot is none of @hourly'],
    [cron('2026-12-01T00:00:00'), 'exactly 5 or 6 fields'],
    [{ type: 'rrule', rrule: 'DTSTART:20260101T000000', timezone: null } as const, 'neither a rule nor dates'],
    [cron('0 0 * * *', 'Europe/Atlantis'), 'Invalid timezone'],
    [{ type: 'interval', intervalS: 0, anchor: 0, timezone: null } as const, 'positive'],
    [{ type: 'rrule', rrule: 'FREQ=SOMETIMES', timezone: null } as const, 'Invalid RRule'],
  ])('%j is refused', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toContain(problem)
  })
})

describe('interval', () => {
  const every = (intervalS: number, anchor: string, timezone: string | null = null): Schedule => ({
    type: 'interval',
    intervalS,
    anchor: at(anchor),
    timezone,
  })

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
    expect(next(every(43_200, '2026-03-28T12:00:00Z', 'Europe/Berlin'), '2026-03-29T00:00:00Z', 2)).toEqual([
      '2026-03-29T00:00:00Z',
      '2026-03-29T12:00:00Z',
    ])
  })
})

describe('rrule', () => {
  test('without a beginning counts from 2020 on', () => {
    expect(next({ type: 'rrule', rrule: 'FREQ=WEEKLY;BYDAY=MO', timezone: null }, '2026-01-01T00:00:00Z', 2)).toEqual([
      '2026-01-05T00:00:00Z',
      '2026-01-12T00:00:00Z',
    ])
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

describe('sets of rules', () => {
  const set = (...lines: readonly string[]): Schedule => ({
    type: 'rrule',
    rrule: ['DTSTART:20260101T000000', ...lines].join('\n'),
    timezone: 'Europe/Berlin',
  })

  test('some rules take times away from others', () => {
    expect(next(set('RRULE:FREQ=DAILY', 'EXRULE:FREQ=WEEKLY;BYDAY=SA,SU'), '2026-01-09T00:00:00Z', 3)).toEqual([
      '2026-01-11T23:00:00Z',
      '2026-01-12T23:00:00Z',
      '2026-01-13T23:00:00Z',
    ])
  })

  test('times of several rules and dates come in order, each once', () => {
    expect(
      next(set('RRULE:FREQ=DAILY', 'RRULE:FREQ=HOURLY;INTERVAL=12', 'RDATE:20260202T030000,20260202T000000'), '2026-02-01T12:00:00Z', 3),
    ).toEqual(['2026-02-01T23:00:00Z', '2026-02-02T02:00:00Z', '2026-02-02T11:00:00Z'])
  })

  test('dates need no rule', () => {
    expect(next(set('RDATE:20270302T000000,20270301T000000'), '2026-02-01T00:00:00Z', 9)).toEqual([
      '2027-02-28T23:00:00Z',
      '2027-03-01T23:00:00Z',
    ])
  })

  test('their end is read in the zone, as their beginning is', () => {
    expect(next(set('RRULE:FREQ=DAILY;UNTIL=20260103T000000Z'), '2026-01-01T12:00:00Z', 9)).toEqual([
      '2026-01-01T23:00:00Z',
      '2026-01-02T23:00:00Z',
    ])
  })

  test('a rule whose day never comes has no times', () => {
    expect(next(set('RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'), '2026-01-01T00:00:00Z', 1)).toEqual([])
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
    fc.record({
      type: fc.constant('rrule' as const),
      rrule: fc.constantFrom(
        'FREQ=DAILY;BYHOUR=2;BYMINUTE=30',
        'FREQ=HOURLY',
        'FREQ=WEEKLY;BYDAY=SU,MO',
        'RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SU',
      ),
      timezone: fc.constantFrom(null, 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
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
