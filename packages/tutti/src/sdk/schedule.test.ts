import { describe, expect, test } from 'vitest'
import { occurrences } from '../core/schedule/index.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import { cron, every, rrule } from './schedule.ts'

const next = (definition: ReturnType<typeof cron>): readonly string[] =>
  occurrences(definition.schedule, parseInstant('2026-03-28T00:00:00Z')!, { limit: 2 }).map(formatInstant)

describe('a schedule', () => {
  test('is its times, and what is said beside them with durations as seconds', () => {
    const definition = cron('0 5 1 * *', {
      timezone: 'Europe/Berlin',
      slug: 'monthly',
      parameters: { full: true },
      catchUp: 'all',
      expiresAfter: '6h',
      overlap: 'queue',
      jitter: '5m',
      calendar: { name: 'bank', rule: 'roll-forward' },
    })

    expect(definition).toEqual({
      schedule: { type: 'cron', cron: '0 5 1 * *', timezone: 'Europe/Berlin', dayOr: true },
      slug: 'monthly',
      active: true,
      parameters: { full: true },
      options: { catchUp: 'all', expiresAfterS: 21_600, overlap: 'queue', jitterS: 300, calendar: { name: 'bank', rule: 'roll-forward' } },
    })
  })

  test('catches up with its latest time, and skips closed days, unless it says otherwise', () => {
    expect(cron('@daily', { calendar: 'bank' }).options).toEqual({ catchUp: 'latest', calendar: { name: 'bank', rule: 'skip' } })
  })

  test('of an interval counts from midnight of its time zone', () => {
    expect(next(every('1d', { timezone: 'Europe/Berlin' }))).toEqual(['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'])
    expect(next(every('45m', { anchor: '2026-03-28T00:10:00Z' }))).toEqual(['2026-03-28T00:10:00Z', '2026-03-28T00:55:00Z'])
    expect(next(every('1h', { anchor: new Date('2026-03-28T00:10:00Z') }))).toEqual(['2026-03-28T00:10:00Z', '2026-03-28T01:10:00Z'])
  })

  test('may be a rule of a calendar', () => {
    expect(next(rrule('FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17'))).toEqual(['2026-04-24T17:00:00Z', '2026-05-29T17:00:00Z'])
  })
})

test.each([
  [() => cron('60 * * * *'), '60 is no minute'],
  [() => cron('@daily', { timezone: 'Europe/Atlantis' }), "'Europe/Atlantis' is no time zone"],
  [() => every('0s'), 'positive'],
  [() => every('1h', { anchor: 'yesterday' }), 'the anchor yesterday is not a time'],
  [() => rrule('FREQ=SOMETIMES'), 'neither a rule'],
  [() => cron('@daily', { parameters: { size: 1n } }), 'cannot be written as JSON'],
  [() => cron('@daily', { jitter: '2d' }), 'jitter: 2d is longer than 1 days'],
  // As plain JavaScript may call it.
  [() => cron('@daily', { overlap: 'never' as 'skip' }), "overlap: 'never' is none of allow, skip, queue, cancel-running"],
])('%s is refused where it is written', (build, problem) => {
  expect(build).toThrow(problem)
})
