import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import { forgetKeys, rotateSecrets, secretsStatus } from '../../src/server/secrets.ts'
import { loadSettings } from '../../src/settings/load.ts'
import type { Settings } from '../../src/settings/load.ts'
import { systemDefinition } from '../../src/core/system-blocks.ts'
import type { Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { keyPlace, secretKeys } from '../../src/store/secret-keys.ts'
import { createSecretBox } from '../../src/store/secrets.ts'
import { systemClock } from '../../src/system/clock.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { Processes, StoppedTime } from '../conformance/home.ts'
import { seededIds } from '../conformance/records.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()
let home: string
const stores: Store[] = []

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'tutti-rotate-postgres-'))
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  rmSync(home, { recursive: true, force: true })
})

/** The blocks of the database, as a server with these settings has them. */
async function blocksWith(settings: Settings) {
  const random = seededRandom(3)
  if (settings.database.type !== 'postgres') throw new Error('the test is about PostgreSQL')
  const store = await openPostgres({ url: settings.database.url, clock: systemClock() })
  stores.push(store)
  const secrets = createSecretBox(secretKeys(keyPlace(settings), random), random)
  const ids = seededIds(2)
  const { blocks } = createOrchestrator({ store, clock: new StoppedTime(), ids, liveness: new Processes(), secrets, resultsFolder: null })
  const slug = 'secret'
  return {
    save: (name: string, value: string) =>
      blocks.save({ id: ids.next(), slug, name, data: JSON.stringify({ value }), types: [systemDefinition(slug)!], overwrite: false }),
    read: async (name: string) => JSON.parse((await blocks.find(slug, name, 'told'))?.data ?? 'null') as unknown,
  }
}

test('a rotation seals everything anew while a server that knows the new key goes on', async () => {
  const url = await databases.make()
  const settingsOf = (environment: Readonly<Record<string, string>>): Settings =>
    loadSettings({ TUTTI_HOME: home, TUTTI_DATABASE_URL: url, ...environment }, () => undefined)
  const before = await blocksWith(settingsOf({ TUTTI_ENCRYPTION_KEY: 'old' }))
  for (let index = 0; index < 120; index++) await before.save(`number-${index}`, `value ${index}`)
  const rotating = settingsOf({ TUTTI_ENCRYPTION_KEY: 'new', TUTTI_ENCRYPTION_OTHER_KEYS: 'old' })
  const server = await blocksWith(rotating)
  const stop = new AbortController()
  const interrupted = rotateSecrets({
    settings: rotating,
    isOnlyMachine: false,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('stopped')),
  })

  await expect(interrupted).rejects.toThrow('stopped')
  const between = [await server.read('number-0'), await server.read('number-119')]
  const rotated = await rotateSecrets({
    settings: rotating,
    isOnlyMachine: false,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })

  const after = await blocksWith(settingsOf({ TUTTI_ENCRYPTION_KEY: 'new' }))
  expect(between).toEqual([{ value: 'value 0' }, { value: 'value 119' }])
  expect(rotated).toMatchObject({ how: 'continued', documents: 20 })
  expect(await after.read('number-119')).toEqual({ value: 'value 119' })
  await expect(before.read('number-119')).rejects.toMatchObject({ code: 'SECRETS_LOCKED' })
  expect((await secretsStatus(rotating)).keys.map(({ documents }) => documents)).toEqual([120, 0])
  expect(await forgetKeys(rotating)).toEqual([])
})

test('a new key is not put into the file of one machine, unless it is the only one', async () => {
  const url = await databases.make()
  const settings = loadSettings({ TUTTI_HOME: home, TUTTI_DATABASE_URL: url }, () => undefined)
  const before = await blocksWith(settings)
  await before.save('one', 'value')
  const rotate = (isOnlyMachine: boolean) =>
    rotateSecrets({ settings, isOnlyMachine, signal: new AbortController().signal, onProgress: () => undefined })

  await expect(rotate(false)).rejects.toMatchObject({ code: 'KEY_ON_ONE_MACHINE' })
  const rotated = await rotate(true)

  expect(rotated).toMatchObject({ how: 'made', documents: 1 })
  expect(await before.read('one')).toEqual({ value: 'value' })
})
