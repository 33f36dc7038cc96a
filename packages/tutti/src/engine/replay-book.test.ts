import { expect, test } from 'vitest'
import type { JournalOperations } from '../core/orchestrator.ts'
import type { OwnTaskRun } from '../core/task-run.ts'
import { aState, aTaskRun } from '../testing/builders.ts'
import { ReplayBook } from './replay-book.ts'

/** A journal that holds these task runs; `asked` gets the ids of every page of outcomes. */
function journalOf(runs: readonly OwnTaskRun[], asked: (readonly string[])[] = []): JournalOperations {
  const ordered = runs.toSorted((one, other) => (`${one.taskKey} ${one.dynamicKey}` < `${other.taskKey} ${other.dynamicKey}` ? -1 : 1))
  return {
    flush: async () => [],
    values: async () => [{ key: 'now', text: '42' }],
    cached: async () => undefined,
    async entries(_flowRunId, { after, limit }) {
      const from = after === null ? 0 : ordered.findIndex((run) => run.taskKey === after.taskKey && run.dynamicKey === after.dynamicKey) + 1
      return ordered
        .slice(from, from + limit)
        .map(({ outcome, ...entry }) => ({ ...entry, outcomeFormat: outcome?.format ?? null, retryAt: null }))
    },
    async outcomes(_flowRunId, ids) {
      asked.push(ids)
      return runs.filter((run) => ids.includes(run.id)).map((run) => ({ taskRunId: run.id, outcome: run.outcome }))
    },
  }
}

async function matchOf(changes: Partial<OwnTaskRun>, replayFailedFrom = 0): Promise<string | undefined> {
  const run = aTaskRun(changes)
  const book = await ReplayBook.load(journalOf([run]), run.flowRunId, replayFailedFrom)
  const match = book.take(run.taskKey, run.dynamicKey)
  return match?.type === 'again' ? match.reason : match?.type
}

test('a finished call is replayed, a failed one too', async () => {
  expect(await matchOf({})).toBe('replay')
  expect(await matchOf({ state: aState('failed') })).toBe('replay')
})

test.each(['running', 'scheduled', 'pending', 'crashed', 'cancelled'] as const)('a call that is %s was not finished', async (type) => {
  expect(await matchOf({ state: aState(type) })).toBe('unfinished')
})

test('a result that never reached the flow counts as unfinished', async () => {
  expect(await matchOf({ number: null })).toBe('unfinished')
})

test('on a retry, calls that failed in an attempt before it run again, later failures are replayed', async () => {
  const failed = { state: aState('failed'), attempt: 2 }

  expect(await matchOf(failed, 3)).toBe('retry')
  expect(await matchOf(failed, 2)).toBe('replay')
  expect(await matchOf({ attempt: 2 }, 3)).toBe('replay')
})

test('a result that could not be kept runs again', async () => {
  expect(await matchOf({ outcome: { format: 'none', text: '' } })).toBe('not kept')
})

test('each entry is used once', async () => {
  const run = aTaskRun()
  const book = await ReplayBook.load(journalOf([run]), run.flowRunId, 0)

  const matches = [book.take(run.taskKey, run.dynamicKey), book.take(run.taskKey, run.dynamicKey)]

  expect(matches.map((match) => match?.type)).toEqual(['replay', undefined])
})

test('a call with other arguments is told which unused entry stood in its place', async () => {
  const runs = [0, 1].map((ordinal) => aTaskRun({ id: `run-${ordinal}`, ordinal, dynamicKey: `key-${ordinal}` }))
  const book = await ReplayBook.load(journalOf(runs), 'flow-run', 0)
  book.take('fetch-page', 'key-0')

  expect(book.changed('fetch-page', 0)).toBeUndefined()
  expect(book.changed('fetch-page', 1)?.id).toBe('run-1')
  expect(book.changed('another', 1)).toBeUndefined()
})

test('new results are numbered after those of before, and values are found again', async () => {
  const runs = [7, 3, 9].map((number) => aTaskRun({ id: `run-${number}`, dynamicKey: `key-${number}`, number }))

  const book = await ReplayBook.load(journalOf(runs), 'flow-run', 0)

  expect([book.size, book.numberMax, book.value('now'), book.value('later')]).toEqual([3, 9, '42', undefined])
  expect(ReplayBook.empty(journalOf([]), 'flow-run').numberMax).toBe(0)
})

test('outcomes come in pages, in the order of delivery, each page once', async () => {
  const asked: (readonly string[])[] = []
  const runs = Array.from({ length: 1_200 }, (_, index) =>
    aTaskRun({
      id: `run-${index}`,
      dynamicKey: `key-${index}`,
      ordinal: index,
      number: 1_200 - index,
      outcome: { format: 'json', text: String(index) },
    }),
  )
  const book = await ReplayBook.load(journalOf(runs, asked), 'flow-run', 0)

  const outcomes: unknown[] = []
  for (let number = 1; number <= 1_200; number++) outcomes.push((await book.outcome({ id: `run-${1_200 - number}`, number }))?.text)

  expect(outcomes).toEqual(Array.from({ length: 1_200 }, (_, index) => String(1_199 - index)))
  expect(asked.map((ids) => ids.length)).toEqual([500, 500, 200])
  expect(asked[0]?.[0]).toBe('run-1199')
})

test('a journal longer than a page is read whole', async () => {
  const runs = Array.from({ length: 5_001 }, (_, index) => aTaskRun({ id: `run-${index}`, dynamicKey: `key-${index}`, number: index + 1 }))

  const book = await ReplayBook.load(journalOf(runs), 'flow-run', 0)

  expect(book.size).toBe(5_001)
})

test('an outcome that the store no longer has is an error, not a hang', async () => {
  const run = aTaskRun({ id: 'run-1' })
  const journal = { ...journalOf([run]), outcomes: async () => [] }
  const book = await ReplayBook.load(journal, 'flow-run', 0)

  await expect(book.outcome({ id: 'run-1', number: 1 })).rejects.toThrow('has lost the outcome of task run run-1')
})
