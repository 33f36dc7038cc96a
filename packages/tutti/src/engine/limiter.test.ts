import { expect, test } from 'vitest'
import { Limiter } from './limiter.ts'
import type { Waiter } from './limiter.ts'

function waiter(name: string, entered: string[], gone = (): boolean => false): Waiter {
  return { enter: () => void entered.push(name), gone }
}

test('as many enter as there are places; the others enter in the order in which they came', () => {
  const entered: string[] = []
  const limiter = new Limiter(2)

  for (const name of ['a', 'b', 'c', 'd']) limiter.enter(waiter(name, entered))
  const atOnce = [...entered]
  limiter.leave()
  limiter.leave()

  expect(atOnce).toEqual(['a', 'b'])
  expect(entered).toEqual(['a', 'b', 'c', 'd'])
})

test('one that was inside before goes before those that were not', () => {
  const entered: string[] = []
  const limiter = new Limiter(1)

  limiter.enter(waiter('first', entered))
  limiter.enter(waiter('new', entered))
  limiter.enterAgain(waiter('retry', entered))
  limiter.leave()
  limiter.leave()

  expect(entered).toEqual(['first', 'retry', 'new'])
})

test('one that has given up is passed over without taking a place', () => {
  const entered: string[] = []
  const limiter = new Limiter(1)

  limiter.enter(waiter('first', entered))
  limiter.enter(waiter('gave up', entered, () => true))
  limiter.enter(waiter('patient', entered))
  limiter.leave()

  expect(entered).toEqual(['first', 'patient'])
  expect(limiter.tryEnter()).toBe(false)
})

test('a place that nobody waits for can be taken later', () => {
  const limiter = new Limiter(1)

  expect(limiter.tryEnter()).toBe(true)
  expect(limiter.tryEnter()).toBe(false)
  limiter.leave()
  expect(limiter.tryEnter()).toBe(true)
})

test('a hundred thousand that leave as soon as they enter neither pile up nor lose a place', () => {
  const limiter = new Limiter(1)
  let entered = 0
  limiter.tryEnter()
  for (let each = 0; each < 100_000; each++) {
    limiter.enter({
      enter: () => {
        entered += 1
        limiter.leave()
      },
      gone: () => false,
    })
  }

  limiter.leave()

  expect(entered).toBe(100_000)
  expect(limiter.tryEnter()).toBe(true)
  expect(limiter.tryEnter()).toBe(false)
})
