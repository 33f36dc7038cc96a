import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

const NOBODY = '019b7600-0000-7000-8000-0000000f0001'

function aTask(flowRunId: string, key: string): Promise<Answer> {
  return send('POST', '/task_runs/', { flow_run_id: flowRunId, task_key: key, dynamic_key: '0', name: key })
}

describe('what the dashboard asks', () => {
  test('of flows: their deployments, and what runs next', async () => {
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod' })).body.id
    const schedule = (at: string): Promise<Answer> =>
      send('POST', `/deployments/${deployment}/create_flow_run`, { state: { type: 'SCHEDULED', state_details: { scheduled_time: at } } })
    await schedule('2026-03-02T00:00:00Z')
    const next = (await schedule('2026-03-01T00:00:00Z')).body

    const body = { flow_ids: [flowId, NOBODY] }
    expect((await send('POST', '/ui/flows/count-deployments', body)).body).toEqual({ [flowId]: 1, [NOBODY]: 0 })
    expect((await send('POST', '/ui/flows/next-runs', body)).body).toEqual({
      [flowId]: {
        id: next.id,
        flow_id: flowId,
        name: next.name,
        state_name: 'Scheduled',
        state_type: 'SCHEDULED',
        next_scheduled_start_time: '2026-03-01T00:00:00Z',
      },
      [NOBODY]: null,
    })
  })

  test('of flow runs: points of a chart, and how many task runs they have', async () => {
    const run = (await send('POST', '/flow_runs/', { flow_id: flowId, state: { type: 'RUNNING' } })).body
    const mirror = (await aTask(run.id, 'sub')).body.id
    await aTask(run.id, 'load')
    await send('POST', '/flow_runs/', { flow_id: flowId, parent_task_run_id: mirror })
    server.clock.advance(2_500)

    const points = (await send('POST', '/ui/flow_runs/history', { flow_runs: { id: { any_: [run.id] } } })).body
    expect(points).toEqual([{ id: run.id, state_type: 'RUNNING', timestamp: run.start_time, duration: 2.5, lateness: 0 }])
    expect((await send('POST', '/ui/flow_runs/history', { limit: 1_001 })).status).toBe(422)
    expect((await send('POST', '/ui/flow_runs/count-task-runs', { flow_run_ids: [run.id] })).body).toEqual({ [run.id]: 1 })
  })

  test('of task runs: how many there are of each type, and the name of the flow run of one', async () => {
    const run = (await send('POST', '/flow_runs/', { flow_id: flowId, name: 'first' })).body.id
    const task = (await aTask(run, 'load')).body.id

    const { body } = await send('POST', '/ui/task_runs/count', { flow_runs: { id: { any_: [run] } } })
    expect(body).toMatchObject({ PENDING: 1, RUNNING: 0, COMPLETED: 0 })
    expect(Object.keys(body)).toHaveLength(9)
    expect((await send('GET', `/ui/task_runs/${task}`)).body).toMatchObject({ id: task, name: 'load', flow_run_name: 'first' })
    expect((await send('GET', `/ui/task_runs/${NOBODY}`)).status).toBe(404)
  })

  test('of a time: how many task runs completed and failed in each part of it', async () => {
    const run = (await send('POST', '/flow_runs/', { flow_id: flowId })).body.id
    const end = async (key: string, type: string): Promise<void> => {
      await send('POST', `/task_runs/${(await aTask(run, key)).body.id}/set_state`, { state: { type }, force: true })
    }
    await end('a', 'COMPLETED')
    await end('b', 'FAILED')
    server.clock.advance(60_000)
    await end('c', 'CRASHED')
    await end('d', 'RUNNING')

    const start_time = { after_: '2025-12-31T23:50:00Z', before_: '2026-01-01T00:10:00Z' }
    const { body } = await send('POST', '/ui/task_runs/dashboard/counts', { task_runs: { start_time } })

    expect(body).toHaveLength(20)
    expect(body.slice(9, 12)).toEqual([
      { completed: 0, failed: 0 },
      { completed: 1, failed: 1 },
      { completed: 0, failed: 1 },
    ])
    const { status, body: refused } = await send('POST', '/ui/task_runs/dashboard/counts', { task_runs: {} })
    expect([status, refused.exception_detail[0].loc]).toEqual([422, ['body', 'task_runs', 'start_time']])
  })
})

describe('values that are filled in', () => {
  const schema = {
    type: 'object',
    properties: { month: { type: 'integer' }, names: { type: 'array', items: { type: 'string' } } },
    required: ['month'],
  }
  const validate = (values: object, by: object = schema): Promise<Answer> => send('POST', '/ui/schemas/validate', { schema: by, values })

  test('are right when they fit the schema', async () => {
    expect((await validate({ month: 3, names: ['a'] })).body).toEqual({ errors: [], valid: true })
  })

  test('are told what is wrong where it is wrong', async () => {
    expect((await validate({ names: ['a', 5] })).body).toEqual({
      errors: [
        { property: 'month', errors: ["'month' is a required property"] },
        { property: 'names', errors: [{ index: 1, errors: ["5 is not of type 'string'"] }] },
      ],
      valid: false,
    })
  })

  test('are right where they name a variable, and read where they are JSON', async () => {
    const variable = { __prefect_kind: 'workspace_variable', variable_name: 'month' }
    const names = { __prefect_kind: 'json', value: '["a"]' }

    expect((await validate({ month: variable, names })).body).toEqual({ errors: [], valid: true })
    expect((await validate({ month: { __prefect_kind: 'json', value: '"x"' } })).body.valid).toBe(false)
  })

  test('cannot be measured by a schema that leads back to itself', async () => {
    const circular = { $ref: '#/definitions/a', definitions: { a: { $ref: '#/definitions/a' } } }

    expect((await validate({}, circular)).status).toBe(422)
  })
})
