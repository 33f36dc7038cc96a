import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from './seeded-random.ts'

function take(seed: number, count: number): readonly number[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random.next())
}

test('the same seed gives the same numbers, another seed gives others', () => {
  expect(take(1, 20)).toEqual(take(1, 20))
  expect(take(2, 20)).not.toEqual(take(1, 20))
})

test('numbers lie in [0, 1) and are spread over it', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const numbers = take(seed, 400)
      const tenths = new Set(numbers.map((number) => Math.floor(number * 10)))

      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
      expect(tenths.size).toBe(10)
    }),
  )
})

test('bytes come from the same seed', () => {
  const bytes = [new Uint8Array(16), new Uint8Array(16)] as const

  for (const into of bytes) seededRandom(3).bytes(into)

  expect(bytes[0]).toEqual(bytes[1])
  expect(new Set(bytes[0]).size).toBeGreaterThan(8)
})
