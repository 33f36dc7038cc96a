import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

const MISSING = '019b7600-0000-7000-8000-00000000abcd'

let server: TestServer
let flowId: string

beforeEach(async () => {
  server = await openServer()
  flowId = (await send('POST', '/flows/', { name: 'sync', labels: { team: 'data' } })).body.id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
  return server.call(method, path, body, headers)
}

async function create(body: object = {}): Promise<Answer> {
  return send('POST', '/flow_runs/', { flow_id: flowId, ...body })
}

function propose(id: string, state: object, force = false): Promise<Answer> {
  return send('POST', `/flow_runs/${id}/set_state`, { state, force })
}

describe('making a flow run', () => {
  test('without a state makes it Pending, under a name of two words', async () => {
    const { status, body } = await create()

    expect(status).toBe(201)
    expect(body).toMatchObject({ state_type: 'PENDING', state_name: 'Pending', run_count: 0, flow_id: flowId, start_time: null })
    expect(body.name).toMatch(/^[a-z]+-[a-z]+$/)
    expect(body.state.state_details.flow_run_id).toBe(body.id)
  })

  test('keeps parameters as they were spelled', async () => {
    const { text, body } = await send(
      'POST',
      '/flow_runs/',
      `{"flow_id":"${flowId}","parameters":{"rate":1.0,"big":12345678901234567890,"e":1e5}}`,
    )

    expect(text).toContain('"parameters":{"rate":1.0,"big":12345678901234567890,"e":1e5}')
    expect((await send('GET', `/flow_runs/${body.id}`)).text).toContain('"parameters":{"rate":1.0,"big":12345678901234567890,"e":1e5}')
  })

  test('lays its labels over those of the flow', async () => {
    const { body } = await create({ labels: { region: 'eu', weight: 1 } })

    expect(body.labels).toEqual({ team: 'data', 'prefect.flow.id': flowId, region: 'eu', weight: 1 })
  })

  test('with a key that was used before gives the run it named, unchanged', async () => {
    const first = await create({ idempotency_key: 'today', name: 'first' })
    const second = await create({ idempotency_key: 'today', name: 'second' })

    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toEqual(first.body)
  })

  test('scheduled for later tells when', async () => {
    const due = '2026-01-02T03:04:05.678901+01:00'
    const { body } = await create({ state: { type: 'SCHEDULED', state_details: { scheduled_time: due } } })

    expect(body).toMatchObject({
      state_type: 'SCHEDULED',
      next_scheduled_start_time: '2026-01-02T02:04:05.678901Z',
      expected_start_time: '2026-01-02T02:04:05.678901Z',
    })
  })

  test('in a work pool puts it into a queue of that pool', async () => {
    await send('POST', '/work_pools/', { name: 'local', type: 'process' })
    await send('POST', '/work_pools/local/queues', { name: 'urgent' })
    const [plain, urgent, missing] = [
      await create({ work_pool_name: 'local' }),
      await create({ work_pool_name: 'local', work_queue_name: 'urgent' }),
      await create({ work_pool_name: 'elsewhere' }),
    ]

    expect(plain.body).toMatchObject({ work_pool_name: 'local', work_queue_name: 'default' })
    expect(urgent.body).toMatchObject({ work_pool_name: 'local', work_queue_name: 'urgent' })
    expect(missing.status).toBe(404)
  })

  test('of a flow that is not there is a conflict', async () => {
    expect((await create({ flow_id: MISSING })).status).toBe(409)
  })

  test('with a key that is not known tells which', async () => {
    const { status, body } = await create({ colour: 'red' })

    expect(status).toBe(422)
    expect(body.exception_detail).toEqual([{ loc: ['body', 'colour'], msg: 'Extra inputs are not permitted', type: 'extra_forbidden' }])
    expect(body.request_body).toMatchObject({ colour: 'red' })
  })

  test('with parameters beyond half a megabyte is refused', async () => {
    expect((await create({ parameters: { text: 'x'.repeat(524_289) } })).status).toBe(422)
  })
})

describe('proposing states', () => {
  test('takes a run from Pending to Completed and keeps its books', async () => {
    const { id } = (await create()).body
    server.clock.advance(1_000)
    const running = await propose(id, { type: 'RUNNING' })
    server.clock.advance(2_000)
    const completed = await propose(id, { type: 'COMPLETED', message: 'All states completed.' })

    expect([running.status, completed.status]).toEqual([201, 201])
    expect(running.body).toMatchObject({
      status: 'ACCEPT',
      details: { type: 'accept_details' },
      state: { type: 'RUNNING', name: 'Running' },
    })
    expect((await send('GET', `/flow_runs/${id}`)).body).toMatchObject({
      state_name: 'Completed',
      run_count: 1,
      total_run_time: 2,
      estimated_run_time: 2,
    })
  })

  test('a repeated proposal is answered with what it led to', async () => {
    const { id } = (await create()).body
    const state = { type: 'RUNNING', state_details: { transition_id: MISSING } }
    const first = await propose(id, state)
    const again = await propose(id, state)

    expect(again.status).toBe(200)
    expect(again.body).toMatchObject({ status: 'REJECT', state: first.body.state })
  })

  test('a run before its time is told to wait', async () => {
    const { id } = (await create({ state: { type: 'SCHEDULED', state_details: { scheduled_time: '2026-01-01T00:00:10Z' } } })).body

    expect((await propose(id, { type: 'RUNNING' })).body).toMatchObject({
      status: 'WAIT',
      details: { type: 'wait_details', delay_seconds: 10 },
    })
  })

  test('a failure with retries left is scheduled again', async () => {
    const { id } = (await create({ empirical_policy: { retries: 1, retry_delay: 3 } })).body
    await propose(id, { type: 'RUNNING' })
    const { body } = await propose(id, { type: 'FAILED', message: 'boom' })

    expect(body).toMatchObject({ status: 'REJECT', state: { type: 'SCHEDULED', name: 'AwaitingRetry', message: 'boom' } })
    expect((await send('GET', `/flow_runs/${id}`)).body.empirical_policy).toMatchObject({ retries: 1, retry_type: 'in_process' })
  })

  test('data comes back as it was sent, and is not given up for nothing', async () => {
    const { id } = (await create()).body
    const data = { storage_key: '/tmp/x', expiration: null, serializer: { type: 'pickle' }, prefect_version: '3.8.3' }
    await propose(id, { type: 'RUNNING' })
    await propose(id, { type: 'COMPLETED', data })

    expect((await send('GET', `/flow_runs/${id}`)).body.state.data).toEqual(data)
    expect((await propose(id, { type: 'COMPLETED' })).body.status).toBe('REJECT')
  })

  test('of a run that is not there is 404', async () => {
    expect((await propose(MISSING, { type: 'RUNNING' })).status).toBe(404)
    expect((await propose('not-an-id', { type: 'RUNNING' })).status).toBe(404)
  })

  test('of a type that is not known is refused', async () => {
    const { id } = (await create()).body

    expect((await propose(id, { type: 'DANCING' })).status).toBe(422)
  })

  test('force goes where the rules do not lead', async () => {
    const { id } = (await create()).body
    await propose(id, { type: 'CANCELLING' })

    expect((await propose(id, { type: 'RUNNING' })).body.status).toBe('REJECT')
    expect((await propose(id, { type: 'RUNNING' }, true)).body.status).toBe('ACCEPT')
  })
})

describe('resuming', () => {
  async function paused(details: object = {}): Promise<string> {
    const { id } = (await create()).body
    await propose(id, { type: 'RUNNING' })
    await propose(id, { type: 'PAUSED', state_details: { pause_timeout: '2026-01-01T01:00:00Z', ...details } })
    return id
  }

  test('a paused run goes on, once', async () => {
    const id = await paused()
    const first = await send('POST', `/flow_runs/${id}/resume`, {})
    const again = await send('POST', `/flow_runs/${id}/resume`)

    expect(first).toMatchObject({ status: 201, body: { status: 'ACCEPT', state: { type: 'RUNNING' } } })
    expect(again).toMatchObject({ status: 200, body: { status: 'ABORT', state: null, details: { type: 'abort_details' } } })
  })

  test('a run that waits for input takes what its schema allows, and keeps it', async () => {
    const id = await paused({ run_input_keyset: { schema: 'paused-1-schema', response: 'paused-1-response' } })
    const schema = { type: 'object', properties: { approve: { type: 'boolean' } }, required: ['approve'] }
    await send('POST', `/flow_runs/${id}/input`, { key: 'paused-1-schema', value: JSON.stringify(schema) })
    const wrong = await send('POST', `/flow_runs/${id}/resume`, { run_input: { approve: 'perhaps' } })
    const right = await send('POST', `/flow_runs/${id}/resume`, { run_input: { approve: true } })

    expect(wrong.body).toMatchObject({ status: 'REJECT', state: { type: 'PAUSED' }, details: { type: 'abort_details' } })
    expect(right.body.status).toBe('ACCEPT')
    expect((await send('GET', `/flow_runs/${id}/input/paused-1-response`)).text).toBe('{"approve":true}')
  })
})

describe('a sub-flow run', () => {
  test('is mirrored in the task run that stands for it', async () => {
    const parent = (await create({ name: 'parent' })).body
    await propose(parent.id, { type: 'RUNNING' })
    const dummy = (await send('POST', '/task_runs/', { flow_run_id: parent.id, task_key: 'child', dynamic_key: '0', name: 'child-0' })).body
    const child = (await create({ name: 'child', parent_task_run_id: dummy.id })).body
    await propose(child.id, { type: 'RUNNING' })

    const mirror = (await send('GET', `/task_runs/${dummy.id}`)).body

    expect(mirror).toMatchObject({
      state_type: 'RUNNING',
      run_count: 1,
      state: { state_details: { child_flow_run_id: child.id, flow_run_id: parent.id } },
    })
    expect((await send('GET', `/flow_runs/${child.id}`)).body.state.state_details.task_run_id).toBe(dummy.id)
  })
})

describe('changing a flow run', () => {
  test('writes what the body names and nothing else', async () => {
    const { id, name } = (await create({ tags: ['a'] })).body
    expect((await send('PATCH', `/flow_runs/${id}`, { infrastructure_pid: 'host:42', tags: ['b', 'c'] })).status).toBe(204)

    expect((await send('GET', `/flow_runs/${id}`)).body).toMatchObject({
      name,
      infrastructure_pid: 'host:42',
      tags: ['b', 'c'],
      parameters: {},
    })
  })

  test('adds labels', async () => {
    const { id, labels } = (await create({ labels: { a: 1 } })).body
    expect((await send('PATCH', `/flow_runs/${id}/labels`, { b: true })).status).toBe(204)

    expect((await send('GET', `/flow_runs/${id}`)).body.labels).toEqual({ ...labels, b: true })
  })

  test('gives job variables only to runs that a deployment has scheduled', async () => {
    const { id } = (await create()).body

    expect((await send('PATCH', `/flow_runs/${id}`, { job_variables: { cpu: 1 } })).status).toBe(400)
  })

  test('deletes it with what belongs to it', async () => {
    const { id } = (await create()).body
    const task = (await send('POST', '/task_runs/', { flow_run_id: id, task_key: 'a', dynamic_key: '0' })).body

    expect((await send('DELETE', `/flow_runs/${id}`)).status).toBe(204)
    expect((await send('GET', `/flow_runs/${id}`)).status).toBe(404)
    expect((await send('GET', `/task_runs/${task.id}`)).status).toBe(404)
    expect((await send('DELETE', `/flow_runs/${id}`)).status).toBe(404)
  })
})

describe('task runs over REST', () => {
  test('are made once for a call', async () => {
    const run = (await create()).body
    const call = { flow_run_id: run.id, task_key: 'add', dynamic_key: '1' }
    const first = await send('POST', '/task_runs/', call)
    const again = await send('POST', '/task_runs/', { ...call, name: 'other' })

    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
  })

  test('begin only while their flow run is running', async () => {
    const run = (await create()).body
    const task = (await send('POST', '/task_runs/', { flow_run_id: run.id, task_key: 'add', dynamic_key: '1' })).body
    const early = await send('POST', `/task_runs/${task.id}/set_state`, { state: { type: 'RUNNING' } })
    await propose(run.id, { type: 'RUNNING' })
    const later = await send('POST', `/task_runs/${task.id}/set_state`, { state: { type: 'RUNNING' } })

    expect([early.body.status, later.body.status]).toEqual(['ABORT', 'ACCEPT'])
  })

  test('are retried as their policy says', async () => {
    const task = (
      await send('POST', '/task_runs/', {
        flow_run_id: null,
        task_key: 'add',
        dynamic_key: '1',
        empirical_policy: { retries: 2, retry_delay: [1, 10] },
        state: { type: 'SCHEDULED', state_details: { deferred: true } },
      })
    ).body
    const set = (type: string): Promise<Answer> => send('POST', `/task_runs/${task.id}/set_state`, { state: { type } })
    await set('PENDING')
    await set('RUNNING')
    const { body } = await set('FAILED')

    expect(body).toMatchObject({
      status: 'REJECT',
      state: { name: 'AwaitingRetry', state_details: { scheduled_time: '2026-01-01T00:00:01.000001Z', deferred: true } },
    })
  })

  test('of the background are claimed by one worker', async () => {
    const task = (
      await send('POST', '/task_runs/', {
        task_key: 'add',
        dynamic_key: '1',
        state: { type: 'SCHEDULED', state_details: { deferred: true } },
      })
    ).body
    const claim = (): Promise<Answer> => send('POST', `/task_runs/${task.id}/set_state`, { state: { type: 'PENDING' } })

    expect([(await claim()).body.status, (await claim()).body.status]).toEqual(['ACCEPT', 'ABORT'])
  })

  test('take a result that stands under their cache key', async () => {
    const run = (await create()).body
    await propose(run.id, { type: 'RUNNING' })
    const make = async (key: string): Promise<string> =>
      (await send('POST', '/task_runs/', { flow_run_id: run.id, task_key: 'add', dynamic_key: key })).body.id
    const set = (id: string, state: object): Promise<Answer> => send('POST', `/task_runs/${id}/set_state`, { state })
    const [first, second] = [await make('1'), await make('2')]
    await set(first, { type: 'RUNNING', state_details: { cache_key: 'k' } })
    await set(first, { type: 'COMPLETED', data: { x: 1.5 }, state_details: { cache_key: 'k' } })

    const { body } = await set(second, { type: 'RUNNING', state_details: { cache_key: 'k' } })

    expect(body).toMatchObject({ status: 'REJECT', state: { type: 'COMPLETED', name: 'Cached', data: { x: 1.5 } } })
  })

  test('with a limit on a tag wait for a slot and give it back', async () => {
    await send('POST', '/concurrency_limits/', { tag: 'db', concurrency_limit: 1 })
    const run = (await create()).body
    await propose(run.id, { type: 'RUNNING' })
    const make = async (key: string): Promise<string> =>
      (await send('POST', '/task_runs/', { flow_run_id: run.id, task_key: 'add', dynamic_key: key, tags: ['db'] })).body.id
    const set = async (id: string, type: string): Promise<string> =>
      (await send('POST', `/task_runs/${id}/set_state`, { state: { type } })).body.status
    const [first, second] = [await make('1'), await make('2')]

    expect([
      await set(first, 'RUNNING'),
      await set(second, 'RUNNING'),
      await set(first, 'COMPLETED'),
      await set(second, 'RUNNING'),
    ]).toEqual(['ACCEPT', 'WAIT', 'ACCEPT', 'ACCEPT'])
  })

  test('are renamed and deleted', async () => {
    const task = (await send('POST', '/task_runs/', { task_key: 'add', dynamic_key: '1' })).body
    await send('PATCH', `/task_runs/${task.id}`, { name: 'better' })

    expect((await send('GET', `/task_runs/${task.id}`)).body.name).toBe('better')
    expect((await send('DELETE', `/task_runs/${task.id}`)).status).toBe(204)
    expect((await send('PATCH', `/task_runs/${task.id}`, { name: 'x' })).status).toBe(404)
  })
})

describe('logs', () => {
  test('are taken for any run, known or not', async () => {
    const line = {
      name: 'prefect.flow_runs',
      level: 20,
      message: 'hello',
      timestamp: '2026-01-01T00:00:00.5Z',
      flow_run_id: MISSING,
      task_run_id: null,
    }

    expect(await send('POST', '/logs/', [line, { ...line, worker_id: 'x' }])).toMatchObject({ status: 201, body: null })
    expect((await server.orchestrator.logs.list({ flowRunId: MISSING, limit: 10 })).items).toHaveLength(2)
  })

  test('with a line that is none are refused as a whole', async () => {
    const { status, body } = await send('POST', '/logs/', [{ name: 'a', level: 'high', message: 'x', timestamp: 'now' }])

    expect(status).toBe(422)
    expect(body.exception_detail.map(({ loc }: { loc: unknown }) => loc)).toEqual([
      ['body', 0, 'level'],
      ['body', 0, 'timestamp'],
    ])
  })
})

describe('every endpoint', () => {
  test('answers with and without a slash at its end', async () => {
    expect((await send('POST', '/flows', { name: 'other' })).status).toBe(201)
    expect((await send('GET', `/flows/${flowId}/`)).status).toBe(200)
  })

  test('refuses a version of the API that it does not speak', async () => {
    expect((await send('GET', `/flows/${flowId}`, undefined, { 'x-prefect-api-version': '0.7.9' })).status).toBe(400)
    expect((await send('GET', `/flows/${flowId}`, undefined, { 'x-prefect-api-version': 'new' })).status).toBe(400)
    expect((await send('GET', `/flows/${flowId}`, undefined, { 'x-prefect-api-version': '0.8.4' })).status).toBe(200)
  })

  test('takes a body that is no JSON as an invalid request', async () => {
    expect((await send('POST', '/flows/', '{"name":')).status).toBe(422)
  })

  test('takes a body whose type was not said', async () => {
    const response = await server.app.request('http://127.0.0.1:4200/api/flows/', {
      method: 'POST',
      body: new TextEncoder().encode('{"name":"bare"}'),
    })

    expect(response.status).toBe(201)
  })
})
