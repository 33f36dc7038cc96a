import { expect, test } from 'vitest'
import { clockLabels, clockTicks, elapsedLabel, elapsedTicks, stepFor, zoneOffset } from './ticks.ts'

const HOUR = 3_600_000

test.each([
  [0.08, 10, 0.01],
  [700, 8, 100],
  [55_000, 8, 10_000],
  [40 * 60_000, 8, 5 * 60_000],
  [3 * 24 * HOUR, 8, 12 * HOUR],
])('a span of %d ms with %d marks counts in steps of %d ms', (span, marks, step) => {
  expect(stepFor(span, marks)).toBe(step)
})

test('elapsed marks are counted from the beginning of the run, before it as well', () => {
  const { at } = elapsedTicks({ from: 950, to: 1_250, origin: 1_000, marksMax: 4 })

  expect(at).toEqual([1_000, 1_100, 1_200])
})

test('marks of a day stand at midnight of the zone', () => {
  const from = Date.parse('2026-01-10T00:00:00Z')

  const { at } = clockTicks({ from, to: from + 4 * 24 * HOUR, marksMax: 5, offsetAt: zoneOffset('Asia/Kolkata') })

  expect(at.map((each) => new Date(each).toISOString())).toEqual([
    '2026-01-10T18:30:00.000Z',
    '2026-01-11T18:30:00.000Z',
    '2026-01-12T18:30:00.000Z',
    '2026-01-13T18:30:00.000Z',
  ])
})

test('marks stay at round hours when the clocks are set forward', () => {
  const zone = 'Europe/Berlin'
  const from = Date.parse('2026-03-28T23:00:00Z')

  const ticks = clockTicks({ from, to: from + 12 * HOUR, marksMax: 4, offsetAt: zoneOffset(zone) })

  expect(clockLabels(ticks, zone).map((label) => label.slice(-5))).toEqual(['00:00', '03:00', '06:00', '09:00', '12:00'])
})

test('an axis of milliseconds has its few marks, whatever the hours around it', () => {
  const from = Date.parse('2026-01-10T20:00:00Z')
  let asked = 0
  const offsetAt = (): number => {
    asked += 1
    return 0
  }

  const { at } = clockTicks({ from, to: from + 10, marksMax: 5, offsetAt })

  expect(at).toHaveLength(6)
  expect(asked).toBe(0)
})

test('the day is written where it changes', () => {
  const from = Date.parse('2026-01-10T20:00:00Z')

  const labels = clockLabels(clockTicks({ from, to: from + 6 * HOUR, marksMax: 6, offsetAt: zoneOffset('UTC') }), 'UTC')

  expect(labels).toEqual(['Jan 10 20:00', '21:00', '22:00', '23:00', 'Jan 11 00:00', '01:00', '02:00'].slice(0, labels.length))
})

test.each([
  [0, 100, '0'],
  [0.25, 0.05, '0.25 ms'],
  [500, 100, '500 ms'],
  [1_500, 500, '1.5 s'],
  [-2_000, 1_000, '−2 s'],
  [90_000, 30_000, '1m 30s'],
  [120_000, 60_000, '2m'],
  [90_500, 500, '1m 30.500s'],
])('%d ms in steps of %d ms reads %s', (ms, step, text) => {
  expect(elapsedLabel(ms, step)).toBe(text)
})
