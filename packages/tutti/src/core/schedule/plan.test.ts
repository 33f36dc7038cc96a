import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OpenDays } from '../calendar-days.ts'
import { formatInstant, parseInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import type { ScheduleOptions } from './definition.ts'
import { plannedRuns } from './plan.ts'
import type { Plan } from './plan.ts'
import { previewSchedule } from './preview.ts'
import type { Schedule } from './schedule.ts'

const at = (text: string): Instant => parseInstant(text) ?? 0
const cron = (text: string, timezone: string | null = null): Schedule => ({ type: 'cron', cron: text, timezone, dayOr: true })
const holidays = [{ from: '2026-12-25', to: '2026-12-26', name: 'Christmas', rule: 'FREQ=YEARLY' }]
const bank = new OpenDays({ weekend: [6, 7], holidays })

function plan(schedule: Schedule, options: ScheduleOptions = {}, scheduleId = 'a'): Plan {
  return { schedule, options, openDays: options.calendar === undefined ? null : bank, scheduleId }
}

function due(given: Plan, from: string, limit: number): readonly string[] {
  return plannedRuns(given, { from: at(from), limit }).map(({ dueAt }) => formatInstant(dueAt).slice(0, 16))
}

describe('a calendar', () => {
  const on = (rule: 'skip' | 'roll-forward' | 'roll-back'): ScheduleOptions => ({ calendar: { name: 'bank', rule } })

  test('leaves out days that are closed', () => {
    expect(due(plan(cron('0 9 * * *'), on('skip')), '2026-12-23T00:00:00Z', 4)).toEqual([
      '2026-12-23T09:00',
      '2026-12-24T09:00',
      '2026-12-28T09:00',
      '2026-12-29T09:00',
    ])
  })

  test('or moves them to the next open day, at the same hour', () => {
    expect(due(plan(cron('0 9 26 * *'), on('roll-forward')), '2026-07-01T00:00:00Z', 6)).toEqual([
      '2026-07-27T09:00',
      '2026-08-26T09:00',
      '2026-09-28T09:00',
      '2026-10-26T09:00',
      '2026-11-26T09:00',
      '2026-12-28T09:00',
    ])
  })

  test('or to the last one before', () => {
    expect(due(plan(cron('0 9 26 * *'), on('roll-back')), '2026-07-01T00:00:00Z', 6)).toEqual([
      '2026-07-24T09:00',
      '2026-08-26T09:00',
      '2026-09-25T09:00',
      '2026-10-26T09:00',
      '2026-11-26T09:00',
      '2026-12-24T09:00',
    ])
  })

  test('lets several times that fall on one moment be one run, about the latest', () => {
    const runs = plannedRuns(plan(cron('0 9 * * *'), on('roll-forward')), { from: at('2026-12-25T00:00:00Z'), limit: 2 })

    expect(runs.map(({ dueAt, logicalDate }) => [formatInstant(dueAt), formatInstant(logicalDate)])).toEqual([
      ['2026-12-28T09:00:00Z', '2026-12-28T09:00:00Z'],
      ['2026-12-29T09:00:00Z', '2026-12-29T09:00:00Z'],
    ])
  })

  test('finds what was rolled over the moment the expansion begins', () => {
    expect(due(plan(cron('0 9 26 * *'), on('roll-forward')), '2026-12-27T00:00:00Z', 1)).toEqual(['2026-12-28T09:00'])
    expect(due(plan(cron('0 9 26 * *'), on('roll-back')), '2026-12-24T09:01:00Z', 1)).toEqual(['2027-01-26T09:00'])
  })

  test('reads days on the clock of the schedule', () => {
    // Saturday in Auckland, still Friday in UTC.
    expect(due(plan(cron('0 9 * * SAT', 'Pacific/Auckland'), on('skip')), '2026-07-01T00:00:00Z', 3)).toEqual([])
  })
})

describe('jitter', () => {
  test('moves each run by a part of it, always the same, and leaves its logical date', () => {
    const given = plan(cron('0 * * * *'), { jitterS: 600 })
    const runs = plannedRuns(given, { from: at('2026-01-01T00:00:00Z'), limit: 24 })

    expect(runs.every(({ logicalDate, dueAt }) => dueAt >= logicalDate && dueAt < logicalDate + 600_000_000)).toBe(true)
    expect(new Set(runs.map(({ logicalDate, dueAt }) => dueAt - logicalDate)).size).toBe(24)
    expect(plannedRuns(given, { from: at('2026-01-01T00:00:00Z'), limit: 24 })).toEqual(runs)
    expect(plannedRuns({ ...given, scheduleId: 'b' }, { from: at('2026-01-01T00:00:00Z'), limit: 24 })).not.toEqual(runs)
  })
})

test('runs are the same wherever the expansion begins', () => {
  const schedule = fc.constantFrom(
    cron('0 9 * * *'),
    cron('30 2 26 * *', 'Europe/Berlin'),
    cron('0 9 * * SAT'),
    cron('0 */6 * * *', 'America/New_York'),
  )
  const options: fc.Arbitrary<ScheduleOptions> = fc.record(
    {
      jitterS: fc.constantFrom(60, 7_200),
      calendar: fc.record({ name: fc.constant('bank'), rule: fc.constantFrom('skip', 'roll-forward', 'roll-back') }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(
      schedule,
      options,
      fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
      (each, wanted, from) => {
        const runs = plannedRuns(plan(each, wanted), { from, limit: 8 })

        for (const [index, run] of runs.entries()) {
          expect(run.dueAt).toBeGreaterThan(runs[index - 1]?.dueAt ?? from - 1)
          expect(plannedRuns(plan(each, wanted), { from: run.dueAt, limit: runs.length - index })).toEqual(runs.slice(index))
        }
      },
    ),
    { numRuns: 100 },
  )
})

describe('a preview', () => {
  const marks = (text: string, from: string, limit = 3): readonly string[] =>
    previewSchedule({ schedule: cron(text, 'Europe/Berlin'), from: at(from), limit }).map(
      ({ at: time, local, marks: all }) => `${formatInstant(time).slice(5, 16)} ${formatInstant(local).slice(11, 16)} ${all.join('+')}`,
    )

  test('marks what was skipped, what is shown twice, and where the offset is another one', () => {
    expect(marks('30 2 * * *', '2026-03-28T12:00:00Z')).toEqual([
      '03-29T01:00 03:00 gap+offset-changed',
      '03-30T00:30 02:30 ',
      '03-31T00:30 02:30 ',
    ])
    expect(marks('30 2 * * *', '2026-10-24T12:00:00Z')).toEqual([
      '10-25T00:30 02:30 overlap',
      '10-26T01:30 02:30 offset-changed',
      '10-27T01:30 02:30 ',
    ])
    expect(marks('30 * * * *', '2026-10-25T00:00:00Z')).toEqual([
      '10-25T00:30 02:30 overlap',
      '10-25T01:30 02:30 overlap+offset-changed',
      '10-25T02:30 03:30 ',
    ])
  })
})
