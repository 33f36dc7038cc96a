import { expect, test } from 'vitest'
import { assert, assertNever } from './assert.ts'

test('a broken invariant is loud and says that it is a bug of Tutti', () => {
  expect(() => assert(false, 'two runs have one lease')).toThrow('Tutti broke its own rule: two runs have one lease. Please report this.')
  expect(() => assert(true, 'two runs have one lease')).not.toThrow()
})

test('a case that the types rule out names what came all the same', () => {
  const value = { type: 'unheard of' } as never // what a newer server could send

  expect(() => assertNever(value)).toThrow('Tutti met a case it does not know: {"type":"unheard of"}')
})
