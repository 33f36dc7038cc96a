import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonText } from '../../../src/core/literal-json.ts'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

const NOWHERE = '0198a000-0000-7000-8000-000000000001'
const EMPTY = new JsonText('{}')
const TEMPLATE = {
  job_configuration: { command: '{{ cmd }}' },
  variables: { properties: { cmd: { type: 'string', default: 'x' }, ratio: { default: 1.5 } } },
}

function makePool(pool: Readonly<Record<string, unknown>> = {}) {
  return server.call('POST', '/work_pools/', { name: 'pool', type: 'process', ...pool })
}

function makeQueue(name: string, queue: Readonly<Record<string, unknown>> = {}) {
  return server.call('POST', '/work_pools/pool/queues', { name, ...queue })
}

async function priorities(): Promise<unknown> {
  const { body } = await server.call('POST', '/work_pools/pool/queues/filter', {})
  return Object.fromEntries(body.map((queue: { name: string; priority: number }) => [queue.name, queue.priority]))
}

function eventNames(): readonly string[] {
  return server.told.flatMap((told) => (told.type === 'event' ? [told.event.name] : []))
}

/** A flow run in a queue, as a deployment would make it. */
async function makeRun({
  queueId,
  dueInMs = 0,
  retryType = null,
}: {
  queueId: string
  dueInMs?: number
  retryType?: 'in_process' | null
}): Promise<string> {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  const { view } = await server.orchestrator.flowRuns.create({
    flowId: flow.id,
    flowVersion: null,
    parameters: EMPTY,
    context: EMPTY,
    parentTaskRunId: null,
    policy: { retries: 0, crashRestarts: 0, retryType },
    tags: [],
    labels: EMPTY,
    idempotencyKey: null,
    workQueueId: queueId,
    jobVariables: null,
    infrastructureDocumentId: null,
    deployment: null,
    autoScheduled: false,
    createdBy: null,
    state: { type: 'scheduled', name: 'Scheduled', message: null, details: {}, scheduledFor: server.clock.now() + dueInMs * 1000 },
  })
  return view.run.id
}

async function dueIds(query: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
  const { body } = await server.call('POST', '/work_pools/pool/get_scheduled_flow_runs', query)
  return body.map((due: { flow_run: { id: string } }) => due.flow_run.id)
}

async function queueId(name: string): Promise<string> {
  return (await server.call('GET', `/work_pools/pool/queues/${name}`)).body.id
}

describe('a work pool', () => {
  it('is made with a default queue, read, listed, counted, changed and deleted', async () => {
    const made = await makePool({ base_job_template: TEMPLATE })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'pool',
        type: 'process',
        description: null,
        base_job_template: TEMPLATE,
        is_paused: false,
        concurrency_limit: null,
        status: 'NOT_READY',
        storage_configuration: { bundle_upload_step: null, bundle_execution_step: null, default_result_storage_block_id: null },
        active_slots: null,
      },
    })
    expect((await server.call('GET', '/work_pools/pool')).body).toEqual(made.body)
    expect((await server.call('GET', `/work_queues/${made.body.default_queue_id}`)).body).toMatchObject({
      name: 'default',
      priority: 1,
      work_pool_name: 'pool',
      status: 'NOT_READY',
      active_slots: null,
      filter: null,
      last_polled: null,
    })
    await makePool({ name: 'another', type: 'docker' })
    expect((await server.call('POST', '/work_pools/filter', {})).body.map((pool: { name: string }) => pool.name)).toEqual([
      'another',
      'pool',
    ])
    expect((await server.call('POST', '/work_pools/filter')).body).toHaveLength(2)
    expect((await server.call('POST', '/work_pools/count', { work_pools: { type: { any_: ['docker'] } } })).body).toBe(1)
    const either = { operator: 'or_', type: { any_: ['docker'] }, name: { any_: ['pool'] } }
    expect((await server.call('POST', '/work_pools/filter', { work_pools: either })).body).toHaveLength(2)

    expect((await server.call('PATCH', '/work_pools/pool', { description: 'for nights', concurrency_limit: 2 })).status).toBe(204)
    expect((await server.call('GET', '/work_pools/pool')).body).toMatchObject({
      description: 'for nights',
      concurrency_limit: 2,
      active_slots: 0,
    })
    await server.call('PATCH', '/work_pools/pool', { concurrency_limit: null, base_job_template: null })
    expect((await server.call('GET', '/work_pools/pool')).body).toMatchObject({ concurrency_limit: null, base_job_template: TEMPLATE })

    expect((await server.call('DELETE', '/work_pools/pool')).status).toBe(204)
    expect(await server.call('GET', '/work_pools/pool')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('Work pool "pool" not found.') },
    })
    expect((await server.call('GET', `/work_queues/${made.body.default_queue_id}`)).status).toBe(404)
  })

  it.each([
    ['POST', '/work_pools/', { name: 'pool', type: 'docker' }, 409],
    ['POST', '/work_pools/', { name: 'Prefect things' }, 403],
    ['POST', '/work_pools/', { name: ' "\' ' }, 422],
    ['POST', '/work_pools/', { name: 'a/b' }, 422],
    ['POST', '/work_pools/', { name: 'x', colour: 'red' }, 422],
    ['POST', '/work_pools/', { name: 'x', base_job_template: { a: 1 } }, 422],
    ['POST', '/work_pools/', { name: 'x', base_job_template: { job_configuration: { a: '{{ b }}' }, variables: {} } }, 422],
    ['POST', '/work_pools/', { name: 'x', concurrency_limit: -1 }, 422],
    [
      'POST',
      '/work_pools/',
      { name: 'x', base_job_template: { job_configuration: {}, variables: { properties: { a: { type: 'string', default: 5 } } } } },
      422,
    ],
    ['PATCH', '/work_pools/pool', { name: 'other' }, 422],
    ['PATCH', '/work_pools/none', { is_paused: true }, 404],
    ['DELETE', '/work_pools/none', undefined, 404],
    ['DELETE', '/work_pools/prefect-managed', undefined, 403],
    ['POST', '/work_pools/filter', { limit: 201 }, 422],
    ['POST', '/work_pools/filter', { work_pools: { colour: {} } }, 422],
    ['POST', '/work_pools/none/get_scheduled_flow_runs', {}, 404],
    ['POST', '/work_pools/pool/get_scheduled_flow_runs', { work_queue_names: ['none'] }, 404],
    ['POST', '/work_pools/none/workers/heartbeat', { name: 'w' }, 404],
    ['DELETE', '/work_pools/pool/workers/none', undefined, 404],
    ['POST', '/work_pools/pool/queues', { name: 'default' }, 409],
    ['POST', '/work_pools/none/queues', { name: 'x' }, 404],
    ['POST', '/work_pools/pool/queues', { name: 'x', priority: 0 }, 422],
    ['DELETE', '/work_pools/pool/queues/default', undefined, 409],
    ['GET', `/work_queues/${NOWHERE}`, undefined, 404],
    ['GET', `/work_queues/${NOWHERE}/status`, undefined, 404],
  ])('%s %s %j answers %i', async (method, path, body, status) => {
    await makePool()
    expect((await server.call(method, path, body)).status).toBe(status)
  })

  it('that is paused says so, and tells of each change of its status once', async () => {
    await makePool()
    for (const isPaused of [true, true, false]) await server.call('PATCH', '/work_pools/pool', { is_paused: isPaused })
    expect(eventNames()).toEqual([
      'prefect.work-queue.created',
      'prefect.work-pool.created',
      'prefect.work-pool.updated',
      'prefect.work-pool.paused',
      'prefect.work-pool.updated',
      'prefect.work-pool.not-ready',
    ])
    expect((await makePool({ name: 'asleep', is_paused: true })).body.status).toBe('PAUSED')
    expect((await makePool({ name: 'agents', type: 'prefect-agent' })).body.status).toBeNull()
  })

  it('tells which fields changed, and from what to what', async () => {
    await makePool()
    await server.call('PATCH', '/work_pools/pool', { description: 'nights', concurrency_limit: null })
    const updated = server.told.flatMap((told) =>
      told.type === 'event' && told.event.name === 'prefect.work-pool.updated' ? [told.event] : [],
    )
    expect(updated.map(({ payload }) => payload.plain())).toEqual([
      { updated_fields: ['description'], updates: { description: { from: null, to: 'nights' } } },
    ])
  })

  it('keeps the spelling of numbers in its template', async () => {
    await server.app.request('/api/work_pools/', {
      method: 'POST',
      body: '{"name":"exact","base_job_template":{"job_configuration":{},"variables":{"default":1.0,"big":12345678901234567890}}}',
    })
    const text = await (await server.app.request('/api/work_pools/exact')).text()
    expect(text).toContain('{"default":1.0,"big":12345678901234567890}')
  })
})

describe('queues of a pool', () => {
  it('take the first free priority, or push the others down', async () => {
    await makePool()
    expect((await makeQueue('second')).body).toMatchObject({ priority: 2, description: '', work_pool_name: 'pool' })
    await makeQueue('top', { priority: 1 })
    expect(await priorities()).toEqual({ top: 1, default: 2, second: 3 })
    await makeQueue('far', { priority: 9 })
    await server.call('PATCH', '/work_pools/pool/queues/top', { priority: 3 })
    expect(await priorities()).toEqual({ default: 2, top: 3, second: 4, far: 9 })
    expect((await server.call('DELETE', '/work_pools/pool/queues/top')).status).toBe(204)
    expect((await makeQueue('new')).body.priority).toBe(1)
    expect(await priorities()).toEqual({ new: 1, default: 2, second: 4, far: 9 })
  })

  it('are renamed, paused and chosen by name', async () => {
    await makePool()
    await makeQueue('nightly', { concurrency_limit: 3 })
    expect((await server.call('PATCH', '/work_pools/pool/queues/nightly', { name: 'default' })).status).toBe(409)
    expect((await server.call('PATCH', '/work_pools/pool/queues/nightly', { name: 'daily', is_paused: true })).status).toBe(204)
    expect((await server.call('GET', '/work_pools/pool/queues/daily')).body).toMatchObject({
      is_paused: true,
      status: 'PAUSED',
      concurrency_limit: 3,
      active_slots: 0,
    })
    await server.call('PATCH', '/work_pools/pool/queues/daily', { is_paused: false, concurrency_limit: null })
    expect((await server.call('GET', '/work_pools/pool/queues/daily')).body).toMatchObject({ status: 'NOT_READY', concurrency_limit: null })
    const chosen = await server.call('POST', '/work_pools/pool/queues/filter', { work_queues: { name: { startswith_: ['DA'] } } })
    expect(chosen.body).toHaveLength(1)
  })

  it('without a pool are in one of their own', async () => {
    const made = await server.call('POST', '/work_queues/', { name: 'legacy' })
    expect(made).toMatchObject({ status: 201, body: { work_pool_name: 'default-agent-pool', priority: 2 } })
    expect((await server.call('GET', '/work_queues/name/legacy')).body).toEqual(made.body)
    expect((await server.call('POST', '/work_queues/filter', { work_queues: { name: { any_: ['legacy'] } } })).body).toEqual([made.body])
    expect((await server.call('GET', '/work_pools/default-agent-pool')).body).toMatchObject({ type: 'prefect-agent', status: null })
    const path = `/work_queues/${made.body.id}`
    expect((await server.call('GET', `${path}/status`)).body).toEqual({
      healthy: false,
      late_runs_count: 0,
      last_polled: null,
      health_check_policy: { maximum_late_runs: 0, maximum_seconds_since_last_polled: 60 },
    })
    await server.call('POST', `${path}/get_runs`, {}, { 'x-prefect-ui': 'true' })
    expect((await server.call('GET', `${path}/status`)).body.healthy).toBe(false)
    expect((await server.call('POST', `${path}/get_runs`, {})).body).toEqual([])
    expect((await server.call('GET', `${path}/status`)).body.healthy).toBe(true)
    expect((await server.call('POST', `${path}/concurrency_status`)).body).toEqual({
      active_slots: 0,
      concurrency_limit: null,
      flow_runs: [],
      count: 0,
      limit: 200,
      pages: 0,
      page: 1,
    })
    expect((await server.call('PATCH', path, { concurrency_limit: 3 })).status).toBe(204)
    expect((await server.call('DELETE', path)).status).toBe(204)
    expect((await server.call('GET', path)).status).toBe(404)
  })
})

describe('polling for work', () => {
  it('gives due runs by the priority of their queue and by their time, and claims nothing', async () => {
    await makePool()
    await makeQueue('urgent', { priority: 1 })
    const [urgent, normal] = [await queueId('urgent'), await queueId('default')]
    const late = await makeRun({ queueId: normal, dueInMs: -2_000 })
    const later = await makeRun({ queueId: normal, dueInMs: -1_000 })
    const first = await makeRun({ queueId: urgent })
    const future = await makeRun({ queueId: urgent, dueInMs: 60_000 })
    await makeRun({ queueId: urgent, retryType: 'in_process' })
    const before = { scheduled_before: '2026-01-01T00:00:10Z' }
    expect(await dueIds(before)).toEqual([first, late, later])
    expect(await dueIds(before)).toEqual([first, late, later])
    expect(await dueIds()).toEqual([first, future, late, later])
    expect(await dueIds({ ...before, work_queue_names: ['default'] })).toEqual([late, later])
    expect(await dueIds({ ...before, limit: 2 })).toEqual([first, late])
    expect(await dueIds({ scheduled_after: '2026-01-01T00:00:10Z' })).toEqual([future])
    const { body } = await server.call('POST', '/work_pools/pool/get_scheduled_flow_runs', before)
    expect(body[0]).toMatchObject({ work_queue_id: urgent, flow_run: { state_type: 'SCHEDULED', work_queue_id: urgent } })
    expect((await server.call('GET', `/flow_runs/${late}`)).body).toMatchObject({ work_queue_name: 'default', work_pool_name: 'pool' })
  })

  it('leaves room for what runs already, in the queue and in the pool', async () => {
    await makePool()
    const normal = await queueId('default')
    const [one, two, three] = [await makeRun({ queueId: normal }), await makeRun({ queueId: normal }), await makeRun({ queueId: normal })]
    await server.call('PATCH', '/work_pools/pool/queues/default', { concurrency_limit: 2 })
    expect(await dueIds()).toEqual([one, two])
    await server.call('POST', `/flow_runs/${one}/set_state`, { state: { type: 'PENDING' } })
    expect(await dueIds()).toEqual([two])
    await server.call('PATCH', '/work_pools/pool', { concurrency_limit: 1 })
    expect(await dueIds()).toEqual([])
    expect((await server.call('GET', '/work_pools/pool')).body.active_slots).toBe(1)
    expect((await server.call('GET', '/work_pools/pool/queues/default')).body.active_slots).toBe(1)
    const status = await server.call('POST', '/work_pools/pool/concurrency_status', {})
    expect(status.body).toMatchObject({
      active_slots: 1,
      concurrency_limit: 1,
      queues: [
        {
          queue_name: 'default',
          active_slots: 1,
          concurrency_limit: 2,
          flow_run_count: 1,
          flow_runs: [{ id: one, state_type: 'PENDING' }],
        },
      ],
      count: 1,
      pages: 1,
    })
    await server.call('PATCH', '/work_pools/pool', { concurrency_limit: null })
    await server.call('PATCH', '/work_pools/pool/queues/default', { concurrency_limit: null })
    expect(await dueIds()).toEqual([two, three])
  })

  it('gives nothing of what is paused', async () => {
    await makePool()
    await makeQueue('other')
    const [other, normal] = [await queueId('other'), await queueId('default')]
    await makeRun({ queueId: other })
    const run = await makeRun({ queueId: normal })
    await server.call('PATCH', '/work_pools/pool/queues/other', { is_paused: true })
    expect(await dueIds()).toEqual([run])
    await server.call('PATCH', '/work_pools/pool', { is_paused: true })
    expect(await dueIds()).toEqual([])
  })

  it('makes the asked queues ready until nobody asks for a minute', async () => {
    await makePool()
    await makeQueue('other')
    await dueIds({ work_queue_names: ['default'] })
    await dueIds({ work_queue_names: ['default'] })
    const status = async (name: string) => (await server.call('GET', `/work_pools/pool/queues/${name}`)).body.status
    expect([await status('default'), await status('other')]).toEqual(['READY', 'NOT_READY'])
    server.clock.advance(59_000)
    expect(await server.orchestrator.workers.sweep()).toBe(0)
    server.clock.advance(2_000)
    expect(await server.orchestrator.workers.sweep()).toBe(1)
    expect(await status('default')).toBe('NOT_READY')
    expect(eventNames().filter((name) => name.endsWith('ready'))).toEqual(['prefect.work-queue.ready', 'prefect.work-queue.not-ready'])
  })

  it('finds runs of a deleted queue no more, and they stay', async () => {
    await makePool()
    await makeQueue('other')
    const run = await makeRun({ queueId: await queueId('other') })
    await server.call('DELETE', '/work_pools/pool/queues/other')
    expect(await dueIds()).toEqual([])
    expect((await server.call('GET', `/flow_runs/${run}`)).body).toMatchObject({ work_queue_id: null, work_queue_name: null })
  })
})

describe('workers', () => {
  const list = async (filter?: unknown) =>
    (await server.call('POST', '/work_pools/pool/workers/filter', filter === undefined ? {} : { workers: filter })).body

  it('are shown with the program that they say they are, also while they ask for runs', async () => {
    await makePool()
    const agent = { 'User-Agent': 'prefect/3.4.1 (API 0.8.4)' }
    await server.call('POST', '/work_pools/pool/workers/heartbeat', { name: 'one' }, agent)
    await server.call('POST', '/work_pools/pool/claim', { worker: 'one' })
    await server.call('POST', '/work_pools/pool/claim', { worker: 'two' })

    expect(await list()).toMatchObject([
      { name: 'one', tutti_version: 'prefect/3.4.1' },
      { name: 'two', tutti_version: null },
    ])
  })

  it('make their pool ready by their heartbeat, and are offline when silent', async () => {
    await makePool()
    const beat = (name: string, body = {}) => server.call('POST', '/work_pools/pool/workers/heartbeat', { name, ...body })
    expect((await beat('one', { heartbeat_interval_seconds: 10 })).status).toBe(204)
    server.clock.advance(1_000)
    expect((await beat('two', { metadata: { a: 1 }, return_id: true })).status).toBe(204)
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('READY')
    expect(await list()).toMatchObject([
      { name: 'two', status: 'ONLINE', heartbeat_interval_seconds: null },
      { name: 'one', status: 'ONLINE', heartbeat_interval_seconds: 10 },
    ])
    server.clock.advance(30_000)
    expect(await list({ status: { any_: ['OFFLINE'] } })).toMatchObject([{ name: 'one' }])
    expect(await list({ status: { not_any_: ['OFFLINE'] } })).toMatchObject([{ name: 'two' }])
    expect(await list({ last_heartbeat_time: { before_: '2026-01-01T00:00:00.5Z' } })).toMatchObject([{ name: 'one' }])
    expect(
      await list({ operator: 'or_', status: { any_: ['OFFLINE'] }, last_heartbeat_time: { after_: '2026-01-01T00:00:01Z' } }),
    ).toHaveLength(2)
    expect(await server.orchestrator.workers.sweep()).toBe(1)
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('READY')
    server.clock.advance(60_000)
    expect(await server.orchestrator.workers.sweep()).toBe(2)
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('NOT_READY')
    await beat('one', { heartbeat_interval_seconds: 10 })
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('READY')
    expect((await server.call('DELETE', '/work_pools/pool/workers/one')).status).toBe(204)
    expect(await list()).toHaveLength(1)
    expect(eventNames().filter((name) => name.startsWith('prefect.work-pool'))).toEqual([
      'prefect.work-pool.created',
      'prefect.work-pool.ready',
      'prefect.work-pool.not-ready',
      'prefect.work-pool.ready',
    ])
  })

  it('decide what a pool is after its pause', async () => {
    await makePool()
    await server.call('POST', '/work_pools/pool/workers/heartbeat', { name: 'one' })
    await server.call('PATCH', '/work_pools/pool', { is_paused: true })
    await server.call('POST', '/work_pools/pool/workers/heartbeat', { name: 'one' })
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('PAUSED')
    await server.call('PATCH', '/work_pools/pool', { is_paused: false })
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('READY')
  })
})

describe('the catalogue', () => {
  it('has the kinds of workers, and knows no other views', async () => {
    const { body } = await server.call('GET', '/collections/views/aggregate-worker-metadata')
    const template = body.prefect.process.default_base_job_configuration
    expect(Object.keys(template.variables.properties)).toEqual(['name', 'env', 'labels', 'command', 'stream_output', 'working_dir'])
    expect((await makePool({ base_job_template: template })).status).toBe(201)
    expect((await server.call('GET', '/collections/views/demo-flows')).body).toEqual({})
    expect((await server.call('GET', '/collections/views/toString')).status).toBe(404)
  })
})
