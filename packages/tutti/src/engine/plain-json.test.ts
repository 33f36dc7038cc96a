import fc from 'fast-check'
import { expect, test } from 'vitest'
import { survivesJson } from './plain-json.ts'

test('whatever is said to survive JSON comes back equal', () => {
  const anything = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withBigInt: true,
    withSparseArray: true,
    withNullPrototype: true,
  })

  fc.assert(
    fc.property(anything, (value) => {
      fc.pre(survivesJson(value))

      expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value)
    }),
  )
})

test.each([[null], [true], [''], ['\ud800'], [0], [1.5], [[]], [{}], [[1, 'a', null, { b: [false] }]]])('%j survives', (value) => {
  expect(survivesJson(value)).toBe(true)
})

test.each([
  ['undefined', undefined],
  ['an undefined member', { a: undefined }],
  ['a hole', Array(2)],
  ['negative zero', -0],
  ['negative zero inside', [-0]],
  ['NaN', { a: Number.NaN }],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a big integer', 1n],
  ['a date', new Date()],
  ['a map', [new Map()]],
  ['a function', { f: () => 1 }],
  ['a member named by a symbol', { [Symbol('s')]: 1 }],
  ['an instance', new (class A {})()],
  ['an instance of a subclass of Array', new (class List extends Array {})()],
  ['an object without prototype', Object.create(null)],
  ['bytes', new Uint8Array(1)],
])('%s does not survive', (_, value) => {
  expect(survivesJson(value)).toBe(false)
})

test('a cycle ends the walk', () => {
  const cyclic: unknown[] = []
  cyclic.push(cyclic)

  expect(survivesJson(cyclic)).toBe(false)
})
