import { expect, it } from 'vitest'
import { durationWords, tidyDuration, tidyMoment } from './formats.ts'

it.each([
  ['1h 30m', 'PT1H30M'],
  ['90 minutes', 'PT90M'],
  ['2 days', 'P2D'],
  ['1.5s', 'PT1.5S'],
  ['PT1H', 'PT1H'],
  ['soon', 'soon'],
  ['1h 2h', '1h 2h'],
  ['5 parsecs', '5 parsecs'],
])('a duration typed as %s is %s', (typed, iso) => {
  expect(tidyDuration(typed)).toBe(iso)
})

it('a duration is told in words', () => {
  expect(durationWords('P1DT2H1M')).toBe('1 day 2 hours 1 minute')
  expect(durationWords('-PT5S')).toBe('minus 5 seconds')
  expect(durationWords('P')).toBeUndefined()
})

it.each([
  ['2026-11-28 14:30', 60, '2026-11-28T14:30:00+01:00'],
  ['2026-11-28T14:30:05.25', -330, '2026-11-28T14:30:05.25-05:30'],
  ['2026-11-28', 0, '2026-11-28T00:00:00Z'],
  ['2026-11-28T14:30:00Z', 60, '2026-11-28T14:30:00Z'],
  ['tomorrow', 60, 'tomorrow'],
])('a moment typed as %s at %i minutes from UTC is %s', (typed, offset, moment) => {
  expect(tidyMoment(typed, () => offset)).toBe(moment)
})
