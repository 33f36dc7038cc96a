import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer
let flows: Record<string, string>

beforeEach(async () => {
  server = await openServer()
  flows = {}
  for (const [name, tags] of [
    ['sync', ['nightly', 'prod']],
    ['report', ['prod']],
    ['cleanup', []],
  ] as const) {
    flows[name] = (await server.call('POST', '/flows/', { name, tags })).body.id
  }
})
afterEach(() => server.close())

async function run(flow: string, body: object = {}): Promise<string> {
  return (await server.call('POST', '/flow_runs/', { flow_id: flows[flow], ...body })).body.id
}

function set(id: string, state: object): Promise<unknown> {
  return server.call('POST', `/flow_runs/${id}/set_state`, { state, force: true })
}

async function names(path: string, body: object): Promise<readonly string[]> {
  const { status, body: found } = await server.call('POST', path, body)
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(found)}`)
  return found.map((each: { name: string }) => each.name)
}

describe('flows', () => {
  test.each([
    [{}, ['cleanup', 'report', 'sync']],
    [{ flows: { name: { any_: ['sync', 'report'] } } }, ['report', 'sync']],
    [{ flows: { name: { any_: [] } } }, []],
    [{ flows: { name: { like_: 'EPO' } } }, ['report']],
    [{ flows: { name: { like_: 's%c' } } }, ['sync']],
    [{ flows: { name: { like_: '' } } }, ['cleanup', 'report', 'sync']],
    [{ flows: { tags: { all_: ['prod'] } } }, ['report', 'sync']],
    [{ flows: { tags: { all_: ['prod', 'nightly'] } } }, ['sync']],
    [{ flows: { tags: { all_: ['pro'] } } }, []],
    [{ flows: { tags: { is_null_: true } } }, ['cleanup']],
    [{ flows: { tags: { is_null_: false } } }, ['report', 'sync']],
    [{ flows: { name: { any_: ['sync'] }, tags: { is_null_: true }, operator: 'or_' } }, ['cleanup', 'sync']],
    [{ sort: 'NAME_DESC', limit: 2 }, ['sync', 'report']],
    [{ sort: 'NAME_DESC', limit: 2, offset: 2 }, ['cleanup']],
    [{ limit: 0 }, []],
    [{ flows: null }, ['cleanup', 'report', 'sync']],
  ])('%j gives %j', async (body, expected) => {
    expect(await names('/flows/filter', body)).toEqual(expected)
  })

  test('with runs that meet a condition', async () => {
    await set(await run('report'), { type: 'FAILED' })
    await run('sync')

    expect(await names('/flows/filter', { flow_runs: { state: { type: { any_: ['FAILED'] } } } })).toEqual(['report'])
    expect((await server.call('POST', '/flows/count', { flow_runs: { state: { type: { any_: ['FAILED'] } } } })).body).toBe(1)
  })

  test('come in pages that tell how many there are', async () => {
    const { body } = await server.call('POST', '/flows/paginate', { page: 2, limit: 2 })

    expect(body).toMatchObject({ count: 3, pages: 2, page: 2, limit: 2, results: [{ name: 'sync' }] })
  })
})

describe('limits', () => {
  test.each([-1, 201])('a limit of %i is refused in words', async (limit) => {
    const { status, body } = await server.call('POST', '/flow_runs/filter', { limit })

    expect(status).toBe(422)
    expect(body.detail).toContain('Invalid limit')
  })

  test('a condition that is not known is refused with its place', async () => {
    const { status, body } = await server.call('POST', '/flow_runs/filter', { flow_runs: { colour: { any_: ['red'] } } })

    expect(status).toBe(422)
    expect(body.exception_detail[0].loc).toEqual(['body', 'flow_runs', 'colour'])
  })

  test('a body that is left out asks for everything', async () => {
    await run('sync', { name: 'only' })

    expect((await server.call('POST', '/flow_runs/filter')).body).toMatchObject([{ name: 'only' }])
    expect((await server.call('POST', '/flow_runs/count')).body).toBe(1)
  })
})

describe('flow runs', () => {
  let ids: Record<string, string>

  beforeEach(async () => {
    ids = {}
    ids['pending'] = await run('sync', { name: 'pending', tags: ['a'], flow_version: 'v1' })
    server.clock.advance(1_000)
    ids['running'] = await run('sync', { name: 'running', tags: ['a', 'b'] })
    await set(ids['running']!, { type: 'RUNNING' })
    server.clock.advance(1_000)
    ids['done'] = await run('report', { name: 'done', idempotency_key: 'today' })
    await set(ids['done']!, { type: 'RUNNING' })
    await set(ids['done']!, { type: 'COMPLETED', name: 'Fine' })
    server.clock.advance(1_000)
    ids['later'] = await run('cleanup', {
      name: 'later',
      state: { type: 'SCHEDULED', state_details: { scheduled_time: '2026-01-02T00:00:00Z' } },
    })
  })

  const all = ['later', 'done', 'running', 'pending']

  test.each([
    [{}, all],
    [{ flow_runs: { name: { any_: ['done'] } } }, ['done']],
    [{ flow_runs: { name: { like_: 'N' } } }, ['done', 'running', 'pending']],
    [{ flow_runs: { tags: { all_: ['a', 'b'] } } }, ['running']],
    [{ flow_runs: { tags: { any_: ['a', 'b'] } } }, ['running', 'pending']],
    [{ flow_runs: { tags: { is_null_: true } } }, ['later', 'done']],
    [{ flow_runs: { state: { type: { any_: ['RUNNING', 'PENDING'] } } } }, ['running', 'pending']],
    [{ flow_runs: { state: { type: { not_any_: ['RUNNING', 'PENDING'] } } } }, ['later', 'done']],
    [{ flow_runs: { state: { type: { not_any_: [] } } } }, all],
    [{ flow_runs: { state: { name: { any_: ['Fine'] } } } }, ['done']],
    [{ flow_runs: { state: { type: { any_: ['PENDING'] }, name: { any_: ['Fine'] }, operator: 'or_' } } }, ['done', 'pending']],
    [{ flow_runs: { flow_version: { any_: ['v1'] } } }, ['pending']],
    [{ flow_runs: { start_time: { is_null_: true } } }, ['later', 'pending']],
    [{ flow_runs: { start_time: { is_null_: false } } }, ['done', 'running']],
    [{ flow_runs: { start_time: { before_: '2026-01-01T00:00:01.000002Z' } } }, ['running', 'pending']],
    [{ flow_runs: { end_time: { is_null_: false } } }, ['done']],
    [{ flow_runs: { expected_start_time: { after_: '2026-01-01T12:00:00Z' } } }, ['later']],
    [{ flow_runs: { next_scheduled_start_time: { after_: '2026-01-01T00:00:00Z' } } }, ['later']],
    [{ flow_runs: { idempotency_key: { any_: ['today'] } } }, ['done']],
    [{ flow_runs: { idempotency_key: { not_any_: ['today'] } } }, ['later', 'running', 'pending']],
    [{ flow_runs: { deployment_id: { is_null_: true } } }, all],
    [{ flow_runs: { parent_task_run_id: { is_null_: false } } }, []],
    [{ flow_runs: { work_queue_name: { is_null_: true } } }, all],
    [{ flow_runs: { created_by: { is_null_: true } } }, all],
    [{ flows: { name: { any_: ['sync'] } } }, ['running', 'pending']],
    [{ flows: { tags: { all_: ['nightly'] } }, flow_runs: { tags: { all_: ['b'] } } }, ['running']],
    [{ flow_runs: { name: { any_: ['done'] }, tags: { all_: ['b'] }, operator: 'or_' } }, ['done', 'running']],
    [{ sort: 'NAME_ASC' }, ['done', 'later', 'pending', 'running']],
    [{ sort: 'START_TIME_ASC' }, ['pending', 'running', 'done', 'later']],
    [{ sort: 'EXPECTED_START_TIME_DESC' }, ['later', 'done', 'running', 'pending']],
    [{ sort: 'NEXT_SCHEDULED_START_TIME_ASC' }, ['later']],
    [{ sort: 'END_TIME_DESC', limit: 1 }, ['done']],
  ])('%j gives %j', async (body, expected) => {
    expect(await names('/flow_runs/filter', body)).toEqual(expected)
  })

  test('are counted by hours and states', async () => {
    const { body } = await server.call('POST', '/flow_runs/history', {
      history_start: '2026-01-01T00:00:00Z',
      history_end: '2026-01-01T02:00:00Z',
      history_interval_seconds: 3600,
    })

    expect(body).toHaveLength(2)
    expect(body[0]).toMatchObject({ interval_start: '2026-01-01T00:00:00Z', interval_end: '2026-01-01T01:00:00Z' })
    expect(body[0].states.map((each: { state_name: string; count_runs: number }) => [each.state_name, each.count_runs])).toEqual([
      ['Fine', 1],
      ['Pending', 1],
      ['Running', 1],
    ])
    expect(body[1].states).toEqual([])
  })

  test('are changed and deleted many at once', async () => {
    const changed = await server.call('POST', '/flow_runs/bulk_set_state', {
      flow_runs: { name: { any_: ['pending', 'done'] } },
      state: { type: 'CANCELLING' },
    })
    const deleted = await server.call('POST', '/flow_runs/bulk_delete', { flow_runs: { name: { any_: ['pending', 'later'] } } })

    expect(changed.body.results.map((each: { status: string }) => each.status)).toEqual(['ABORT', 'ACCEPT'])
    expect(deleted.body.deleted).toEqual([ids['later'], ids['pending']])
    expect(await names('/flow_runs/filter', {})).toEqual(['done', 'running'])
  })

  test('tell their states, oldest first', async () => {
    const { body } = await server.call('GET', `/flow_run_states/?flow_run_id=${ids['done']}`)

    expect(body.map((each: { name: string }) => each.name)).toEqual(['Pending', 'Running', 'Fine'])
    expect((await server.call('GET', `/flow_run_states/${body[1].id}`)).body).toEqual(body[1])
  })
})

describe('task runs', () => {
  let flowRunId: string
  let childId: string

  beforeEach(async () => {
    flowRunId = await run('sync', { name: 'parent' })
    await set(flowRunId, { type: 'RUNNING' })
    const make = async (name: string, body: object = {}): Promise<string> =>
      (await server.call('POST', '/task_runs/', { flow_run_id: flowRunId, task_key: name, dynamic_key: '0', name, ...body })).body.id
    const first = await make('first', { tags: ['x'] })
    const second = await make('second', { task_inputs: { a: [{ input_type: 'task_run', id: first }] } })
    const dummy = await make('child', { task_inputs: { a: [{ input_type: 'task_run', id: second }], __parents__: [] } })
    childId = await run('report', { name: 'inner', parent_task_run_id: dummy })
    await server.call('POST', '/task_runs/', { task_key: 'background', dynamic_key: '0', name: 'background' })
    await server.call('POST', `/task_runs/${first}/set_state`, { state: { type: 'RUNNING' } })
  })

  test.each([
    [{}, ['background', 'child', 'first', 'second']],
    [{ task_runs: { flow_run_id: {} } }, ['child', 'first', 'second']],
    [{ task_runs: { flow_run_id: { is_null_: true } } }, ['background']],
    [{ task_runs: { tags: { all_: ['x'] } } }, ['first']],
    [{ task_runs: { state: { type: { any_: ['RUNNING'] } } } }, ['first']],
    [{ task_runs: { subflow_runs: { exists_: true } } }, ['child']],
    [{ task_runs: { subflow_runs: { exists_: false } } }, ['background', 'first', 'second']],
    [{ flow_runs: { name: { any_: ['parent'] } } }, ['child', 'first', 'second']],
    [{ flows: { name: { any_: ['report'] } } }, []],
  ])('%j gives %j', async (body, expected) => {
    expect(await names('/task_runs/filter', { sort: 'NAME_ASC', ...body })).toEqual(expected)
  })

  test('tell their states', async () => {
    const [first] = (await server.call('POST', '/task_runs/filter', { task_runs: { name: { any_: ['first'] } } })).body
    const { body } = await server.call('GET', `/task_run_states/?task_run_id=${first.id}`)

    expect(body.map((each: { name: string }) => each.name)).toEqual(['Pending', 'Running'])
    expect((await server.call('GET', `/task_run_states/${body[0].id}`)).body).toEqual(body[0])
  })

  test('and sub-flow runs are drawn as a graph', async () => {
    const { body } = await server.call('GET', `/flow_runs/${flowRunId}/graph-v2`)
    const nodes = new Map<string, { label: string; kind: string; parents: { id: string }[] }>(body.nodes)
    const inner = nodes.get(childId)

    expect(body.root_node_ids).toHaveLength(1)
    expect(inner).toMatchObject({ kind: 'flow-run', label: 'report / inner' })
    expect(inner?.parents.map(({ id }) => nodes.get(id)?.label)).toEqual(['second'])
  })

  test('and what they made for people is drawn with them', async () => {
    const make = (body: object): Promise<unknown> => server.call('POST', '/artifacts/', { flow_run_id: flowRunId, ...body })
    const [task] = (await server.call('POST', '/task_runs/filter', { task_runs: { name: { any_: ['second'] } } })).body
    await make({ key: 'report', type: 'markdown', data: '# old' })
    await make({ key: 'report', type: 'markdown', data: '# new' })
    await make({ type: 'progress', data: 50.0, task_run_id: task.id })
    await make({ type: 'result', data: 1, task_run_id: task.id })

    const { body } = await server.call('GET', `/flow_runs/${flowRunId}/graph-v2`)
    const nodes = new Map<string, { artifacts: object[] }>(body.nodes)

    expect(body.artifacts).toMatchObject([
      { key: 'report', type: 'markdown', is_latest: false, data: null },
      { key: 'report', type: 'markdown', is_latest: true, data: null },
    ])
    expect([...nodes.values()].flatMap(({ artifacts }) => artifacts)).toMatchObject([{ type: 'progress', is_latest: true, data: 50 }])
    expect(nodes.get(task.id)?.artifacts).toHaveLength(1)
  })

  test('a sub-flow run is found by its parent', async () => {
    expect(await names('/flow_runs/filter', { flow_runs: { parent_flow_run_id: { any_: [flowRunId] } } })).toEqual(['inner'])
  })
})

describe('logs', () => {
  beforeEach(async () => {
    const line = { name: 'prefect.flow_runs', timestamp: '2026-01-01T00:00:00Z' }
    await server.call('POST', '/logs/', [
      { ...line, level: 20, message: 'the quick brown fox' },
      { ...line, level: 30, message: 'a lazy dog', timestamp: '2026-01-01T00:00:01Z' },
      { ...line, level: 40, message: 'The FOX again', timestamp: '2026-01-01T00:00:02Z' },
    ])
  })

  test.each([
    [{}, 3],
    [{ level: { ge_: 30 } }, 2],
    [{ level: { le_: 30 } }, 2],
    [{ timestamp: { after_: '2026-01-01T00:00:01Z' } }, 2],
    [{ timestamp: { before_: '2026-01-01T00:00:01Z' } }, 2],
    [{ task_run_id: { is_null_: true } }, 3],
    [{ text: { query: 'fox' } }, 2],
    [{ text: { query: 'fox dog' } }, 3],
    [{ text: { query: 'fox -again' } }, 1],
    [{ text: { query: '+fox +quick' } }, 1],
    [{ text: { query: '"brown fox"' } }, 1],
    [{ text: { query: '50%' } }, 0],
  ])('%j finds %i', async (logs, expected) => {
    expect((await server.call('POST', '/logs/filter', { logs })).body).toHaveLength(expected)
  })

  test('of a run come as a file', async () => {
    const id = await run('sync', { name: 'with log' })
    await server.call('POST', '/logs/', [
      { name: 'a', level: 20, message: 'one, "two"', timestamp: '2026-01-01T00:00:00Z', flow_run_id: id },
    ])

    const { text, headers } = await server.call('GET', `/flow_runs/${id}/logs/download`)

    expect(text).toBe(`timestamp,level,flow_run_id,task_run_id,message\n2026-01-01T00:00:00Z,INFO,${id},,"one, ""two"""\n`)
    expect(headers.get('content-disposition')).toBe('attachment; filename="with_log-logs.csv"')
  })
})
