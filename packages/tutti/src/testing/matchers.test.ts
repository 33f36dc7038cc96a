import '../../test/tools/matchers.ts'
import { expect, test } from 'vitest'
import { flow } from '../sdk/flow.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from './test-tutti.ts'
import type { TestRun } from './test-run.ts'

const fetchPage = task({ name: 'fetch-page', retries: 2, retryDelay: '1m' }, async (page: number, failures: Map<number, number>) => {
  const left = failures.get(page) ?? 0
  failures.set(page, left - 1)
  if (left > 0) throw new Error(`page ${page} is not there yet`)
  return page
})
const count = task({ name: 'count', cache: { by: 'inputs' } }, async (pages: readonly number[]) => pages.length)

async function play(failures: Record<number, number>): Promise<TestRun<number>> {
  await using tutti = await testTutti()
  const map = new Map(Object.entries(failures).map(([page, times]) => [Number(page), times]))
  const pages = flow({ name: 'pages' }, async () => {
    const fetched = [await fetchPage(1, map), await fetchPage(2, map)]
    await count(fetched)
    return count(fetched)
  })
  return await tutti.run(pages)
}

test('what a run did is said in one line each', async () => {
  const run = await play({ 2: 1 })

  expect(run).toHaveCompleted()
  expect(run).toHaveCalled('fetch-page', 2)
  expect(run).toHaveAttempts(fetchPage, 3)
  expect(run).toHaveCalledInOrder([fetchPage, count])
  expect(run).not.toHaveCalledInOrder([count, fetchPage])
  expect(run).toHaveHitCache('count', 1)
  expect(run).not.toHaveReplayed('fetch-page')
  expect(run).not.toHaveCalled('clean')
})

test('a failed run says so, with its message', async () => {
  const run = await play({ 1: 9 })

  expect(run).toHaveFailed('page 1')
  expect(run).toHaveFailed(/not there/)
  expect(run).not.toHaveFailed('page 2')
  expect(run).not.toHaveCompleted()
})

test('calls that were replayed are told from calls that ran', async () => {
  await using tutti = await testTutti()
  let broken = true
  const last = task({ name: 'last' }, async () => {
    if (broken) throw new Error('broken')
  })
  const first = task({ name: 'first' }, async () => 1)
  const two = flow({ name: 'two' }, async () => {
    await first()
    await last()
  })

  const failed = await tutti.run(two)
  broken = false
  const run = await tutti.retry(two, failed)

  expect(run).toHaveCompleted()
  expect(run).toHaveReplayed(first, 1)
  expect(run).not.toHaveCalled(first)
  expect(run).toHaveCalled(last, 1)
})

test('an expectation that is not met says what happened instead', async () => {
  const run = await play({ 2: 1 })

  expect(() => expect(run).toHaveCalled('fetch-page', 5)).toThrow(
    `expected flow run ${run.name} to call task fetch-page 5 times, but it did 2 times; calls: fetch-page`,
  )
  expect(() => expect(run).not.toHaveCompleted()).toThrow(`expected flow run ${run.name} not to complete, but it is Completed`)
})

test('something else than a run is refused', () => {
  expect(() => expect('no run').toHaveCompleted()).toThrow(
    'toHaveCompleted speaks of what tutti.run(), resume() or retry() returned; await it first',
  )
})
