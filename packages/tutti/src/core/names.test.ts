import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runName } from './names.ts'

test('a run name is an adjective and an animal, whatever chance says', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
      expect(runName({ next: () => chance })).toMatch(/^[a-z]+-[a-z]+$/)
    }),
  )
})

test('there are thousands of names, so that two runs on one page rarely share one', () => {
  const rolls = Array.from({ length: 100 }, (_, index) => index / 100)
  const names = new Set<string>()
  for (const first of rolls) {
    for (const second of rolls) {
      const chances = [first, second]
      names.add(runName({ next: () => chances.shift() ?? 0 }))
    }
  }

  expect(names.size).toBeGreaterThan(5_000)
})
