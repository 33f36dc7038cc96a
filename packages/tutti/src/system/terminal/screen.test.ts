import { expect, test } from 'vitest'
import { hasColours } from './screen.ts'

test('a terminal has colours, a file has none', () => {
  expect(hasColours(true, {})).toBe(true)
  expect(hasColours(false, {})).toBe(false)
  expect(hasColours(true, { TERM: 'dumb' })).toBe(false)
})

test('NO_COLOR takes them away, whatever its value, unless it is empty', () => {
  expect(hasColours(true, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false)
  expect(hasColours(true, { NO_COLOR: '' })).toBe(true)
})

test('FORCE_COLOR gives them to a file, and 0 takes them away', () => {
  expect(hasColours(false, { FORCE_COLOR: '1' })).toBe(true)
  expect(hasColours(true, { FORCE_COLOR: '0' })).toBe(false)
})
