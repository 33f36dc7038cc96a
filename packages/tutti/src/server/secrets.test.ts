import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JsonText } from '../core/literal-json.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { loadSettings } from '../settings/load.ts'
import type { Settings } from '../settings/load.ts'
import type { Store } from '../store/port.ts'
import { keyPlace, secretKeys } from '../store/secret-keys.ts'
import { createSecretBox } from '../store/secrets.ts'
import { openSqlite } from '../store/sqlite.ts'
import { systemClock } from '../system/clock.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { forgetKeys, rotateSecrets, secretsStatus } from './secrets.ts'

let home: string
let store: Store
const random = seededRandom(1)

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tutti-rotate-'))
  store = await openSqlite({ path: join(home, 'tutti.db'), clock: systemClock() })
  await store.write(function* () {
    const { blocks } = store.tables
    const about = { logoUrl: null, documentationUrl: null, description: null, codeExample: null, isProtected: false }
    yield* blocks.insertType({ ...about, id: 'type', name: 'Type', slug: 'type', createdAt: 1, updatedAt: 1 })
    yield* blocks.insertSchema({
      id: 'schema',
      blockTypeId: 'type',
      checksum: 'sha256:x',
      version: '1',
      capabilities: [],
      fields: new JsonText('{}'),
      createdAt: 1,
      updatedAt: 1,
    })
  })
})
afterEach(async () => {
  await store.close()
  rmSync(home, { recursive: true, force: true })
})

function settingsWith(environment: Readonly<Record<string, string>> = {}): Settings {
  return loadSettings({ TUTTI_HOME: home, ...environment }, () => undefined)
}

/** Saves blocks as a server with these settings does. */
async function save(count: number, settings = settingsWith()): Promise<void> {
  await saveIn(createSecretBox(secretKeys(keyPlace(settings), random), random), count)
}

async function saveIn(box: SecretBox, count: number): Promise<void> {
  await store.write(function* () {
    for (let index = 0; index < count; index++) {
      const id = `${Math.trunc(random.next() * 1e12)}`
      const data = box.seal(JSON.stringify({ value: `secret of ${id}` }))
      const document = { id, name: id, data, isAnonymous: false, createdAt: 1, updatedAt: 7 }
      yield* store.tables.blocks.insertDocument({ ...document, blockSchemaId: 'schema', blockTypeId: 'type', blockTypeName: 'Type' })
    }
  })
}

/** What the blocks hold, as a server with these settings reads it. */
async function read(settings = settingsWith()): Promise<readonly boolean[]> {
  const box = createSecretBox(secretKeys(keyPlace(settings), random), random)
  const all = await store.read(() =>
    store.tables.blocks.documents({ where: { type: 'all', of: [] }, sort: 'NAME_ASC', limit: 10_000, offset: 0 }),
  )
  return all.map(({ id, data, updatedAt }) => box.open(data) === JSON.stringify({ value: `secret of ${id}` }) && updatedAt === 7)
}

function rotate(
  settings = settingsWith(),
  signal = new AbortController().signal,
  onProgress: (documents: number) => void = () => undefined,
) {
  return rotateSecrets({ settings, isOnlyMachine: false, signal, onProgress })
}

test('a rotation makes a new key and seals everything with it, unchanged', async () => {
  await save(250)

  const rotated = await rotate()

  expect(rotated).toMatchObject({ how: 'made', documents: 250 })
  expect((await secretsStatus(settingsWith())).keys).toEqual([
    { name: rotated.key, from: 'file', isNewest: true, documents: 250 },
    { name: expect.not.stringMatching(rotated.key) as string, from: 'file', isNewest: false, documents: 0 },
  ])
  expect(await read()).toEqual(Array.from({ length: 250 }, () => true))
})

test('a rotation that was stopped goes on with the key it had made', async () => {
  await save(250)
  const stop = new AbortController()
  await expect(rotate(settingsWith(), stop.signal, () => stop.abort(new Error('stopped')))).rejects.toThrow('stopped')
  const between = await secretsStatus(settingsWith())

  const rotated = await rotate()

  expect(between.keys.map(({ documents }) => documents)).toEqual([100, 150])
  expect(rotated).toEqual({ key: between.keys[0]!.name, how: 'continued', documents: 150 })
  expect(await read()).not.toContain(false)
})

test('what servers save meanwhile is sealed with the new key in the end, too', async () => {
  await save(150)
  const old = settingsWith({ TUTTI_ENCRYPTION_KEY: 'old' })
  const now = settingsWith({ TUTTI_ENCRYPTION_KEY: 'new', TUTTI_ENCRYPTION_OTHER_KEYS: 'old' })
  const saving: Promise<void>[] = []

  const rotated = await rotate(now, undefined, (documents) => {
    if (documents === 100) saving.push(save(1, old))
  })

  await Promise.all(saving)
  expect(rotated.documents).toBe(151)
  expect((await secretsStatus(now)).keys.map(({ documents }) => documents)).toEqual([151, 0, 0])
})

test('a key of the settings is taken, and that of the home is not needed any more', async () => {
  await save(3)
  const withPhrase = settingsWith({ TUTTI_ENCRYPTION_KEY: 'phrase' })

  const rotated = await rotate(withPhrase)
  const forgotten = await forgetKeys(withPhrase)

  expect([rotated.how, rotated.documents, forgotten.length]).toEqual(['continued', 3, 1])
  expect(await read(withPhrase)).toEqual([true, true, true])
  expect(() => readFileSync(join(home, 'secret.key'))).toThrow('ENOENT')
})

test('what was sealed with a passphrase before it was stretched is counted, and a rotation stretches it', async () => {
  const settings = settingsWith({ TUTTI_ENCRYPTION_KEY: 'phrase' })
  const random = seededRandom(9)
  await saveIn(createSecretBox(createHash('sha256').update('phrase').digest(), random), 2)
  const before = await secretsStatus(settings)

  const rotated = await rotate(settings)

  expect(before.keys.map(({ from, documents, isNewest }) => [from, documents, isNewest])).toEqual([
    ['settings', 0, true],
    ['settings', 2, false],
  ])
  expect([rotated.documents, (await secretsStatus(settings)).keys.map(({ documents }) => documents)]).toEqual([2, [2]])
})

test('nothing is sealed anew as long as something is sealed with a key that is not there', async () => {
  await save(2, settingsWith({ TUTTI_ENCRYPTION_KEY: 'lost' }))
  await save(3)
  const before = readFileSync(join(home, 'secret.key'), 'utf8')

  await expect(rotate()).rejects.toMatchObject({
    code: 'SECRETS_LOCKED',
    message: expect.stringMatching(/not here \(2 with [0-9a-f]{12}\), so nothing/) as string,
  })

  expect(readFileSync(join(home, 'secret.key'), 'utf8')).toBe(before)
  expect((await secretsStatus(settingsWith())).keys.map(({ from, documents }) => [from, documents])).toEqual([
    ['file', 3],
    ['unknown', 2],
  ])
})

test('an old key that is needed still is not forgotten', async () => {
  await save(1)
  const withPhrase = settingsWith({ TUTTI_ENCRYPTION_KEY: 'phrase' })

  await expect(forgetKeys(withPhrase)).rejects.toMatchObject({ code: 'KEYS_NEEDED' })

  expect(await read(withPhrase)).toEqual([true])
})

test('two rotations at the same time lose nothing', async () => {
  await save(250)

  await Promise.all([rotate(), rotate()])
  await rotate()
  await forgetKeys(settingsWith())

  expect(await read()).toEqual(Array.from({ length: 250 }, () => true))
})

test('whatever is interrupted, saved and forgotten in between, every secret can be read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constant('rotate'), fc.constant('interrupt'), fc.constant('save'), fc.constant('forget')), { maxLength: 8 }),
      async (steps) => {
        for (const step of steps) {
          const stop = new AbortController()
          if (step === 'save') await save(60)
          else if (step === 'rotate') await rotate()
          else if (step === 'interrupt')
            await rotate(settingsWith(), stop.signal, () => stop.abort(new Error('stopped'))).catch(() => undefined)
          else await forgetKeys(settingsWith()).catch(() => undefined)
        }

        expect(await read()).not.toContain(false)
      },
    ),
    { numRuns: 15 },
  )
})
