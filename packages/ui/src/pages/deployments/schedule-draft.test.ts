import { expect, it } from 'vitest'
import type { DeploymentSchedule } from '../../queries.ts'
import { draftOf, meaningOf, newDraft, secondsOf, secondsText } from './schedule-draft.ts'

const isZone = (zone: string): boolean => zone === 'UTC' || zone === 'Europe/Vienna'

const stored: DeploymentSchedule = {
  id: 's',
  created: '2026-01-01T00:00:00Z',
  updated: '2026-01-01T00:00:00Z',
  deployment_id: 'd',
  schedule: { interval: 5_400, anchor_date: '2026-01-01T00:00:00.000Z', timezone: 'Europe/Vienna' },
  active: true,
  max_scheduled_runs: null,
  parameters: { a: 1 },
  slug: 'often',
  options: { jitter: 60, expires_after: null, overlap: 'skip', catch_up: 'none', calendar: { name: 'bank', rule: 'roll_back' } },
}

it('a schedule that was opened and not touched means what it meant', () => {
  const { schedule, options, errors } = meaningOf(draftOf(stored), isZone)

  expect(errors).toEqual({})
  expect(schedule).toEqual(stored.schedule)
  expect(options).toEqual(stored.options)
})

it.each([
  [{ cron: '0 6' }, 'cron'],
  [{ cron: '' }, 'cron'],
  [{ timezone: 'Vienna' }, 'timezone'],
  [{ jitter: 'a while' }, 'jitter'],
  [{ kind: 'interval', every: '0' }, 'every'],
  [{ kind: 'interval', anchor: 'yesterday' }, 'anchor'],
  [{ kind: 'rrule', rrule: 'weekly' }, 'rrule'],
] as const)('%j is told at its field', (changed, field) => {
  const { schedule, errors } = meaningOf({ ...newDraft('UTC'), ...changed }, isZone)

  expect(Object.keys(errors)).toEqual([field])
  expect(schedule).toBeUndefined()
})

it.each([
  ['', null],
  ['30', 30],
  ['15m', 900],
  ['1.5h', 5_400],
  ['2 d', 172_800],
  ['soon', undefined],
])('the duration %j is %j seconds', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds)
})

it('durations are written as they are typed', () => {
  expect([0, 45, 900, 7_200, 86_400].map((seconds) => secondsText(seconds))).toEqual(['', '45s', '15m', '2h', '1d'])
})
