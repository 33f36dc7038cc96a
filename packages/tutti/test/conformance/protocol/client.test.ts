import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest'
import { flow } from 'tutti'
import { z } from 'zod'
import { api } from '../../../src/api/index.ts'
import type { Endpoint } from '../../../src/api/endpoint.ts'
import { notYetOffered } from '../../../src/api/not-yet.ts'
import { createClient } from '../../../src/client/index.ts'
import type { Client } from '../../../src/client/index.ts'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer
let client: Client

beforeEach(async () => {
  server = await openServer()
  client = createClient({ url: 'http://server/api', waitMs: 0, fetch: async (url, init) => server.app.request(url, init) })
})
afterEach(() => server.close())

test('every endpoint of the server has a verb, once, or is told to be missing', () => {
  const served = new Set(
    server.app.routes
      .filter(({ method, path }) => method !== 'ALL' && !/^\/(?:$|api$|docs\b|api\/engine|api\/live|api\/openapi)/.test(path))
      .map(({ method, path }) => `${method} ${path}`),
  )
  const named = Object.values<Readonly<Record<string, Endpoint>>>({ ...api, notYetOffered }).flatMap((verbs) =>
    Object.values(verbs).map(({ method, path }) => `${method} /api${path.replace(/\/$/, '').replaceAll(/\{(\w+)\}/g, ':$1')}`),
  )

  expect(new Set(named)).toEqual(served)
  expect(named).toHaveLength(served.size)
})

test('a noun is made, read, changed and deleted', async () => {
  const { id } = await client.flows.create({ body: { name: 'sync', tags: ['a'] } })
  await client.flows.update({ id, body: { tags: ['b'] } })
  const flow = await client.flows.read({ id })
  await client.flows.remove({ id })

  expect(flow).toMatchObject({ id, name: 'sync', tags: ['b'] })
  await expect(client.flows.read({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a state is proposed, and the verdict read', async () => {
  const flow = await client.flows.create({ body: { name: 'sync' } })
  const run = await client.flowRuns.create({ body: { flow_id: flow.id, state: { type: 'PENDING' } } })
  const { status, state } = await client.flowRuns.setState({ id: run.id, body: { state: { type: 'RUNNING' } } })

  expect([run.state_type, status, state?.type]).toEqual(['PENDING', 'ACCEPT', 'RUNNING'])
  expectTypeOf(status).toEqualTypeOf<'ACCEPT' | 'REJECT' | 'ABORT' | 'WAIT'>()
})

test('a value of the path is spelled for the path', async () => {
  const { name } = await client.flows.create({ body: { name: 'every day? — ja+nein #1' } })

  expect((await client.flows.readByName({ name })).name).toBe(name)
})

test('endpoints without values are called without', async () => {
  expect(await client.root.health()).toBe(true)
  expectTypeOf(client.root.health).returns.resolves.toEqualTypeOf<boolean>()
})

test('lists are asked for with a body, pages with the values of a query', async () => {
  await client.flows.create({ body: { name: 'sync' } })
  await client.flows.create({ body: { name: 'load' } })

  const flows = await client.flows.filter({ body: { sort: 'NAME_ASC', flows: { name: { like_: 'sy' } } } })

  expect(flows.map(({ name }) => name)).toEqual(['sync'])
  expect(await client.flows.count()).toBe(2)
})

test('lines of logs have no answer worth reading', async () => {
  const line = { name: 'tutti', level: 20, message: 'hello', timestamp: '2026-01-01T00:00:00Z' }

  expect(await client.logs.create({ body: [line] })).toBeNull()
})

test('a body that does not fit is refused by name', async () => {
  const refused = client.flows.create({ body: { name: '' } })

  await expect(refused).rejects.toMatchObject({ code: 'SERVER_REFUSED', message: expect.stringContaining('body.name: ') })
})

test('what is left out, or of another type, is no program', () => {
  // @ts-expect-error the id of the flow is missing
  expectTypeOf(client.flows.read).toBeCallableWith({})
  // @ts-expect-error a name is text
  expectTypeOf(client.flows.create).toBeCallableWith({ body: { name: 5 } })
  expectTypeOf(client.flows.read).toBeCallableWith({ id: 'a' })
})

// In another file this would be `import type`.
const _etl = flow({ name: 'etl', parameters: z.object({ day: z.string(), rows: z.number().default(10) }) }, async ({ day }) => day)
const _plain = flow({ name: 'plain' }, async () => 5)

test('a run of a deployment is asked for with the parameters of its flow, and waited for', async () => {
  const schema = { type: 'object', properties: { day: { type: 'string' }, rows: { type: 'integer' } }, required: ['day'] }
  await client.deployments.deploy({ body: { deployments: [{ flow_name: 'etl', name: 'prod', parameter_openapi_schema: schema }] } })
  const deployment = client.deployment<typeof _etl>('etl/prod')
  const at = new Date('2026-01-01T01:00:00Z')

  const run = await deployment.run({ day: '2026-01-01' }, { at, idempotencyKey: 'a', tags: ['by-hand'] })
  expect(run).toMatchObject({ parameters: { day: '2026-01-01' }, tags: ['by-hand'], next_scheduled_start_time: '2026-01-01T01:00:00Z' })
  expect((await deployment.run({ day: '2026-01-01' }, { idempotencyKey: 'a' })).id).toBe(run.id)
  await client.flowRuns.setState({ id: run.id, body: { force: true, state: { type: 'COMPLETED' } } })
  expect(await run.wait()).toMatchObject({ id: run.id, state_type: 'COMPLETED' })

  await expect(deployment.run({})).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/etl\/prod.*day/) })
  await expect(client.deployment('etl/prd').run()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(client.deployment('prod').run()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test('parameters that the flow does not take are no program', () => {
  const { run } = client.deployment<typeof _etl>('etl/prod')
  expectTypeOf(run).toBeCallableWith({ day: 'a' })
  expectTypeOf(run).toBeCallableWith({ rows: 5 }, { in: '10m' })
  // @ts-expect-error a day is text
  expectTypeOf(run).toBeCallableWith({ day: 5 })
  // @ts-expect-error there is no such parameter
  expectTypeOf(run).toBeCallableWith({ dai: 'a' })
  // @ts-expect-error the flow takes none
  expectTypeOf(client.deployment<typeof _plain>('plain/prod').run).toBeCallableWith({ day: 'a' })
})
