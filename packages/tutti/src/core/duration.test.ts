import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test.each([
  [250, 250],
  [0, 0],
  ['250ms', 250],
  ['5s', 5_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1w', 604_800_000],
  ['1h30m', 5_400_000],
  [' 1 h 30 m ', 5_400_000],
  ['3 days', 259_200_000],
  ['1 hour 30 minutes', 5_400_000],
  ['250 milliseconds', 250],
  ['1 week', 604_800_000],
  ['PT5S', 5_000],
  ['PT0.5S', 500],
  ['PT1,5M', 90_000],
  ['P1DT2H', 93_600_000],
  ['P2W', 1_209_600_000],
])('%j is %d ms', (duration, expected) => {
  expect(parseDuration(duration, 'timeout')).toBe(expected)
})

test.each([
  '',
  '5',
  'soon',
  '5 fortnights',
  'days',
  '1h-5m',
  '5s!',
  'P',
  'PT',
  'P1M',
  'P1Y',
  '-5s',
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '101000d',
])('%j is refused with the option and the value named', (duration) => {
  const read = (): number => parseDuration(duration, 'timeout of task fetch')

  expect(read).toThrow(expect.objectContaining({ code: 'INVALID_DURATION', message: expect.stringContaining('timeout of task fetch: ') }))
  expect(read).toThrow(String(duration))
})

test.each([
  [0, '0 ms'],
  [0.42, '0.4 ms'],
  [12.6, '13 ms'],
  [999.6, '1 s'],
  [1_240, '1.2 s'],
  [59_949, '59.9 s'],
  [59_960, '1 m'],
  [184_000, '3 m 4 s'],
  [3_599_600, '1 h'],
  [7_500_000, '2 h 5 m'],
  [86_399_999, '1 d'],
  [349_200_000, '4 d 1 h'],
  [-1_500, '-1.5 s'],
])('%d ms reads as %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected)
})
