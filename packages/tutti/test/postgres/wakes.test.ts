import { afterEach, expect, test, vi } from 'vitest'
import type { Script, Store, Wakes } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { querySql } from '../tools/postgres-cluster.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()
const clock = systemClock()
const PATIENTLY = { timeout: 30_000 }
const opened: Store[] = []

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

async function open(url: string): Promise<{ readonly store: Store; readonly wakes: Wakes }> {
  const store = await openPostgres({ url, clock })
  opened.push(store)
  const { wakes } = store
  if (wakes === undefined) throw new Error('a store on a server wakes others')
  return { store, wakes }
}

test('others hear of a wake-up when its transaction is committed, and once for each transaction', async () => {
  const url = await databases.make()
  const [one, two] = [await open(url), await open(url)]
  const heard: (string | null)[] = []
  await two.wakes.listen('pool', (payload) => heard.push(payload))

  await one.store
    .write(function* (): Script<void> {
      yield* one.wakes.wake('pool', 'undone')
      throw new Error('decided otherwise')
    })
    .catch(() => undefined)
  await one.store.write(function* () {
    yield* one.wakes.wake('pool', 'run-1')
    yield* one.wakes.wake('pool', 'run-1')
    yield* one.wakes.wake('other', 'run-2')
  })
  await one.store.write(() => one.wakes.wake('pool', 'run-3'))
  await vi.waitFor(() => expect(heard).toContain('run-3'), PATIENTLY)

  expect(heard).toEqual(['run-1', 'run-3'])
})

test('who has stopped to listen hears nothing, and others on the channel still do', async () => {
  const url = await databases.make()
  const [{ store, wakes: others }, { wakes }] = [await open(url), await open(url)]
  const [first, second]: [(string | null)[], (string | null)[]] = [[], []]
  const stop = await wakes.listen('pool', (payload) => first.push(payload))
  await wakes.listen('pool', (payload) => second.push(payload))

  stop()
  await store.write(() => others.wake('pool', 'run-1'))
  await vi.waitFor(() => expect(second).toEqual(['run-1']), PATIENTLY)

  expect(first).toEqual([])
})

test('who wakes others is not woken by itself', async () => {
  const url = await databases.make()
  const [one, two] = [await open(url), await open(url)]
  const heard: (string | null)[] = []
  await one.wakes.listen('pool', (payload) => heard.push(payload))

  await one.store.write(() => one.wakes.wake('pool', 'run-1'))
  await two.store.write(() => two.wakes.wake('pool', 'run-2'))
  await vi.waitFor(() => expect(heard).toContain('run-2'), PATIENTLY)

  expect(heard).toEqual(['run-2'])
})

test('after the connection was lost those who listen are told to look for themselves, and hear again', async () => {
  const url = await databases.make()
  const [{ store, wakes: others }, { wakes }] = [await open(url), await open(url)]
  const heard: (string | null)[] = []
  await wakes.listen('pool', (payload) => heard.push(payload))

  await querySql(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  await vi.waitFor(() => expect(heard).toEqual([null]), PATIENTLY)
  await store.write(() => others.wake('pool', 'run-1'))

  await vi.waitFor(() => expect(heard).toEqual([null, 'run-1']), PATIENTLY)
})
