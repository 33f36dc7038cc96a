import { expect, it } from 'vitest'
import { backfillDays } from './backfill-days.ts'

const all = ['2026-01-01T22:30:00Z', '2026-01-01T23:30:00Z', '2026-01-02T10:00:00Z']

it('times are counted by the day they have in the zone', () => {
  expect(backfillDays({ all, wanted: all, missing: all }, 'UTC').map(({ day, times }) => [day, times])).toEqual([
    ['2026-01-01', 2],
    ['2026-01-02', 1],
  ])
  expect(backfillDays({ all, wanted: all, missing: all }, 'Europe/Vienna').map(({ day, times }) => [day, times])).toEqual([
    ['2026-01-01', 1],
    ['2026-01-02', 2],
  ])
})

it('what is there already is told from what would be run', () => {
  expect(backfillDays({ all, wanted: all.slice(2), missing: all.slice(1) }, 'UTC')).toEqual([
    { day: '2026-01-01', times: 2, done: 1, wanted: 0 },
    { day: '2026-01-02', times: 1, done: 0, wanted: 1 },
  ])
})
