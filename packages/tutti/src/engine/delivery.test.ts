import { expect, test } from 'vitest'
import { Delivery } from './delivery.ts'
import type { Deliverable } from './delivery.ts'

interface Parcel extends Deliverable {
  ready: boolean
}

/** A result that writes its number down when it is handed out. */
function parcel(number: number, order: unknown[], ready = true): Parcel {
  return { number, ready, deliver: () => void order.push(number) }
}

function turns(count: number): Promise<void> {
  return new Promise((resolve) => {
    const turn = (left: number): void => void (left === 0 ? resolve() : setImmediate(turn, left - 1))
    turn(count)
  })
}

test('results go out in the order of their numbers, whatever the order in which they came', async () => {
  const order: unknown[] = []
  const delivery = new Delivery()

  for (const number of [5, 3, 9, 1, 8, 2, 7, 4, 6]) delivery.push(parcel(number, order))
  await turns(3)

  expect(order).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('more results than turns asked for in advance all go out, in order', async () => {
  const order: unknown[] = []
  const delivery = new Delivery()
  const numbers = Array.from({ length: 1_000 }, (_, index) => (index * 389) % 1_000)

  for (const number of numbers) delivery.push(parcel(number, order))
  await turns(1_000)

  expect(order).toEqual([...numbers].sort((a, b) => a - b))
  expect(delivery.pending).toBe(0)
})

test('what a result sets going in user code runs before the next result goes out', async () => {
  const order: unknown[] = []
  const delivery = new Delivery()
  const follow = async (number: number): Promise<void> => {
    order.push(`result ${number}`)
    for (let step = 0; step < 5; step++) await Promise.resolve()
    order.push(`after ${number}`)
  }

  for (const number of [1, 2]) delivery.push({ number, ready: true, deliver: () => void follow(number) })
  await turns(3)

  expect(order).toEqual(['result 1', 'after 1', 'result 2', 'after 2'])
})

test('a result that is still being fetched holds back those behind it', async () => {
  const order: unknown[] = []
  const delivery = new Delivery()
  const late = parcel(1, order, false)

  delivery.push(late)
  delivery.push(parcel(2, order))
  await turns(3)
  const before = [...order]
  late.ready = true
  delivery.wake()
  await turns(3)

  expect(before).toEqual([])
  expect(order).toEqual([1, 2])
})

test('an offered result goes out at once; the next one of the same turn waits for a turn of its own', async () => {
  const order: unknown[] = []
  const delivery = new Delivery()

  delivery.offer(parcel(1, order))
  delivery.offer(parcel(2, order))
  const atOnce = [...order]
  await turns(3)
  delivery.offer(parcel(3, order))

  expect(atOnce).toEqual([1])
  expect(order).toEqual([1, 2, 3])
})

test('an offered result does not overtake one that waits', async () => {
  const order: unknown[] = []
  const delivery = new Delivery()

  delivery.push(parcel(1, order))
  delivery.offer(parcel(2, order))
  const atOnce = [...order]
  await turns(3)

  expect(atOnce).toEqual([])
  expect(order).toEqual([1, 2])
})
