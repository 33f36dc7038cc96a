import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let flowId: string

beforeEach(async () => {
  server = await openServer()
  flowId = (await send('POST', '/flows/', { name: 'etl', labels: { team: 'data' } })).body.id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

function deploy(body: object = {}): Promise<Answer> {
  return send('POST', '/deployments/', { flow_id: flowId, name: 'prod', ...body })
}

const daily = { schedule: { cron: '0 5 * * *', timezone: 'UTC' } }
const SCHEMA = {
  type: 'object',
  properties: { month: { type: 'integer', minimum: 1, maximum: 12 }, colour: { type: 'string', enum: ['green', 'yellow'] } },
  required: ['month'],
}

describe('a deployment', () => {
  test('is made once for a flow and a name, and written anew after that', async () => {
    const first = await deploy({ description: 'one', tags: ['a'], parameters: { x: 1.5 }, schedules: [daily] })
    const second = await deploy({ tags: ['b'], schedules: [] })

    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toMatchObject({ id: first.body.id, description: 'one', tags: ['b'], parameters: { x: 1.5 }, schedules: [] })
    expect((await send('GET', '/deployments/name/etl/prod')).body.id).toBe(first.body.id)
  })

  test('keeps parameters as they were spelled', async () => {
    const { text } = await send('POST', '/deployments/', `{"flow_id":"${flowId}","name":"p","parameters":{"rate":1.0}}`)

    expect(text).toContain('"parameters":{"rate":1.0}')
  })

  test('changes what a request names, and tells of it', async () => {
    const { id } = (await deploy({ description: 'one', version: 'v1' })).body
    expect((await send('PATCH', `/deployments/${id}`, { description: null, paused: true })).status).toBe(204)

    expect((await send('GET', `/deployments/${id}`)).body).toMatchObject({ description: null, paused: true, version: 'v1' })
    const { events } = (await send('POST', '/events/filter', { filter: { event: { name: ['prefect.deployment.updated'] } } })).body
    expect(events).toMatchObject([
      {
        resource: { 'prefect.resource.id': `prefect.deployment.${id}` },
        payload: {
          updated_fields: ['description', 'paused'],
          updates: { description: { from: 'one', to: null }, paused: { from: false, to: true } },
        },
      },
    ])
  })

  test('may send keys of older clients, but no others', async () => {
    expect((await deploy({ worker_pool_name: 'x' })).status).toBe(201)
    expect((await deploy({ colour: 'x' })).status).toBe(422)
  })

  test('in a pool gets a queue of it, made when it is missing', async () => {
    await send('POST', '/work_pools/', { name: 'local', type: 'process' })

    expect((await deploy({ work_pool_name: 'local' })).body).toMatchObject({ work_pool_name: 'local', work_queue_name: 'default' })
    expect((await deploy({ work_pool_name: 'local', work_queue_name: 'urgent' })).body).toMatchObject({ work_queue_name: 'urgent' })
    expect((await deploy({ work_pool_name: 'nowhere' })).status).toBe(404)
  })

  test('has the label of its flow, and no steps when it was given none', async () => {
    const { body } = await deploy({ labels: { team: 'data' } })

    expect(body).toMatchObject({ labels: { team: 'data', 'prefect.flow.id': body.flow_id }, pull_steps: [] })
  })

  test('has a limit of its own, until it has none', async () => {
    const { id, global_concurrency_limit: limit } = (await deploy({ concurrency_limit: 2 })).body
    await send('PATCH', `/deployments/${id}`, { concurrency_limit: null })

    expect(limit).toMatchObject({ name: `deployment:${id}`, limit: 2, active_slots: 0 })
    expect((await send('GET', `/deployments/${id}`)).body.global_concurrency_limit).toBeNull()
    expect((await send('GET', `/v2/concurrency_limits/deployment:${id}`)).status).toBe(404)
  })

  test('with parameters that do not fit its schema is refused', async () => {
    expect((await deploy({ parameter_openapi_schema: SCHEMA, parameters: { month: 13 } })).status).toBe(422)
    const { id } = (await deploy({ parameter_openapi_schema: SCHEMA })).body
    expect((await send('PATCH', `/deployments/${id}`, { parameters: { colour: 'blue' } })).status).toBe(409)
  })

  test('is found, counted and deleted', async () => {
    const { id } = (await deploy({ tags: ['x'] })).body
    await deploy({ name: 'dev' })

    expect((await send('POST', '/deployments/filter', { deployments: { tags: { all_: ['x'] } } })).body).toMatchObject([{ name: 'prod' }])
    expect((await send('POST', '/deployments/filter', { deployments: { flow_or_deployment_name: { like_: 'et' } } })).body).toHaveLength(2)
    expect((await send('POST', '/deployments/count', { flows: { name: { any_: ['etl'] } } })).body).toBe(2)
    expect((await send('POST', '/flows/filter', { deployments: { name: { any_: ['dev'] } } })).body).toMatchObject([{ name: 'etl' }])
    expect((await send('DELETE', `/deployments/${id}`)).status).toBe(204)
    expect((await send('GET', `/deployments/${id}`)).status).toBe(404)
  })
})

describe('a run of a deployment', () => {
  test('has its defaults, overlaid with what is asked for', async () => {
    const { id } = (await deploy({ tags: ['a'], parameters: { month: 1, colour: 'green' }, labels: { region: 'eu' }, version: 'v2' })).body
    const { status, body } = await send('POST', `/deployments/${id}/create_flow_run`, { parameters: { month: 2 }, tags: ['b'] })

    expect(status).toBe(201)
    expect(body).toMatchObject({
      deployment_id: id,
      deployment_version: 'v2',
      parameters: { month: 2, colour: 'green' },
      tags: ['a', 'b'],
      state_type: 'SCHEDULED',
      labels: { region: 'eu', 'prefect.flow.id': flowId, 'prefect.deployment.id': id },
    })
  })

  test('whose parameters do not fit is refused', async () => {
    const { id } = (await deploy({ parameter_openapi_schema: SCHEMA })).body
    const refused = await send('POST', `/deployments/${id}/create_flow_run`, { parameters: { colour: 'green' } })

    expect(refused.status).toBe(409)
    expect(refused.body.detail).toContain('Error creating flow run')
    expect(
      (await send('POST', `/deployments/${id}/create_flow_run`, { parameters: { month: 'x' }, enforce_parameter_schema: false })).status,
    ).toBe(201)
  })

  test('whose job variables do not fit its pool is refused, also when they are missing', async () => {
    const variables = { type: 'object', properties: { memory: { type: 'integer' } }, required: ['memory'] }
    const template = { job_configuration: { memory: '{{ memory }}' }, variables }
    await send('POST', '/work_pools/', { name: 'big', type: 'process', base_job_template: template })
    const { id } = (await deploy({ work_pool_name: 'big' })).body
    const run = async (body: object): Promise<number> => (await send('POST', `/deployments/${id}/create_flow_run`, body)).status

    expect(await run({})).toBe(422)
    expect(await run({ job_variables: { memory: 'much' } })).toBe(422)
    expect(await run({ job_variables: { memory: 8 } })).toBe(201)
  })

  test('takes other job variables as long as it waits and its deployment is there, if they fit its pool', async () => {
    const variables = { type: 'object', properties: { memory: { type: 'integer' } } }
    const template = { job_configuration: { memory: '{{ memory }}' }, variables }
    await send('POST', '/work_pools/', { name: 'big', type: 'process', base_job_template: template })
    const { id } = (await deploy({ work_pool_name: 'big' })).body
    const made = (await send('POST', `/deployments/${id}/create_flow_run`)).body.id
    const change = async (job_variables: object): Promise<number> => (await send('PATCH', `/flow_runs/${made}`, { job_variables })).status

    expect(await change({ memory: 'much' })).toBe(422)
    expect(await change({ memory: 8 })).toBe(204)
    expect((await send('GET', `/flow_runs/${made}`)).body.job_variables).toEqual({ memory: 8 })
    await send('DELETE', `/deployments/${id}`)
    expect(await change({ memory: 9 })).toBe(400)
  })

  test('resolves values that stand for others', async () => {
    await send('POST', '/variables/', { name: 'colour', value: 'green' })
    const { id } = (await deploy()).body
    const parameters = {
      a: { __prefect_kind: 'json', value: '{"x":1.0}' },
      b: { __prefect_kind: 'workspace_variable', variable_name: 'colour' },
      c: { __prefect_kind: 'jinja', template: 'a {{ colour }} one' },
      d: { __prefect_kind: 'none', value: 5 },
    }

    const { text } = await send('POST', `/deployments/${id}/create_flow_run`, { parameters })

    expect(text).toContain('"parameters":{"a":{"x":1.0},"b":"green","c":"a green one","d":5}')
    expect(
      (
        await send('POST', `/deployments/${id}/create_flow_run`, {
          parameters: { a: { __prefect_kind: 'workspace_variable', variable_name: 'gone' } },
        })
      ).status,
    ).toBe(400)
  })

  test('made many at once tells which could not be made', async () => {
    const { id } = (await deploy({ parameter_openapi_schema: SCHEMA })).body
    const { body } = await send('POST', `/deployments/${id}/create_flow_run/bulk`, [
      { parameters: { month: 1 } },
      { parameters: { month: 99 } },
    ])

    expect(body.results).toMatchObject([
      { status: 'CREATED', error: null },
      { status: 'FAILED', flow_run_id: null },
    ])
  })

  test('that is due is given to who asks, and the deployment is ready', async () => {
    const { id } = (await deploy()).body
    const made = (await send('POST', `/deployments/${id}/create_flow_run`)).body
    await send('POST', `/deployments/${id}/create_flow_run`, {
      state: { type: 'SCHEDULED', state_details: { scheduled_time: '2027-01-01T00:00:00Z' } },
    })
    const { body } = await send('POST', '/deployments/get_scheduled_flow_runs', {
      deployment_ids: [id],
      scheduled_before: '2026-06-01T00:00:00Z',
    })

    expect(body.map((run: { id: string }) => run.id)).toEqual([made.id])
    expect((await send('GET', `/deployments/${id}`)).body.status).toBe('READY')
  })

  test('waits for a slot of the deployment’s limit', async () => {
    const { id } = (await deploy({ concurrency_limit: 1 })).body
    const make = async (): Promise<string> => (await send('POST', `/deployments/${id}/create_flow_run`)).body.id
    const set = (run: string, type: string): Promise<Answer> =>
      server.call('POST', `/flow_runs/${run}/set_state`, { state: { type } }, { 'user-agent': 'prefect/3.8.3 (API 0.8.4)' })
    const [first, second] = [await make(), await make()]

    expect((await set(first, 'PENDING')).body.status).toBe('ACCEPT')
    expect((await set(second, 'PENDING')).body).toMatchObject({ status: 'REJECT', state: { name: 'AwaitingConcurrencySlot' } })
    await set(first, 'RUNNING')
    await set(first, 'COMPLETED')
    expect((await set(second, 'PENDING')).body.status).toBe('ACCEPT')
  })

  describe('whose slot nobody renewed', () => {
    const NEW = 'prefect/3.8.3 (API 0.8.4)'
    const OLD = 'prefect/3.4.0 (API 0.8.4)'
    const GRACE_MS = 300_000
    let id: string
    let limitId: string

    beforeEach(async () => {
      const { body } = await deploy({ concurrency_limit: 1 })
      id = body.id
      limitId = body.global_concurrency_limit.id
    })

    async function make(): Promise<string> {
      return (await send('POST', `/deployments/${id}/create_flow_run`)).body.id
    }
    async function set(run: string, type: string, client = NEW): Promise<Answer['body']> {
      return (await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type } }, { 'user-agent': client })).body
    }
    async function taken(): Promise<number> {
      return (await send('GET', `/v2/concurrency_limits/${limitId}`)).body.active_slots
    }

    test('is cancelled when another run has it by now, and takes nothing from that one', async () => {
      const [first, second] = [await make(), await make()]
      await set(first, 'PENDING')
      server.clock.advance(GRACE_MS)
      await server.orchestrator.concurrency.repossess(10)
      await set(second, 'PENDING')

      expect(await set(first, 'RUNNING')).toMatchObject({ status: 'REJECT', state: { type: 'CANCELLED' } })
      expect(await taken()).toBe(1)
    })

    test('and ends while another run has it takes nothing from that one', async () => {
      const [first, second] = [await make(), await make()]
      await set(first, 'PENDING')
      await set(first, 'RUNNING')
      server.clock.advance(GRACE_MS)
      await server.orchestrator.concurrency.repossess(10)
      await set(second, 'PENDING')
      await set(first, 'COMPLETED')

      expect(await taken()).toBe(1)
      await set(second, 'RUNNING')
      await set(second, 'COMPLETED')
      expect(await taken()).toBe(0)
    })

    test('goes on when nobody has taken it back yet', async () => {
      const first = await make()
      await set(first, 'PENDING')
      server.clock.advance(GRACE_MS + 1)

      expect((await set(first, 'RUNNING')).status).toBe('ACCEPT')
      await server.orchestrator.concurrency.repossess(10)
      expect(await taken()).toBe(1)
    })

    test('keeps it when its client knows nothing of that', async () => {
      const first = await make()
      await set(first, 'PENDING', OLD)
      await set(first, 'RUNNING', OLD)
      server.clock.advance(100 * GRACE_MS)
      await server.orchestrator.concurrency.repossess(10)

      expect(await taken()).toBe(1)
      await set(first, 'COMPLETED', OLD)
      expect(await taken()).toBe(0)
    })
  })

  test('is cancelled instead, where new ones are not to wait', async () => {
    const { id } = (await deploy({ concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' } })).body
    const make = async (): Promise<string> => (await send('POST', `/deployments/${id}/create_flow_run`)).body.id
    const [first, second] = [await make(), await make()]
    await send('POST', `/flow_runs/${first}/set_state`, { state: { type: 'PENDING' } })

    expect((await send('POST', `/flow_runs/${second}/set_state`, { state: { type: 'PENDING' } })).body.state.type).toBe('CANCELLED')
  })
})

describe('schedules', () => {
  async function ahead(): Promise<readonly string[]> {
    const { body } = await send('POST', '/flow_runs/filter', { sort: 'NEXT_SCHEDULED_START_TIME_ASC' })
    return body.map((run: { next_scheduled_start_time: string }) => run.next_scheduled_start_time)
  }

  test('make runs ahead, each once', async () => {
    const { id } = (await deploy({ schedules: [daily], parameters: { a: 1 } })).body
    await send('POST', `/deployments/${id}/schedule`, {})
    await send('POST', `/deployments/${id}/schedule`, {})

    expect(await ahead()).toEqual(['2026-01-01T05:00:00Z', '2026-01-02T05:00:00Z', '2026-01-03T05:00:00Z'])
    const [run] = (await send('POST', '/flow_runs/filter', { sort: 'NEXT_SCHEDULED_START_TIME_ASC', limit: 1 })).body
    expect(run).toMatchObject({ auto_scheduled: true, tags: ['auto-scheduled'], parameters: { a: 1 }, created_by: { type: 'SCHEDULE' } })
  })

  test('that are changed make their runs anew, and a pause deletes them', async () => {
    const { id, schedules } = (await deploy({ schedules: [daily] })).body
    await send('POST', `/deployments/${id}/schedule`, {})
    await send('PATCH', `/deployments/${id}/schedules/${schedules[0].id}`, {
      schedule: { interval: 3600, anchor_date: '2026-01-01T00:30:00Z' },
    })
    expect(await ahead()).toEqual([])
    await send('POST', `/deployments/${id}/schedule`, {})
    expect((await ahead()).slice(0, 2)).toEqual(['2026-01-01T00:30:00Z', '2026-01-01T01:30:00Z'])

    expect(await send('POST', `/deployments/${id}/pause_deployment`)).toMatchObject({ status: 200, body: null })
    expect(await ahead()).toEqual([])
    await send('POST', `/deployments/${id}/schedule`, {})
    expect(await ahead()).toEqual([])
  })

  test('with slugs are matched by them', async () => {
    const { id, schedules } = (
      await deploy({
        schedules: [
          { ...daily, slug: 'day' },
          { ...daily, slug: 'night' },
        ],
      })
    ).body
    await send('PATCH', `/deployments/${id}`, {
      schedules: [
        { slug: 'night', active: false },
        { slug: 'noon', schedule: { cron: '0 12 * * *' } },
      ],
    })
    const after = (await send('GET', `/deployments/${id}/schedules`)).body

    expect(
      after
        .map((each: { slug: string; active: boolean }) => [each.slug, each.active])
        .toSorted((a: string[], b: string[]) => (a[0]! < b[0]! ? -1 : 1)),
    ).toEqual([
      ['day', true],
      ['night', false],
      ['noon', true],
    ])
    expect(schedules).toHaveLength(2)
    expect((await send('PATCH', `/deployments/${id}`, { schedules: [daily] })).status).toBe(422)
  })

  test('with slugs are renamed by a request that names the former slug, however often it comes', async () => {
    const { id, schedules } = (await deploy({ schedules: [{ ...daily, slug: 'day' }] })).body
    const rename = async (more: object = {}): Promise<number> =>
      (await send('PATCH', `/deployments/${id}`, { schedules: [{ ...daily, slug: 'noon', replaces: 'day', ...more }] })).status

    expect([await rename(), await rename({ active: false })]).toEqual([204, 204])
    expect((await send('GET', `/deployments/${id}/schedules`)).body).toMatchObject([{ id: schedules[0].id, slug: 'noon', active: false }])
  })

  test('with slugs are not renamed to a slug that another has, nor is one replaced twice', async () => {
    const slugs = (...all: object[]): object => ({ schedules: all.map((each) => ({ ...daily, ...each })) })
    const { id } = (await deploy(slugs({ slug: 'day' }, { slug: 'night' }))).body
    const change = async (...all: object[]): Promise<number> => (await send('PATCH', `/deployments/${id}`, slugs(...all))).status

    expect(await change({ slug: 'night', replaces: 'day' })).toBe(422)
    expect(await change({ slug: 'noon', replaces: 'day' }, { slug: 'dawn', replaces: 'day' })).toBe(422)
  })

  test('of which some have no slug are replaced all together', async () => {
    const { id } = (await deploy({ schedules: [daily, { ...daily, slug: 'day' }] })).body

    expect((await send('PATCH', `/deployments/${id}`, { schedules: [daily] })).status).toBe(204)
    expect((await send('GET', `/deployments/${id}/schedules`)).body).toMatchObject([{ slug: null }])
  })

  test.each([
    [{ cron: 'every day' }, 422],
    [{ cron: '0 5 * * *', timezone: 'Europe/Atlantis' }, 422],
    [{ interval: 0 }, 422],
    [{ rrule: 'FREQ=DAILY' }, 201],
    [{ interval: 'PT1H' }, 201],
  ])('%j is answered with %i', async (schedule, status) => {
    const { id } = (await deploy()).body

    expect((await send('POST', `/deployments/${id}/schedules`, [{ schedule }])).status).toBe(status)
  })

  test('of one slug are unique', async () => {
    const { id } = (await deploy({ schedules: [{ ...daily, slug: 'day' }] })).body

    expect((await send('POST', `/deployments/${id}/schedules`, [{ ...daily, slug: 'day' }])).status).toBe(409)
  })
})
