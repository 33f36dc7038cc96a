import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let flowId: string

beforeEach(async () => {
  server = await openServer()
  flowId = (await send('POST', '/flows/', { name: 'sync' })).body.id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

function holders(query: string): Promise<Answer> {
  return send('GET', `/concurrency/holders?${query}`)
}

function release(body: object): Promise<Answer> {
  return send('POST', '/concurrency/holders/release', body)
}

async function lease(name: string, slots: number, holder: object | null = null): Promise<string> {
  const body = { names: [name], slots, lease_duration: 60, holder }
  return (await send('POST', '/v2/concurrency_limits/increment-with-lease', body)).body.lease_id
}

function aRun(more: object = {}): Promise<string> {
  return send('POST', '/flow_runs/', { flow_id: flowId, name: 'first', state: { type: 'RUNNING' }, ...more }).then(({ body }) => body.id)
}

function end(id: string): Promise<Answer> {
  return send('POST', `/flow_runs/${id}/set_state`, { state: { type: 'COMPLETED' }, force: true })
}

describe('the slots of a limit', () => {
  beforeEach(() => send('POST', '/v2/concurrency_limits/', { name: 'db', limit: 10 }))

  it('are shown with who holds them, since when and until when, and those of nobody', async () => {
    const run = await aRun()
    await send('POST', '/v2/concurrency_limits/increment', { names: ['db'], slots: 3, mode: 'concurrency' })
    const held = await lease('db', 2, { type: 'flow_run', id: run })
    const nobody = await lease('db', 1)

    const { body } = await holders('limit=db')

    expect(body).toMatchObject({ name: 'db', limit: 10, active_slots: 6, unaccounted_slots: 3, more: false })
    expect(body.holders).toMatchObject([
      {
        lease_id: held,
        slots: 2,
        holder: { type: 'flow_run', id: run, name: 'first' },
        flow_run: { id: run, flow_name: 'sync', state_type: 'RUNNING' },
        releasable: false,
      },
      { lease_id: nobody, slots: 1, holder: null, flow_run: null, releasable: true, kept_by: null },
    ])
    expect(new Date(body.holders[1].until).getTime() - new Date(body.holders[1].since).getTime()).toBe(60_000)
  })

  it('are released for a holder that is gone, once', async () => {
    const run = await aRun()
    const held = await lease('db', 2, { type: 'flow_run', id: run })
    await end(run)

    expect((await release({ lease_id: held })).body).toEqual({ released: 2 })
    expect((await holders('limit=db')).body).toMatchObject({ active_slots: 0, holders: [] })
    expect((await release({ lease_id: held })).body).toMatchObject({ code: 'LEASE_GONE' })
  })

  it('are not released while the run that holds them is under way', async () => {
    const run = await aRun()
    const held = await lease('db', 1, { type: 'flow_run', id: run })

    const { status, body } = await release({ lease_id: held })

    expect([status, body.code]).toEqual([409, 'SLOT_IN_USE'])
    expect(body.detail).toContain(run)
    expect(body.fix).toContain('Cancel the run')
    expect((await holders('limit=db')).body.active_slots).toBe(1)
  })

  it('that were taken without a lease are given back, and no more than those', async () => {
    await send('POST', '/v2/concurrency_limits/increment', { names: ['db'], slots: 3, mode: 'concurrency' })
    await lease('db', 1)

    expect((await release({ limit: 'db', unaccounted_slots: 99 })).body).toEqual({ released: 3 })
    expect((await holders('limit=db')).body).toMatchObject({ active_slots: 1, unaccounted_slots: 0 })
  })
})

describe('the slots of others', () => {
  it('of a tag are held by task runs, with their flow runs, until they end', async () => {
    await send('POST', '/concurrency_limits/', { tag: 'etl', concurrency_limit: 1 })
    const run = await aRun()
    const task = (
      await send('POST', '/task_runs/', { flow_run_id: run, task_key: 'load', dynamic_key: '0', name: 'load-0', tags: ['etl'] })
    ).body
    await send('POST', '/concurrency_limits/increment', { names: ['etl'], task_run_id: task.id })

    const { body } = await holders('tag=etl')

    expect(body).toMatchObject({ name: 'tag:etl', limit: 1, active_slots: 1 })
    expect(body.holders).toMatchObject([
      { until: null, holder: { type: 'task_run', id: task.id, name: 'load-0' }, flow_run: { id: run }, releasable: false },
    ])
  })

  it('of a pool, its queue and a deployment are held by runs that are pending or running', async () => {
    await send('POST', '/work_pools/', { name: 'pool', type: 'process', concurrency_limit: 2 })
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod', work_pool_name: 'pool' })).body.id
    const run = (await send('POST', `/deployments/${deployment}/create_flow_run`, {})).body.id
    await send('POST', '/work_pools/pool/claim', { worker: 'w1', limit: 1 })

    for (const query of ['work_pool=pool', 'work_pool=pool&work_queue=default', `deployment_id=${deployment}`]) {
      const { body } = await holders(query)
      expect(body).toMatchObject({ active_slots: 1, unaccounted_slots: 0 })
      expect(body.holders).toMatchObject([{ lease_id: null, slots: 1, flow_run: { id: run, worker: 'w1' }, releasable: false }])
    }
    expect((await holders('work_pool=pool')).body.limit).toBe(2)
    expect((await release({ flow_run_id: run })).body).toMatchObject({ code: 'SLOT_IN_USE' })
    await end(run)
    expect((await holders('work_pool=pool')).body.holders).toEqual([])
  })

  it('are asked for by one name, of what is there', async () => {
    expect((await holders('')).status).toBe(422)
    expect((await holders('limit=a&tag=b')).status).toBe(422)
    for (const query of ['limit=a', 'tag=a', 'work_pool=a', 'deployment_id=019b7600-0000-7000-8000-0000000f0001'])
      expect((await holders(query)).status).toBe(404)
  })
})
