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

async function aRun(more: object = {}): Promise<string> {
  const { body } = await send('POST', '/flow_runs/', { flow_id: flowId, state: { type: 'RUNNING' }, ...more })
  server.clock.advance(1_000)
  return body.id
}

async function aCall(flowRunId: string, task: string, type: string, call = '0'): Promise<string> {
  const body = { flow_run_id: flowRunId, task_key: task, dynamic_key: call, name: `${task}-${call}`, state: { type: 'RUNNING' } }
  const { id } = (await send('POST', '/task_runs/', body)).body
  server.clock.advance(1_000)
  if (type !== 'RUNNING') await send('POST', `/task_runs/${id}/set_state`, { state: { type }, force: true })
  return id
}

async function end(flowRunId: string, type: string): Promise<void> {
  await send('POST', `/flow_runs/${flowRunId}/set_state`, { state: { type }, force: true })
}

describe('the grid of a flow', () => {
  it('has the last runs, and of each task and run the worst call and how many there were', async () => {
    const first = await aRun({ name: 'first' })
    await aCall(first, 'extract', 'COMPLETED')
    await aCall(first, 'load', 'COMPLETED', '0')
    const bad = await aCall(first, 'load', 'FAILED', '1')
    const second = await aRun({ name: 'second' })
    const going = await aCall(second, 'extract', 'RUNNING')

    const { body } = await send('GET', `/flows/${flowId}/grid`)

    expect(body.runs).toMatchObject([
      { id: second, name: 'second', state_type: 'RUNNING', deployment_id: null },
      { id: first, name: 'first', end_time: null },
    ])
    expect(body.tasks).toEqual([
      { task_key: 'extract', name: 'extract', count: 2 },
      { task_key: 'load', name: 'load', count: 2 },
    ])
    expect(body.more_tasks).toBe(0)
    expect(body.cells).toHaveLength(3)
    const cell = { flow_run_id: first, task_key: 'load', state_type: 'FAILED', state_name: 'Failed', task_run_id: bad, count: 2, failed: 1 }
    expect(body.cells).toContainEqual({ ...cell, run_time_ms: 2_000, sampled: false })
    expect(body.cells).toContainEqual(expect.objectContaining({ flow_run_id: second, state_type: 'RUNNING', task_run_id: going }))
  })

  it('shows the tasks with the most calls, and says how many found no place', async () => {
    const run = await aRun()
    for (const call of ['0', '1', '2']) await aCall(run, 'map', 'COMPLETED', call)
    await aCall(run, 'once', 'COMPLETED')

    const { body } = await send('GET', `/flows/${flowId}/grid?tasks=1&runs=1`)

    expect(body).toMatchObject({ tasks: [{ task_key: 'map', count: 3 }], more_tasks: 1, cells: [{ task_key: 'map', count: 3 }] })
  })

  it('looks at some of many calls only, and says so', async () => {
    const run = await aRun()
    for (let call = 0; call < 60; call++) await aCall(run, 'map', 'COMPLETED', String(call))
    for (let task = 0; task < 199; task++) await aCall(run, `task${task}`, 'COMPLETED')

    const { body } = await send('GET', `/flows/${flowId}/grid?tasks=200`)

    expect(body.cells).toHaveLength(200)
    expect(body.cells).toContainEqual(expect.objectContaining({ task_key: 'map', count: 60, sampled: true }))
    expect(body.cells).toContainEqual(expect.objectContaining({ task_key: 'task7', count: 1, sampled: false }))
  })

  it('leaves out runs that are planned, and those of other deployments when one is asked for', async () => {
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod' })).body.id
    const state = { type: 'SCHEDULED', state_details: { scheduled_time: '2036-01-01T00:00:00Z' } }
    await send('POST', `/deployments/${deployment}/create_flow_run`, { state })
    const own = (await send('POST', `/deployments/${deployment}/create_flow_run`, {})).body.id
    const other = await aRun()

    const all = (await send('GET', `/flows/${flowId}/grid`)).body.runs
    expect(new Set(all.map(({ id }: { readonly id: string }) => id))).toEqual(new Set([own, other]))
    expect((await send('GET', `/flows/${flowId}/grid?deployment_id=${deployment}`)).body.runs).toMatchObject([
      { id: own, deployment_id: deployment },
    ])
  })

  it('is refused for a flow that is not there and for numbers out of range', async () => {
    expect((await send('GET', '/flows/019b7600-0000-7000-8000-0000000f0001/grid')).status).toBe(404)
    expect((await send('GET', `/flows/${flowId}/grid?runs=101`)).status).toBe(422)
    expect((await send('GET', `/flows/${flowId}/grid?runs=many`)).status).toBe(422)
  })
})

describe('the statistics of a flow', () => {
  it('tell how runs ended, how long they took and how late they began', async () => {
    const good = await aRun()
    server.clock.advance(9_000)
    await end(good, 'COMPLETED')
    const bad = await aRun()
    await end(bad, 'FAILED')
    await aRun()

    const { body } = await send('GET', `/flows/${flowId}/stats`)

    expect(body).toMatchObject({
      runs: 3,
      sampled: false,
      failure_rate: 0.5,
      run_time: { p50: 1, p95: 10, p99: 10, max: 10 },
      lateness: { p50: 0, max: 0 },
    })
    expect(body.states).toMatchObject({ COMPLETED: 1, FAILED: 1, RUNNING: 1, CRASHED: 0 })
  })

  it('are of a time, and of one deployment', async () => {
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod' })).body.id
    await aRun()
    server.clock.advance(3_600_000)
    const later = (await send('POST', `/deployments/${deployment}/create_flow_run`, {})).body

    expect((await send('GET', `/flows/${flowId}/stats?after=${later.expected_start_time}`)).body.runs).toBe(1)
    expect((await send('GET', `/flows/${flowId}/stats?before=${later.expected_start_time}`)).body.runs).toBe(2)
    expect((await send('GET', `/flows/${flowId}/stats?deployment_id=${deployment}`)).body).toMatchObject({
      runs: 1,
      failure_rate: null,
      run_time: { p50: null, max: null },
    })
  })
})

describe('overviews', () => {
  it('have the last runs and the next one of many flows and deployments at once', async () => {
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod' })).body.id
    const schedule = (at: string) => ({ state: { type: 'SCHEDULED', state_details: { scheduled_time: at } } })
    await send('POST', `/deployments/${deployment}/create_flow_run`, schedule('2036-01-02T00:00:00Z'))
    const next = (await send('POST', `/deployments/${deployment}/create_flow_run`, schedule('2036-01-01T00:00:00Z'))).body
    const run = await aRun()
    await end(run, 'COMPLETED')
    const nextRun = { id: next.id, name: next.name, deployment_id: deployment, next_scheduled_start_time: '2036-01-01T00:00:00Z' }

    const { body: flows } = await send('POST', '/ui/flows/overview', { flow_ids: [flowId] })
    const { body: deployments } = await send('POST', '/ui/deployments/overview', { deployment_ids: [deployment] })

    expect(flows[flowId]).toMatchObject({ last_runs: [{ id: run, state_type: 'COMPLETED', total_run_time: 1 }], deployments: 1 })
    expect(flows[flowId].next_run).toMatchObject(nextRun)
    expect(deployments[deployment]).toMatchObject({ last_runs: [], next_run: nextRun })
    expect((await send('POST', '/ui/flows/overview', { flow_ids: Array(201).fill(flowId) })).status).toBe(422)
  })
})
