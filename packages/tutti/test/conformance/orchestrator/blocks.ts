import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import { LocalBeats } from '../../../src/engine/beat/local-beats.ts'
import { createEngine, DEFAULT_ENGINE_SETTINGS } from '../../../src/engine/engine.ts'
import { block, defineBlock, JsonBlock, Secret, secret } from '../../../src/index.ts'
import { setProcessEngine } from '../../../src/sdk/process-engine.ts'
import { captureConsole } from '../../../src/system/console.ts'
import { systemRandom } from '../../../src/system/random.ts'
import type { Actions } from '../home.ts'

const Credentials = defineBlock({
  name: 'Test credentials',
  description: 'Says who asks.',
  fields: { user: z.string(), password: secret() },
})

const Warehouse = defineBlock({
  name: 'Test warehouse',
  capabilities: ['read-path'],
  fields: {
    host: z.string().describe('Where it is.'),
    port: z.number().default(5432),
    credentials: block(Credentials).optional(),
    headers: z.record(z.string(), secret()).default({}),
  },
  create: ({ host, port, credentials, headers }, { name }) => ({
    address: `${host}:${port}`,
    login: credentials === undefined ? undefined : `${credentials.user}:${credentials.password.reveal()}`,
    headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, value.reveal()])),
    name,
  }),
})

/** Blocks as flows use them, near or far. */
export function blockCases(given: () => Actions): void {
  describe('blocks', () => {
    let orchestrator: Orchestrator

    beforeEach(() => {
      const { home, records } = given()
      orchestrator = home.orchestrator
      const engine = createEngine({
        orchestrator,
        clock: home.time,
        ids: records.ids,
        random: systemRandom(),
        liveness: home.processes,
        beats: new LocalBeats(orchestrator, home.time, { beatMs: 15_000, expiryMs: 45_000, lookMs: 500 }),
        server: null,
        captureConsole,
        names: () => 'quiet-otter',
        settings: DEFAULT_ENGINE_SETTINGS,
      })
      setProcessEngine(engine)
    })
    afterEach(() => setProcessEngine(undefined))

    test('are loaded as their type makes them, with defaults and without what was left out', async () => {
      await Warehouse.save('main', { host: 'db' })

      expect(await Warehouse.load('main')).toEqual({ address: 'db:5432', login: undefined, headers: {}, name: 'main' })
    })

    test('hide their secrets from who does not ask for them', async () => {
      await Warehouse.save('main', { host: 'db', headers: { 'x-token': 't0ken' }, credentials: { user: 'me', password: 'passw0rd' } })

      const hidden = await orchestrator.blocks.find('test-warehouse', 'main', 'hidden')
      const { items } = await orchestrator.blocks.list({ limit: 10 })

      expect(JSON.parse(hidden!.data)).toMatchObject({
        headers: { 'x-token': '********' },
        credentials: { user: 'me', password: '********' },
      })
      expect(JSON.stringify(items)).not.toContain('passw0rd')
      expect(await Warehouse.load('main')).toMatchObject({ login: 'me:passw0rd', headers: { 'x-token': 't0ken' } })
    })

    test('that are named in another block are loaded as they are now', async () => {
      await Credentials.save('prod', { user: 'me', password: 'before' })
      await Warehouse.save('main', { host: 'db', credentials: 'prod' })

      await Credentials.save('prod', { user: 'me', password: 'after' }, { overwrite: true })

      expect((await Warehouse.load('main')).login).toBe('me:after')
      expect((await orchestrator.blocks.find('test-warehouse', 'main', 'hidden'))?.references).toMatchObject({
        credentials: { slug: 'test-credentials', name: 'prod' },
      })
    })

    test('that were loaded can stand in another block, which then refers to them', async () => {
      await Credentials.save('prod', { user: 'me', password: 'before' })

      await Warehouse.save('main', { host: 'db', credentials: await Credentials.load('prod') })
      await Warehouse.save('copy', { host: 'db', credentials: Credentials.of({ user: 'other', password: 'own' }) })
      await Credentials.save('prod', { user: 'me', password: 'after' }, { overwrite: true })

      expect((await Warehouse.load('main')).login).toBe('me:after')
      expect((await Warehouse.load('copy')).login).toBe('other:own')
    })

    test('are saved over only by who says so', async () => {
      await Warehouse.save('main', { host: 'db' })

      await expect(Warehouse.save('main', { host: 'other' })).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
        message: 'there is a block test-warehouse/main already',
      })
      await Warehouse.save('main', { host: 'other' }, { overwrite: true })
      expect((await Warehouse.load('main')).address).toBe('other:5432')
    })

    test('that are not there are told by type and name', async () => {
      await expect(Warehouse.load('gone')).rejects.toMatchObject({
        code: 'BLOCK_NOT_FOUND',
        message: 'there is no block test-warehouse/gone',
      })
      await expect(Warehouse.save('main', { host: 'db', credentials: 'gone' })).rejects.toMatchObject({
        code: 'BLOCK_NOT_FOUND',
        message: 'there is no block test-credentials/gone, which the member credentials of test-warehouse/main refers to',
      })
    })

    test('that do not fit their fields are refused with each member and reason, and no value', async () => {
      const wrong = { host: 5, port: 'tcp', credentials: null, headers: { token: 42 }, more: 's3cret' }

      const saved = Warehouse.save('main', wrong as never)

      await expect(saved).rejects.toMatchObject({
        code: 'INVALID_BLOCK',
        message: expect.stringMatching(/^the block test-warehouse\/main is not valid:/) as string,
      })
      await expect(saved).rejects.toThrow(/- credentials: is no Test credentials\n/)
      await expect(saved).rejects.toThrow(/- host: Invalid input: expected string, received number\n/)
      await expect(saved).rejects.toThrow(/- headers.token: is neither text nor a Secret\n/)
      await expect(saved).rejects.not.toThrow(/s3cret|42/)
    })

    test('that were saved for other fields name what is missing', async () => {
      const Older = defineBlock({ name: 'Test credentials', fields: { user: z.string(), key: z.string() } })
      await Older.save('old', { user: 'me', key: 'k' })

      await expect(Credentials.load('old')).rejects.toMatchObject({
        code: 'INVALID_BLOCK',
        message: 'the block test-credentials/old is not valid:\n- password: is missing',
      })
    })

    test('are gone once they are deleted', async () => {
      await Warehouse.save('main', { host: 'db' })

      expect(await Warehouse.delete('main')).toBe(true)
      expect(await Warehouse.delete('main')).toBe(false)
      await expect(Warehouse.load('main')).rejects.toMatchObject({ code: 'BLOCK_NOT_FOUND' })
    })

    test('have a type with a schema once it is registered, and the same one when it is registered again', async () => {
      await Warehouse.register()
      const before = await orchestrator.blocks.findType('test-warehouse')
      await Warehouse.register()
      const { items } = await orchestrator.blocks.types({ limit: 100 })

      expect(items.map(({ slug }) => slug)).toEqual(['test-credentials', 'test-warehouse'])
      expect(items.at(-1)).toEqual(before)
      expect(before).toMatchObject({ name: 'Test warehouse', isProtected: false, capabilities: ['read-path'] })
      expect(JSON.parse(before?.fields ?? '')).toEqual(JSON.parse(JSON.stringify(Warehouse.schema())))
    })

    test('that refer to others name the schemas that the store reckons', async () => {
      await Warehouse.register()
      const known = await orchestrator.blocks.register([
        {
          name: 'Test credentials',
          slug: 'test-credentials',
          logoUrl: null,
          documentationUrl: null,
          codeExample: null,
          description: 'Says who asks.',
          fields: JSON.stringify(Credentials.schema()),
          capabilities: [],
          version: 'non-versioned',
        },
      ])

      expect(Warehouse.schema()['block_schema_references']).toEqual({
        credentials: { block_type_slug: 'test-credentials', block_schema_checksum: known.checksum },
      })
    })

    test('of a type go with it', async () => {
      await Warehouse.save('main', { host: 'db' })

      expect(await orchestrator.blocks.removeType('test-warehouse')).toBe(true)

      expect(await orchestrator.blocks.removeType('test-warehouse')).toBe(false)
      expect((await orchestrator.blocks.list({ limit: 10 })).items).toEqual([])
    })

    test('are listed in pages, by type and name', async () => {
      for (const name of ['c', 'a', 'b']) await Credentials.save(name, { user: name, password: 'x' })

      const first = await orchestrator.blocks.list({ slug: 'test-credentials', limit: 2 })
      const rest = await orchestrator.blocks.list({ slug: 'test-credentials', limit: 2, cursor: first.cursor! })

      expect([first, rest].map(({ items }) => items.map(({ name }) => name))).toEqual([['a', 'b'], ['c']])
      expect(rest.cursor).toBeNull()
      await expect(orchestrator.blocks.list({ limit: 2, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
    })

    test('are saved once by a request that is repeated', async () => {
      await Credentials.register()
      const asked = {
        id: given().records.ids.next(),
        slug: 'test-credentials',
        name: 'a',
        data: '{"user":"a","password":"b"}',
        types: [],
        overwrite: false,
      }

      const saved = await orchestrator.blocks.save(asked)

      expect((await orchestrator.blocks.save(asked)).id).toBe(saved.id)
      await expect(orchestrator.blocks.save({ ...asked, id: given().records.ids.next() })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    })

    test('of one secret or one value of any shape need no type of their own', async () => {
      await Secret.save('token', 'hunter22')
      await JsonBlock.save('regions', ['eu', { n: 1.5 }])

      expect((await Secret.load('token')).reveal()).toBe('hunter22')
      expect(await JsonBlock.load('regions')).toEqual(['eu', { n: 1.5 }])
      await expect(Secret.load('tokne')).rejects.toThrow('there is no block secret/tokne; there is secret/token')
    })
  })

  describe('variables', () => {
    test('are set, read, found and unset', async () => {
      const { variables } = given().home.orchestrator
      const set = (name: string, value: unknown, tags: readonly string[] | null = null) =>
        variables.set({ id: null, name, value: JSON.stringify(value), tags, overwrite: true })

      await set('size', 1, ['etl'])
      await set('size', { rows: 2 })
      await set('other', null)

      expect(await variables.find('size')).toMatchObject({ value: '{"rows":2}', tags: ['etl'] })
      const first = await variables.page({ limit: 1 })
      expect(first.items.map(({ name }) => name)).toEqual(['other'])
      expect((await variables.page({ limit: 1, cursor: first.cursor! })).items.map(({ name }) => name)).toEqual(['size'])
      expect((await variables.page({ tags: ['etl'], prefix: 'si', limit: 9 })).items).toHaveLength(1)
      expect([await variables.unset('size'), await variables.unset('size'), await variables.find('size')]).toEqual([true, false, null])
    })

    test('are set once by a request that is repeated, and over one that is there by who says so', async () => {
      const { home, records } = given()
      const { variables } = home.orchestrator
      const asked = { id: records.ids.next(), name: 'size', value: '1', tags: null, overwrite: false }

      await variables.set(asked)

      expect((await variables.set(asked)).id).toBe(asked.id)
      await expect(variables.set({ ...asked, id: records.ids.next() })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    })
  })
}
