import { expect, test } from 'vitest'
import { RowStore } from './task-run-store.ts'

interface Row {
  readonly id: string
  readonly sequence: number
  readonly word: string
}

function aStore() {
  const turns: (() => void)[] = []
  const store = new RowStore<Row>((show) => turns.push(show))
  let shown = 0
  store.subscribe(() => (shown += 1))
  const frame = (): void => {
    for (const turn of turns.splice(0)) turn()
  }
  return { store, frame, turns, timesShown: () => shown }
}

test('rows that come in many messages are shown together with the next frame', () => {
  const { store, frame, turns, timesShown } = aStore()

  store.add([{ id: 'a', sequence: 1, word: 'one' }])
  store.add([{ id: 'b', sequence: 1, word: 'two' }])
  const before = store.read().rows.length
  const asked = turns.length
  frame()

  expect(before).toBe(0)
  expect(asked).toBe(1)
  expect(timesShown()).toBe(1)
  expect(store.read().rows.map(({ id }) => id)).toEqual(['a', 'b'])
})

test('of a row that is told twice the one that was written last is kept, whichever came first', () => {
  const { store, frame } = aStore()

  store.add([{ id: 'a', sequence: 3, word: 'new' }])
  frame()
  store.add([{ id: 'a', sequence: 2, word: 'old' }])
  store.add([
    { id: 'b', sequence: 2, word: 'new' },
    { id: 'b', sequence: 1, word: 'old' },
  ])
  frame()

  expect(store.read().rows.map(({ word }) => word)).toEqual(['new', 'new'])
  expect(store.read().byId.get('a')?.word).toBe('new')
})

test('a change keeps the place of its row, and the list that was read before', () => {
  const { store, frame } = aStore()
  store.add(['a', 'b', 'c'].map((id) => ({ id, sequence: 1, word: 'old' })))
  frame()
  const before = store.read().rows

  store.add([{ id: 'b', sequence: 2, word: 'new' }])
  frame()

  expect(before.map(({ word }) => word)).toEqual(['old', 'old', 'old'])
  expect(store.read().rows.map(({ word }) => word)).toEqual(['old', 'new', 'old'])
})

test('what is told again after a lost connection shows nothing anew', () => {
  const { store, frame, timesShown } = aStore()
  const rows = [{ id: 'a', sequence: 1, word: 'one' }]
  store.add(rows)
  store.whole()
  frame()

  store.add(rows)
  store.whole()
  frame()

  expect(timesShown()).toBe(1)
  expect(store.read().isWhole).toBe(true)
})

test('a failure is shown until something is told again', () => {
  const { store, frame } = aStore()

  store.fail(new Error('away'))
  frame()
  const away = store.read().error
  store.add([{ id: 'a', sequence: 1, word: 'one' }])
  frame()

  expect(away).toBeInstanceOf(Error)
  expect(store.read().error).toBeUndefined()
})

test('how many there are is known before all of them are', () => {
  const { store, frame } = aStore()

  store.expect(3)
  store.add([{ id: 'a', sequence: 1, word: 'one' }])
  frame()

  expect(store.read()).toMatchObject({ total: 3, isWhole: false, rows: [{ id: 'a' }] })
})
