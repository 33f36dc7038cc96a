import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeded-random.ts'
import { T0 } from '../testing/builders.ts'
import { createIds, isUuid } from './id.ts'

function millisOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

test('an id is a UUID of version 7 that begins with its millisecond', () => {
  const id = createIds(() => T0, seededRandom(1)).next()

  expect(isUuid(id)).toBe(true)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(millisOf(id)).toBe(T0 / 1000)
})

test('ids of one generator increase strictly, also when the clock stands still or goes back', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 1, maxLength: 300 }), (seed, steps) => {
      let now = T0
      const ids = createIds(() => now, seededRandom(seed))

      const made = steps.map((step) => {
        now += step
        return ids.next()
      })

      expect(made).toEqual([...new Set(made)].toSorted())
    }),
  )
})

test('more ids than one millisecond has places for run over into the next', () => {
  const ids = createIds(() => T0, seededRandom(1))

  const made = Array.from({ length: 10_000 }, () => ids.next())

  expect(made).toEqual([...new Set(made)].toSorted())
  expect(millisOf(made.at(-1) ?? '')).toBeLessThan(T0 / 1000 + 4)
})

test('what is not a UUID in lower case is no id', () => {
  expect(['', '019B7600-0000-7000-8000-000000000001', '019b7600', '019b7600-0000-7000-8000-00000000000g'].filter(isUuid)).toEqual([])
})
