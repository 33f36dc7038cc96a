import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../store/port.ts'
import { openSqlite } from '../store/sqlite.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { T0 } from '../testing/builders.ts'
import { eventLoop } from '../system/event-loop.ts'
import { storedFiles } from './stored-results.ts'

let store: Store
let clock: VirtualClock

beforeEach(async () => {
  clock = new VirtualClock({ start: T0, loop: eventLoop(), jumps: false, onJump: () => undefined })
  store = await openSqlite({ path: ':memory:', clock })
})
afterEach(() => store.close())

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (stored: Uint8Array): string => new TextDecoder().decode(stored)

test('a result in the database is read as it was written, and written again without harm', async () => {
  const files = storedFiles(store, clock)
  await files.write('run-1', 'key', bytes('one'))
  await files.write('run-1', 'key', bytes('one'))

  expect(text(await files.read('run-1', 'key'))).toBe('one')
  await expect(files.read('run-1', 'other')).rejects.toMatchObject({ code: 'RESULT_MISSING' })
})

test('a shared result outlives the run that made it', async () => {
  const files = storedFiles(store, clock)
  await files.write('run-1', 'key', bytes('one'))
  await store.write(function* () {
    const shared = files.share('run-1', 'cache', 'key')
    return typeof shared === 'boolean' ? shared : yield* shared
  })
  await files.deleteRun('run-1')

  expect(await files.owners()).toEqual(['cache'])
  expect(text(await files.read('cache', 'key'))).toBe('one')
})

test('old results go, but those that something refers to', async () => {
  const files = storedFiles(store, clock)
  await files.write('cache', 'kept', bytes('1'))
  await files.write('cache', 'gone', bytes('2'))

  await files.deleteOld('cache', T0, new Set())
  expect(text(await files.read('cache', 'gone'))).toBe('2')
  await files.deleteOld('cache', T0 + 1, new Set(['kept']))

  await expect(files.read('cache', 'gone')).rejects.toMatchObject({ code: 'RESULT_MISSING' })
  expect(text(await files.read('cache', 'kept'))).toBe('1')
})
