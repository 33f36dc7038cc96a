import { expect, test } from 'vitest'
import { barsOfHistory, compared, comparedShare, scaleOf, segmentsOf, successRate, timeTicks, totalsOf } from './bars.ts'

const bucket = {
  interval_start: '2026-11-28T08:00:00Z',
  interval_end: '2026-11-28T09:00:00Z',
  states: [
    { state_type: 'COMPLETED', state_name: 'Completed', count_runs: 7 },
    { state_type: 'COMPLETED', state_name: 'Cached', count_runs: 2 },
    { state_type: 'SCHEDULED', state_name: 'Late', count_runs: 1 },
    { state_type: 'FAILED', state_name: 'Failed', count_runs: 1 },
  ],
}

test('a bar counts runs by how they stand, cached ones with those that ended well', () => {
  expect(barsOfHistory([bucket])).toEqual([
    {
      from: Date.parse(bucket.interval_start),
      to: Date.parse(bucket.interval_end),
      total: 11,
      counts: { completed: 9, late: 1, failed: 1 },
    },
  ])
})

test('the rate of success is that of runs that ended by themselves', () => {
  expect(successRate(totalsOf([bucket]))).toBe(0.9)
  expect(successRate(totalsOf([]))).toBeUndefined()
})

test('a number is told as it stands to the one before', () => {
  expect(compared(12, 10)).toEqual({ text: '+20 %', direction: 'up' })
  expect(compared(5, 10)).toEqual({ text: '−50 %', direction: 'down' })
  expect(compared(35, 10)).toEqual({ text: '3.5×', direction: 'up' })
  expect(compared(0, 0)).toEqual({ text: 'as before', direction: 'same' })
  expect(compared(3, 0)).toEqual({ text: 'none before', direction: 'up' })
  expect(comparedShare(0.975, 0.96)).toEqual({ text: '+1.5 points', direction: 'up' })
})

test('a scale ends at a round number and has few lines', () => {
  expect(scaleOf(0)).toEqual({ max: 2, lines: [1, 2] })
  expect(scaleOf(7)).toEqual({ max: 8, lines: [2, 4, 6, 8] })
  expect(scaleOf(1_000)).toEqual({ max: 1_000, lines: [500, 1_000] })
  for (let highest = 0; highest < 5_000; highest += 7) {
    const { max, lines } = scaleOf(highest)
    expect(max).toBeGreaterThanOrEqual(highest)
    expect(lines.length).toBeLessThanOrEqual(5)
  }
})

test('times below a chart stand on whole hours of the zone, and midnights are days', () => {
  const [from, to] = [Date.parse('2026-11-27T20:10:00Z'), Date.parse('2026-11-28T08:10:00Z')]

  const ticks = timeTicks(from, to, 6, 3_600_000)

  expect(ticks.map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual(
    ['21:00', '23:00', '01:00', '03:00', '05:00', '07:00'].map((each) => each),
  )
  expect(ticks[1]).toMatchObject({ isDay: true })
})

test('one failure among a thousand runs is seen', () => {
  expect(segmentsOf({ counts: { completed: 1_000, failed: 1 } }, 0.1)).toEqual([
    { tone: 'failed', below: 0, height: 2 },
    { tone: 'completed', below: 2, height: 100 },
  ])
})
