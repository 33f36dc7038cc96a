import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BARS_MAX, barsOf, FEED_WINDOWS, feedWindow, readWindow, stepOf, windowBefore, writeWindow, zoomedOut } from './time-window.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-28T09:20:31Z')

test('a length, and two moments, stand in the address and come back', () => {
  const windows = [
    { type: 'last', ms: 24 * HOUR },
    { type: 'next', ms: HOUR },
    { type: 'between', from: Date.parse('2026-11-27T02:00Z'), to: undefined },
    { type: 'between', from: Date.parse('2026-11-27T02:00Z'), to: NOW },
  ] as const

  expect(windows.map((window) => readWindow(writeWindow(window)))).toEqual(windows)
})

test('an address that is no window, or ends before it begins, asks for none', () => {
  const none = { window: undefined, from: undefined, to: undefined }

  expect(readWindow({ ...none, window: 'yesterday' })).toBeUndefined()
  expect(readWindow({ ...none, window: '0h' })).toBeUndefined()
  expect(readWindow({ ...none, from: '2026-11-28', to: '2026-11-27' })).toBeUndefined()
})

test('the last day is 96 bars of a quarter of an hour, of which the last holds the present', () => {
  const { from, to, stepMs } = barsOf({ type: 'last', ms: 24 * HOUR }, NOW)

  expect(stepMs).toBe(HOUR / 4)
  expect(new Date(to).toISOString()).toBe('2026-11-28T09:30:00.000Z')
  expect((to - from) / stepMs).toBe(96)
})

test('the last 30 days are whole hours', () => {
  const { from, to, stepMs } = barsOf({ type: 'last', ms: 720 * HOUR }, NOW)

  expect([from % HOUR, to % HOUR, stepMs % HOUR]).toEqual([0, 0, 0])
})

test('a window between two moments is covered by at most so many bars as can be told apart', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 10 * 365 * 24 * HOUR }), fc.integer({ min: 0, max: NOW }), (lengthMs, from) => {
      const bars = barsOf({ type: 'between', from, to: from + lengthMs }, NOW)

      expect(bars.from).toBeLessThanOrEqual(from)
      expect(bars.to).toBeGreaterThanOrEqual(from + lengthMs)
      expect((bars.to - bars.from) / bars.stepMs).toBeLessThanOrEqual(BARS_MAX)
      expect(stepOf(lengthMs)).toBe(bars.stepMs)
    }),
  )
})

test('zooming out doubles what is seen and does not look past the present', () => {
  const out = zoomedOut({ from: NOW - 2 * HOUR, to: NOW - HOUR }, NOW)

  expect(out).toEqual({ from: NOW - 2.5 * HOUR, to: NOW - 0.5 * HOUR })
  expect(zoomedOut({ from: NOW - HOUR, to: NOW }, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW })
  expect(windowBefore({ from: 10, to: 15 })).toEqual({ from: 5, to: 10 })
})

test('an address that names no window of a feed means the usual one', () => {
  expect(feedWindow(undefined).id).toBe('24h')
  expect(feedWindow('a year').id).toBe('24h')
  expect(feedWindow('1h').id).toBe('1h')
})

test('every window of a feed is drawn as some dozens of bars', () => {
  for (const { ms } of FEED_WINDOWS) {
    expect(ms / stepOf(ms)).toBeGreaterThanOrEqual(40)
    expect(ms / stepOf(ms)).toBeLessThanOrEqual(120)
    expect(ms / stepOf(ms, 42)).toBeGreaterThanOrEqual(12)
    expect(ms / stepOf(ms, 42)).toBeLessThanOrEqual(41)
  }
})
