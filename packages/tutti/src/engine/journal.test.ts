import { expect, test } from 'vitest'
import type { JournalAnswer, JournalOperation, JournalOperations } from '../core/orchestrator.ts'
import { T0 } from '../testing/builders.ts'
import { Journal } from './journal.ts'

/** A store that notes what it is given, and answers when it is told to. */
class SlowStore implements Pick<JournalOperations, 'flush'> {
  readonly flushes: (readonly JournalOperation[])[] = []
  readonly #waiting: (() => void)[] = []
  failure: Error | undefined

  flush(operations: readonly JournalOperation[]): Promise<readonly JournalAnswer[]> {
    this.flushes.push(operations)
    return new Promise((resolve, reject) =>
      this.#waiting.push(() => (this.failure === undefined ? resolve(operations.map(() => ({ type: 'ok' }))) : reject(this.failure))),
    )
  }

  /** Answers flushes until there are no more. */
  async answerAll(): Promise<void> {
    await turns(2)
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next()
      await turns(2)
    }
  }

  get keys(): readonly (readonly string[])[] {
    return this.flushes.map((operations) => operations.map((each) => (each.type === 'value' ? each.value.key : each.type)))
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function aJournal(): { readonly store: SlowStore; readonly journal: Journal } {
  const store = new SlowStore()
  const unused = (): never => {
    throw new Error('a journal only flushes')
  }
  const journal = new Journal({
    flush: (operations) => store.flush(operations),
    entries: unused,
    outcomes: unused,
    values: unused,
    cached: unused,
  })
  return { store, journal }
}

function value(key: string): JournalOperation {
  return { type: 'value', flowRunId: 'run', attempt: 1, value: { key, text: '1' } }
}

function logLine(message = 'hello'): JournalOperation & { readonly type: 'log' } {
  return {
    type: 'log',
    record: { id: 'log', flowRunId: 'run', taskRunId: null, logger: 'sync', level: 20, message, timestamp: T0 },
  }
}

test('what is written in one turn of the event loop is one flush, in its order', async () => {
  const { store, journal } = aJournal()

  void journal.write(value('a'))
  await Promise.resolve()
  void journal.write(value('b'))
  void journal.write(value('c'))
  await store.answerAll()

  expect(store.keys).toEqual([['a', 'b', 'c']])
})

test('one flush is under way at a time; what comes meanwhile is the next', async () => {
  const { store, journal } = aJournal()

  void journal.write(value('a'))
  await turns(2)
  void journal.write(value('b'))
  await turns(2)
  void journal.write(value('c'))
  await turns(2)
  const before = [...store.keys]
  await store.answerAll()

  expect(before).toEqual([['a']])
  expect(store.keys).toEqual([['a'], ['b', 'c']])
})

test('more than 500 operations go in several flushes, none lost and none out of order', async () => {
  const { store, journal } = aJournal()
  const keys = Array.from({ length: 12_345 }, (_, index) => `key-${index}`)

  for (const key of keys) void journal.write(value(key))
  await store.answerAll()

  expect(Math.max(...store.flushes.map((flush) => flush.length))).toBe(500)
  expect(store.keys.flat()).toEqual(keys)
})

test('an operation says how things stand when its flush is put together, and one that was overtaken is left out', async () => {
  const { store, journal } = aJournal()
  let state = 'early'

  journal.push({ build: () => value(state), settle: () => undefined })
  journal.push({ build: () => undefined, settle: () => undefined })
  state = 'late'
  await store.answerAll()

  expect(store.keys).toEqual([['late']])
})

test('a flush that fails fails all that was in it, and the next one is made', async () => {
  const { store, journal } = aJournal()
  store.failure = new Error('disk full')

  const problems = Promise.allSettled([journal.write(value('a')), journal.write(value('b'))])
  await store.answerAll()
  store.failure = undefined
  const later = journal.write(value('c'))
  await store.answerAll()

  const failed = { status: 'rejected', reason: { code: 'STORE_FAILED', cause: { message: 'disk full' } } }
  expect(await problems).toMatchObject([failed, failed])
  expect(await later).toEqual({ type: 'ok' })
})

test('idle comes when everything that was queued has been answered', async () => {
  const { store, journal } = aJournal()
  const order: string[] = []

  void journal.write(value('a')).then(() => order.push('written'))
  const idle = journal.idle().then(() => order.push('idle'))
  await store.answerAll()
  await idle
  await journal.idle()

  expect(order).toEqual(['written', 'idle'])
})

test('log lines that the store cannot take in time are dropped and counted once', async () => {
  const { store, journal } = aJournal()

  for (let line = 0; line < 100_007; line++) journal.log(logLine())
  await store.answerAll()

  expect(store.flushes.flat()).toHaveLength(100_000)
  expect(journal.takeDroppedLogs()).toBe(7)
  expect(journal.takeDroppedLogs()).toBe(0)
})

test('a few huge log lines are as bad as many small ones; checkpoints are never dropped', async () => {
  const { store, journal } = aJournal()
  const huge = 'x'.repeat(8_000_000)

  for (let line = 0; line < 6; line++) journal.log(logLine(huge))
  void journal.write(value('a'))
  await store.answerAll()
  journal.log(logLine(huge))
  await store.answerAll()

  expect(store.keys).toEqual([['log', 'log', 'log', 'log', 'a'], ['log']])
  expect(journal.logsDropped).toBe(2)
})

test('a process that ends hands over everything that is queued, within the call', async () => {
  const { store, journal } = aJournal()

  void journal.write(value('a'))
  void journal.write(value('b'))
  journal.drainNow([value('last')])
  const atOnce = [...store.keys]
  await turns(3)

  expect(atOnce).toEqual([['a', 'b', 'last']])
  expect(store.keys).toEqual(atOnce)
})

test('a queue longer than a few flushes is a crowd', async () => {
  const { store, journal } = aJournal()

  for (let each = 0; each < 2_001; each++) void journal.write(value(`key-${each}`))
  const before = journal.crowded
  await store.answerAll()

  expect([before, journal.crowded]).toEqual([true, false])
})
