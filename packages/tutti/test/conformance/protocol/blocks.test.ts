import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonText } from '../../../src/core/literal-json.ts'
import { createSecretBox } from '../../../src/store/secrets.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

const NOBODY = '0198a000-0000-7000-8000-000000000001'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
  await server.call('POST', '/block_types/install_system_block_types')
})
afterEach(() => server.close())

interface Kind {
  readonly type: string
  readonly schema: string
}

/** A type with one schema. */
async function aKind(slug: string, fields: Readonly<Record<string, unknown>> = {}, capabilities: readonly string[] = []): Promise<Kind> {
  const type = (await server.call('POST', '/block_types/', { name: slug, slug })).body.id as string
  const body = { block_type_id: type, fields: { block_type_slug: slug, ...fields }, capabilities }
  return { type, schema: (await server.call('POST', '/block_schemas/', body)).body.id as string }
}

function save({ type, schema }: Kind, name: string | null, data: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  return server.call('POST', '/block_documents/', { name, data, block_type_id: type, block_schema_id: schema, ...more })
}

async function dataOf(id: string, secrets = false): Promise<unknown> {
  return (await server.call('GET', `/block_documents/${id}?include_secrets=${secrets}`)).body.data
}

async function secretKind(): Promise<Kind> {
  const type = (await server.call('GET', '/block_types/slug/secret')).body.id as string
  const [schema] = (await server.call('POST', '/block_schemas/filter', { block_schemas: { block_type_id: { any_: [type] } } })).body
  return { type, schema: schema.id as string }
}

describe('block types', () => {
  it('of the server itself are there once, and stay', async () => {
    await server.call('POST', '/block_types/install_system_block_types')

    const types = (await server.call('POST', '/block_types/filter', {})).body as readonly { readonly slug: string; readonly id: string }[]
    expect(types.map(({ slug }) => slug)).toEqual(['local-file-system', 'secret', 'webhook'])
    for (const { id } of types) expect((await server.call('DELETE', `/block_types/${id}`)).status).toBe(403)
  })

  it('are made, changed, found and deleted with all that is of them', async () => {
    const kind = await aKind('database', {}, ['read', 'write'])
    const document = await save(kind, 'main', {})

    await server.call('PATCH', `/block_types/${kind.type}`, { description: 'Where rows are.' })
    expect((await server.call('GET', '/block_types/slug/database')).body).toMatchObject({ description: 'Where rows are.', logo_url: null })
    const able = { block_schemas: { block_capabilities: { all_: ['write'] } }, block_types: { name: { like_: 'DATA' } } }
    expect((await server.call('POST', '/block_types/filter', able)).body).toMatchObject([{ slug: 'database' }])
    expect((await server.call('GET', '/block_capabilities/')).body).toContain('write')

    expect((await server.call('DELETE', `/block_types/${kind.type}`)).status).toBe(204)
    expect((await server.call('GET', `/block_documents/${document.body.id}`)).status).toBe(404)
    expect((await server.call('GET', `/block_schemas/${kind.schema}`)).status).toBe(404)
  })

  it.each([
    [{ name: 'Secret', slug: 'other' }, 409],
    [{ name: 'Other', slug: 'secret' }, 409],
    [{ name: 'Prefect Thing', slug: 'thing' }, 403],
    [{ name: 'a/b', slug: 'ab' }, 422],
    [{ name: 'ab', slug: 'A b' }, 422],
  ])('%j are refused with %i', async (body, status) => {
    expect((await server.call('POST', '/block_types/', body)).status).toBe(status)
  })
})

describe('block schemas', () => {
  it('are the same when fields and version are', async () => {
    const type = (await aKind('database')).type
    const make = (version: string): Promise<Answer> =>
      server.call(
        'POST',
        '/block_schemas/',
        `{"block_type_id":"${type}","version":"${version}","fields":{"properties":{"n":{"default":30.0}}}}`,
      )

    const [first, again, other] = [await make('1'), await make('1'), await make('2')]
    expect([first.status, again.status, other.status]).toEqual([201, 200, 201])
    expect([again.body.id, other.body.checksum]).toEqual([first.body.id, first.body.checksum])
    expect(first.text).toContain('"default":30.0')
    const found = await server.call('GET', `/block_schemas/checksum/${first.body.checksum}?version=1`)
    expect(found.body).toMatchObject({ id: first.body.id, block_type: { slug: 'database' } })
    expect((await server.call('GET', `/block_schemas/checksum/${first.body.checksum}?version=3`)).status).toBe(404)
  })

  it('make those they refer to, of types that are there', async () => {
    const { type } = await aKind('outer')
    const inner = { block_type_slug: 'inner', properties: { host: {} }, secret_fields: ['password'] }
    const fields = {
      block_schema_references: { inner: { block_type_slug: 'inner', block_schema_checksum: 'sha256:unknown' } },
      definitions: { Inner: inner },
    }
    expect((await server.call('POST', '/block_schemas/', { block_type_id: type, fields })).status).toBe(409)

    const innerType = (await server.call('POST', '/block_types/', { name: 'inner', slug: 'inner' })).body.id
    expect((await server.call('POST', '/block_schemas/', { block_type_id: type, fields })).status).toBe(201)
    const made = await server.call('POST', '/block_schemas/filter', { block_schemas: { block_type_id: { any_: [innerType] } } })
    expect(made.body).toMatchObject([{ fields: { properties: { host: {} } } }])
  })
})

describe('block documents', () => {
  it('hide their secrets from those who do not ask for them, and from who reads the database', async () => {
    const { body } = await save(await secretKind(), 'token', { value: 's3cret' })

    expect(body.data).toEqual({ value: '********' })
    expect(await dataOf(body.id)).toEqual({ value: '********' })
    expect(await dataOf(body.id, true)).toEqual({ value: 's3cret' })
    const path = '/block_types/slug/secret/block_documents'
    expect((await server.call('GET', `${path}/name/token?include_secrets=true`)).body.data).toEqual({ value: 's3cret' })
    expect((await server.call('GET', path)).body).toMatchObject([{ name: 'token', data: { value: '********' } }])
  })

  it('hide secrets wherever the paths of their schema lead', async () => {
    const kind = await aKind('api', { secret_fields: ['headers.*', 'keys.*.value', 'absent.too'] })
    const data = { headers: { a: 'x', b: null }, keys: [{ value: 1, name: 'n' }], open: 1 }
    const { body } = await save(kind, 'one', data)

    expect(body.data).toEqual({ headers: { a: '********', b: null }, keys: [{ value: '********', name: 'n' }], open: 1 })
    await server.call('PATCH', `/block_documents/${body.id}`, { data: { ...body.data, open: 2 } })
    expect(await dataOf(body.id, true)).toEqual({ ...data, open: 2 })
  })

  it('are changed member by member, or as a whole', async () => {
    const { body } = await save(await aKind('plain'), 'one', { a: 1, b: { c: 1 } })

    await server.call('PATCH', `/block_documents/${body.id}`, '{"data":{"b":{"d":2.0}}}')
    expect((await server.call('GET', `/block_documents/${body.id}`)).text).toContain('"data":{"a":1,"b":{"d":2.0}}')
    await server.call('PATCH', `/block_documents/${body.id}`, { data: { z: 1 }, merge_existing_data: false })
    expect(await dataOf(body.id)).toEqual({ z: 1 })
  })

  it('show what they refer to as it is now', async () => {
    const inner = await save(await aKind('inner', { secret_fields: ['password'] }), 'db', { host: 'one', password: 'p' })
    const reference = { $ref: { block_document_id: inner.body.id } }
    const outer = await save(await aKind('outer', { secret_fields: ['inner.password'] }), 'app', { inner: reference, n: 1 })
    expect(outer.body).toMatchObject({
      data: { inner: { host: 'one', password: '********' }, n: 1 },
      block_document_references: { inner: { block_document: { name: 'db', block_type: { slug: 'inner' } } } },
    })

    await server.call('PATCH', `/block_documents/${inner.body.id}`, { data: { host: 'two' } })
    expect(await dataOf(outer.body.id, true)).toEqual({ inner: { host: 'two', password: 'p' }, n: 1 })
    expect((await server.call('PATCH', `/block_documents/${inner.body.id}`, { data: { back: reference } })).status).toBe(400)
    await server.call('DELETE', `/block_documents/${inner.body.id}`)
    expect(await dataOf(outer.body.id)).toEqual({ n: 1 })
  })

  it('have one name in their type, or none', async () => {
    const kind = await aKind('plain')
    await save(kind, 'one', {})

    expect((await save(kind, 'one', {})).status).toBe(409)
    expect((await save(await aKind('other'), 'one', {})).status).toBe(201)
    expect((await save(kind, null, {})).status).toBe(422)
    expect((await save(kind, null, {}, { is_anonymous: true })).body.name).toMatch(/^anonymous-/)
    expect((await save(kind, 'Not OK', {})).status).toBe(422)
    expect((await save({ ...kind, schema: NOBODY }, 'two', {})).status).toBe(409)
  })

  it('are found, without the anonymous ones unless they are asked for', async () => {
    const kind = await aKind('plain')
    await save(kind, 'one', {})
    await save(kind, null, {}, { is_anonymous: true })
    await save(await secretKind(), 'token', { value: 1 })
    const count = async (body: Readonly<Record<string, unknown>>): Promise<unknown> =>
      (await server.call('POST', '/block_documents/count', body)).body

    expect(await count({})).toBe(2)
    expect(await count({ block_documents: { is_anonymous: null } })).toBe(3)
    expect(await count({ block_documents: { is_anonymous: { eq_: true } } })).toBe(1)
    expect(await count({ block_documents: { block_type_id: { any_: [kind.type] } } })).toBe(1)
    expect(await count({ block_types: { slug: { any_: ['secret'] } } })).toBe(1)
    const found = await server.call('POST', '/block_documents/filter', { sort: 'NAME_DESC', include_secrets: true })
    expect(found.body).toMatchObject([{ name: 'token', data: { value: 1 } }, { name: 'one' }])
  })
})

describe('blocks whose key is not there', () => {
  /** As a server with another key saved it. */
  async function lock(id: string): Promise<void> {
    const { blocks } = server.store.tables
    const box = createSecretBox(new Uint8Array(32).fill(1), seededRandom(3))
    await server.store.write(function* () {
      yield* blocks.saveDocument({ ...(yield* blocks.document(id))!, data: box.seal('{}') })
    })
  }

  it('are listed and shown as locked, with all others', async () => {
    const kind = await aKind('login', { secret_fields: ['password'] })
    const locked = (await save(kind, 'lost', { user: 'me', password: 'p' })).body.id
    await save(kind, 'open', { user: 'me', password: 'p' })
    const outer = (await save(await aKind('outer'), 'app', { login: { $ref: { block_document_id: locked } }, n: 1 })).body.id
    await lock(locked)

    const listed = (await server.call('POST', '/block_documents/filter', { sort: 'NAME_ASC' })).body
    const ofType = (await server.call('GET', '/block_types/slug/login/block_documents')).body

    expect(listed).toMatchObject([
      { name: 'app', data: { login: {}, n: 1 }, tutti_locked: false },
      { name: 'lost', data: {}, tutti_locked: true },
      { name: 'open', data: { user: 'me', password: '********' }, tutti_locked: false },
    ])
    expect(ofType).toHaveLength(2)
    expect(await dataOf(locked)).toEqual({})
    expect((await server.call('GET', `/block_documents/${outer}`)).body.block_document_references).toHaveProperty('login')
  })

  it('tell nobody their secrets, and say what to do about it', async () => {
    const locked = (await save(await secretKind(), 'lost', { value: 'p' })).body.id
    await lock(locked)

    const asked = server.orchestrator.blocks.find('secret', 'lost', 'told')

    await expect(asked).rejects.toMatchObject({
      code: 'SECRETS_LOCKED',
      message: expect.stringMatching(/^the block lost \(Secret, .*\) cannot be opened: the secret was sealed with the key \w+/) as string,
      fix: expect.stringContaining('tutti secrets status') as string,
    })
  })

  it('are saved anew as a whole, but not with what only they know', async () => {
    const kind = await aKind('login', { secret_fields: ['password'] })
    const { id } = (await save(kind, 'lost', { user: 'me', password: 'p' })).body
    await lock(id)
    const change = (data: object): Promise<void> =>
      server.orchestrator.blockDocuments.update(id, { data: JsonText.of(data), blockSchemaId: null, merge: false })

    await expect(change({ user: 'you', password: '********' })).rejects.toMatchObject({ code: 'SECRETS_LOCKED' })
    await change({ user: 'you', password: 'new' })

    expect(await dataOf(id, true)).toEqual({ user: 'you', password: 'new' })
  })

  it('are deleted', async () => {
    const { id } = (await save(await secretKind(), 'lost', { value: 'p' })).body
    await lock(id)

    expect((await server.call('DELETE', `/block_documents/${id}`)).status).toBe(204)
  })
})

describe('the block that results are kept in', () => {
  it('is one that can be written to', async () => {
    const files = await save(await aKind('files', {}, ['read-path', 'write-path']), 'one', {})
    const plain = await save(await aKind('plain'), 'one', {})
    const set = (id: string): Promise<Answer> => server.call('PUT', '/admin/storage', { default_result_storage_block_id: id })

    expect((await server.call('GET', '/admin/storage')).body).toEqual({ default_result_storage_block_id: null })
    expect([(await set(NOBODY)).status, (await set(plain.body.id)).status, (await set(files.body.id)).status]).toEqual([404, 422, 200])
    expect((await server.call('GET', '/admin/storage')).body).toEqual({ default_result_storage_block_id: files.body.id })
    expect((await server.call('DELETE', '/admin/storage')).status).toBe(204)
    expect((await server.call('GET', '/admin/storage')).body).toEqual({ default_result_storage_block_id: null })
  })
})

describe('automations', () => {
  it('are none, and whoever asks is told so', async () => {
    expect((await server.call('DELETE', '/automations/owned-by/prefect.deployment.x')).status).toBe(202)
    expect((await server.call('POST', '/automations/filter', {})).body).toEqual([])
    expect((await server.call('POST', '/automations/count', {})).body).toBe(0)
    expect((await server.call('GET', '/automations/related-to/prefect.deployment.x')).body).toEqual([])
  })

  it('have templates that can be read, or it is said where not', async () => {
    expect((await server.call('POST', '/templates/validate', '"{{ flow.name }}"')).status).toBe(204)
    expect(await server.call('POST', '/templates/validate', JSON.stringify('one\n{{ two'))).toMatchObject({
      status: 422,
      body: { error: { line: 2, message: '{{ is not closed by }}', source: 'one\n{{ two' } },
    })
  })
})

describe('events', () => {
  async function told(
    resource: string,
  ): Promise<readonly { readonly event: string; readonly payload: object; readonly related: readonly object[] }[]> {
    return (await server.call('POST', '/events/filter', { filter: { resource: { id: [resource] }, order: 'ASC' } })).body.events
  }

  it('tell of blocks without what they hold', async () => {
    const kind = await aKind('database', { secret_fields: ['password'] })
    const { id } = (await save(kind, 'main', { host: 'h1dden', password: 'passw0rd' })).body
    await server.call('PATCH', `/block_documents/${id}`, { data: { password: 'other' } })
    await server.call('DELETE', `/block_documents/${id}`)

    const events = await told(`prefect.block-document.${id}`)
    expect(events.map(({ event }) => event)).toEqual([
      'prefect.block-document.created',
      'prefect.block-document.updated',
      'prefect.block-document.deleted',
    ])
    expect(events[0]).toMatchObject({
      payload: { name: 'main', block_type_name: 'database', is_anonymous: false },
      related: [{ 'prefect.resource.id': `prefect.block-type.${kind.type}`, 'prefect.resource.role': 'block-type' }],
    })
    expect(JSON.stringify(events)).not.toMatch(/h1dden|passw0rd|other/)
  })

  it('tell of types', async () => {
    const { type } = await aKind('database')
    await server.call('PATCH', `/block_types/${type}`, { description: 'Where rows are.' })
    await server.call('DELETE', `/block_types/${type}`)

    const events = await told(`prefect.block-type.${type}`)
    expect(events.map(({ event }) => event)).toEqual([
      'prefect.block-type.created',
      'prefect.block-type.updated',
      'prefect.block-type.deleted',
    ])
    expect(events[1]).toMatchObject({ payload: { slug: 'database', description: 'Where rows are.' } })
  })
})

describe('a request for a block that does not fit', () => {
  it('is refused without repeating what may be a secret', async () => {
    const { status, body } = await save(await secretKind(), 'No Name', { value: 'open sesame' })

    expect(status).toBe(422)
    expect(JSON.stringify(body)).not.toContain('open sesame')
    expect(body.exception_detail).toMatchObject([{ loc: ['body', 'name'] }])
  })
})
