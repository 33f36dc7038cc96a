import { afterEach, beforeEach, expect, test } from 'vitest'
import { JsonText } from '../core/literal-json.ts'
import { systemClock } from '../system/clock.ts'
import { withGroupCommit } from './group-commit.ts'
import type { Script } from './script.ts'
import type { Store } from './port.ts'
import { openSqlite } from './sqlite.ts'

let inner: Store
let store: Store
let transactions: number
let turns: (() => void)[]

beforeEach(async () => {
  inner = await openSqlite({ path: ':memory:', clock: systemClock() })
  transactions = 0
  turns = []
  const counted: Store = {
    ...inner,
    write(script) {
      transactions += 1
      return inner.write(script)
    },
  }
  store = withGroupCommit(counted, (callback) => turns.push(callback))
})
afterEach(() => inner.close())

function nextTurn(): void {
  for (const callback of turns.splice(0)) callback()
}

function addFlow(name: string, fail = false): () => Script<string> {
  return function* () {
    yield* store.tables.flows.insert({ id: name, name, tags: [], labels: new JsonText('{}'), createdAt: 1, updatedAt: 1 })
    if (fail) throw new Error(`${name} is refused`)
    return name
  }
}

async function names(): Promise<readonly string[]> {
  return (await inner.read(() => inner.tables.flows.list(100, undefined))).items.map((flow) => flow.name)
}

test('writes of one turn are one transaction, and each gets its own answer', async () => {
  const written = Promise.all([store.write(addFlow('a')), store.write(addFlow('b')), store.write(addFlow('c'))])
  nextTurn()

  expect(await written).toEqual(['a', 'b', 'c'])
  expect(transactions).toBe(1)
  expect(await names()).toEqual(['a', 'b', 'c'])
})

test('a write that fails takes no other along', async () => {
  const written = Promise.allSettled([store.write(addFlow('a')), store.write(addFlow('b', true)), store.write(addFlow('c'))])
  nextTurn()

  expect((await written).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await names()).toEqual(['a', 'c'])
})

test('a write that fails alone changes nothing', async () => {
  const written = store.write(addFlow('a', true))
  nextTurn()

  await expect(written).rejects.toThrow('a is refused')
  expect(await names()).toEqual([])
})

test('many writes are committed in bounded transactions, in their order', async () => {
  const written = Promise.all(Array.from({ length: 450 }, (_, index) => store.write(addFlow(`flow-${String(index).padStart(3, '0')}`))))
  for (let turn = 0; turn < 3; turn++) nextTurn()

  expect((await written).at(-1)).toBe('flow-449')
  expect(transactions).toBe(3)
})

test('closing waits for what was given', async () => {
  const written = store.write(addFlow('a'))
  const closed = store.close()
  nextTurn()
  await closed

  expect(await written).toBe('a')
})
