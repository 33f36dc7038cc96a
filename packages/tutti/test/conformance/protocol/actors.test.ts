import { afterEach, beforeEach, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer
let deployment: string

beforeEach(async () => {
  server = await openServer()
  await server.call('POST', '/work_pools/', { name: 'pool', type: 'process' })
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  const body = { flow_id: flow.id, name: 'nightly', work_pool_name: 'pool' }
  deployment = (await server.call('POST', '/deployments/', body)).body.id
})
afterEach(() => server.close())

async function startRun(agent: string): Promise<string> {
  const { body } = await server.call('POST', `/deployments/${deployment}/create_flow_run`, {}, { 'User-Agent': agent })
  return body.id
}

async function history(id: string): Promise<readonly string[]> {
  const { body } = await server.call('GET', `/flow_run_states/?flow_run_id=${id}`)
  return body.map(({ name, tutti_actor: actor }: { name: string; tutti_actor?: { kind: string; name: string } }) =>
    actor === undefined ? name : `${name} by ${actor.kind} ${actor.name}`,
  )
}

test('the history of a run tells who brought each state about', async () => {
  const id = await startRun('curl/8.5.0')
  await server.call('POST', '/work_pools/pool/claim', { worker: 'pool-1/laptop' }, { 'User-Agent': 'tutti' })
  const cancelling = { state: { type: 'CANCELLING' } }
  await server.call('POST', `/flow_runs/${id}/set_state`, cancelling, { 'User-Agent': 'Mozilla/5.0 Gecko/20100101 Firefox/140.0' })

  expect(await history(id)).toEqual([
    'Scheduled by client curl/8.5.0',
    'Pending by worker pool-1/laptop',
    'Cancelling by dashboard Firefox',
  ])
})

test('a command of ours is named by whoever typed it', async () => {
  const id = await startRun('prefect/3.4.1 (API 0.8.4)')
  const caller = { 'Tutti-Caller': encodeURIComponent('command ada@laptop') }
  await server.call('POST', `/flow_runs/${id}/set_state`, { state: { type: 'CANCELLED' }, force: true }, caller)

  expect(await history(id)).toEqual(['Scheduled by client prefect/3.4.1', 'Cancelled by command ada@laptop'])
})

test('what a worker gives back is due again in its name', async () => {
  const id = await startRun('curl/8.5.0')
  const { body } = await server.call('POST', '/work_pools/pool/claim', { worker: 'w1' })
  await server.call('POST', `/claims/${body[0].claim.id}/release`)

  expect((await history(id)).at(-1)).toBe('Scheduled by worker w1')
})

test('a state that a client sends back with its actor is read all the same', async () => {
  const id = await startRun('curl/8.5.0')
  const { body: states } = await server.call('GET', `/flow_run_states/?flow_run_id=${id}`)
  const { type, name, tutti_actor: actor } = states[0]

  const { status, body } = await server.call('POST', `/flow_runs/${id}/set_state`, {
    state: { type, name, tutti_actor: actor },
    force: true,
  })

  expect([status, body.status]).toEqual([201, 'ACCEPT'])
})
