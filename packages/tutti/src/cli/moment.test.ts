import { expect, test } from 'vitest'
import { parseInstant } from '../core/time.ts'
import { ago, clockTime, momentAt, parseMoment, stamp } from './moment.ts'

const now = parseInstant('2026-01-31T12:00:00Z') ?? 0

test.each([
  ['2h', '2026-01-31T10:00:00Z'],
  ['90m', '2026-01-31T10:30:00Z'],
  ['7d', '2026-01-24T12:00:00Z'],
  ['2026-01-30', '2026-01-30T00:00:00Z'],
  ['2026-01-30T06:00:00+02:00', '2026-01-30T04:00:00Z'],
])('%s is %s', (text, expected) => {
  expect(momentAt(parseMoment(text), now)).toBe(parseInstant(expected))
})

test.each(['yesterday', '', '2026-13-01', '-2h'])('%j is no time, and the answer says how to write one', (text) => {
  expect(() => parseMoment(text)).toThrow(`'${text}' is not a time`)
})

test('how long ago something was is told in words of at most two units', () => {
  expect(ago(now - 500_000, now)).toBe('just now')
  expect(ago(now - 90_000_000, now)).toBe('1 m 30 s ago')
  expect(ago(now + 60_000_000, now)).toBe('in 1 m')
})

test('a time for people is to the second, one in a log to the millisecond', () => {
  expect(clockTime(now + 123_456)).toBe('2026-01-31 12:00:00Z')
  expect(stamp(now + 123_456)).toBe('2026-01-31T12:00:00.123Z')
})
