import fc from 'fast-check'
import { expect, test } from 'vitest'
import { after, dateFromInstant, elapsedMs, formatInstant, instantFromDate, parseInstant } from './time.ts'

const MOMENT = 1_767_225_600_123_456

test('a moment is written in UTC with its microseconds, or without them when they are zero', () => {
  expect(formatInstant(MOMENT)).toBe('2026-01-01T00:00:00.123456Z')
  expect(formatInstant(1_767_225_600_000_000)).toBe('2026-01-01T00:00:00Z')
  expect(formatInstant(-1)).toBe('1969-12-31T23:59:59.999999Z')
})

test.each([
  ['2026-01-01T00:00:00.123456Z', MOMENT],
  ['2026-01-01T01:00:00.123456+01:00', MOMENT],
  ['2025-12-31T18:30:00.123456-0530', MOMENT],
  ['2026-01-01T00:00:00.123456789Z', MOMENT],
  ['2026-01-01 00:00:00.123456', MOMENT],
  ['  2026-01-01t00:00:00.123456z ', MOMENT],
  ['2026-01-01T00:00:00Z', 1_767_225_600_000_000],
])('%s is read as the moment it names', (text, instant) => {
  expect(parseInstant(text)).toBe(instant)
})

test.each(['', 'yesterday', '2026-01-01', '2026-13-01T00:00:00Z', '2026-01-01T25:00:00Z', '12:00:00'])('%j is no moment', (text) => {
  expect(parseInstant(text)).toBeUndefined()
})

test('what is written is read as the same moment, over the whole range', () => {
  const instants = fc.integer({ min: -62_135_596_800_000_000, max: Number.MAX_SAFE_INTEGER })

  fc.assert(
    fc.property(instants, (instant) => {
      expect(parseInstant(formatInstant(instant))).toBe(instant)
    }),
  )
})

test('milliseconds become microseconds, also parts of one', () => {
  expect(after(1_000, 1.5)).toBe(2_500)
  expect(after(0, 0.0004)).toBe(0)
  expect(elapsedMs(1_000, 2_500)).toBe(1.5)
  expect(elapsedMs(2_500, 1_000)).toBe(-1.5)
})

test('a date loses the microseconds, downwards', () => {
  expect(dateFromInstant(MOMENT).toISOString()).toBe('2026-01-01T00:00:00.123Z')
  expect(dateFromInstant(-1).toISOString()).toBe('1969-12-31T23:59:59.999Z')
  expect(instantFromDate(new Date('2026-01-01T00:00:00.123Z'))).toBe(1_767_225_600_123_000)
})
