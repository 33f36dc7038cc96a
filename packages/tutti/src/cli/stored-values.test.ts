import { expect, test } from 'vitest'
import { plain, showValue } from './stored-values.ts'

test('what JSON cannot say becomes its nearest likeness', () => {
  const value = {
    big: 12n,
    map: new Map([['a', 1]]),
    set: new Set([1, 2]),
    at: new Date(0),
    bytes: new Uint8Array([1, 2]),
    error: new RangeError('too far'),
    nothing: undefined,
  }

  expect(plain(value)).toEqual({
    big: '12',
    map: [['a', 1]],
    set: [1, 2],
    at: '1970-01-01T00:00:00.000Z',
    bytes: [1, 2],
    error: { name: 'RangeError', message: 'too far' },
  })
  expect(plain(undefined)).toBeNull()
})

test('a cycle does not stop the printing of a result', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop

  expect(plain(loop)).toBe('[circular structure]')
})

test('a long value is cut, and one that cannot be read says why', () => {
  expect(showValue({ type: 'value', value: Array.from({ length: 50 }, () => 'x'.repeat(1_000)) }, false).length).toBeLessThan(4_100)
  expect(showValue({ type: 'unreadable', why: 'it was not kept' }, false)).toBe('(it was not kept)')
})
