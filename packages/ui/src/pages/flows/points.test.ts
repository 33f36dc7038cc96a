import { expect, test } from 'vitest'
import { failureRate } from './failure-rate.ts'
import { durationLines, percentile, pointsOf, spreadsOf } from './points.ts'

function point(id: string, second: number, duration: number, state = 'COMPLETED') {
  return { id, state_type: state, timestamp: new Date(second * 1_000).toISOString(), duration, lateness: 0 }
}

test('runs become points in the order of time', () => {
  expect(pointsOf([point('b', 20, 2), point('a', 10, 1, 'FAILED')])).toEqual([
    { id: 'a', at: 10_000, tone: 'failed', durationMs: 1_000 },
    { id: 'b', at: 20_000, tone: 'completed', durationMs: 2_000 },
  ])
})

test('the middle and the long end are of runs that ended well, and stretches without any are left out', () => {
  const points = pointsOf([...[1, 2, 3, 4].map((each) => point(`${each}`, each, each)), point('f', 5, 99, 'FAILED'), point('l', 25, 7)])

  expect(spreadsOf(points, 0, 30_000, 3)).toEqual([
    { at: 5_000, p50: 2_000, p95: 4_000 },
    { at: 25_000, p50: 7_000, p95: 7_000 },
  ])
})

test('a percentile is one of the values', () => {
  expect(percentile([1, 2, 3, 100], 0.5)).toBe(2)
  expect(percentile([1, 2, 3, 100], 0.99)).toBe(100)
  expect(percentile([], 0.5)).toBe(0)
})

test('lines beside durations stand at seconds, minutes and hours', () => {
  expect(durationLines(100_000)).toEqual([30_000, 60_000, 90_000, 120_000])
  expect(durationLines(0)).toEqual([1, 2])
  expect(durationLines(10 * 86_400_000)).toHaveLength(4)
})

test('the failure rate counts runs that ended by themselves', () => {
  expect(failureRate([{ state_type: 'FAILED' }, { state_type: 'COMPLETED' }, { state_type: 'RUNNING' }, { state_type: 'CANCELLED' }])).toBe(
    0.5,
  )
  expect(failureRate([{ state_type: 'RUNNING' }])).toBeUndefined()
})
