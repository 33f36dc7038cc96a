import { expect, test } from 'vitest'
import { bucketOf, TIME_WINDOWS, timeWindow } from './feed-window.ts'

test('an address that names no window means the usual one', () => {
  expect(timeWindow(undefined).id).toBe('24h')
  expect(timeWindow('a year').id).toBe('24h')
  expect(timeWindow('1h').id).toBe('1h')
})

test('every window is drawn as some dozens of bars', () => {
  const minutes = { minute: 1, hour: 60, day: 1_440 }
  for (const { ms } of TIME_WINDOWS) {
    const { unit, every } = bucketOf(ms)
    const bars = ms / (minutes[unit] * every * 60_000)
    expect(bars).toBeGreaterThanOrEqual(40)
    expect(bars).toBeLessThanOrEqual(80)
  }
})
