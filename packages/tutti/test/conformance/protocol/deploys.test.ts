import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

const nightly = { slug: 'nightly', schedule: { cron: '0 5 * * *', timezone: 'UTC' } }
const etl = { flow_name: 'etl', name: 'prod', entrypoint: 'flows.ts:etl', path: '/code', schedules: [nightly] }

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

function deploy(deployments: readonly object[], rest: object = {}): Promise<Answer> {
  return send('PUT', '/deployments/deploy', { deployments, ...rest })
}

async function made(...deployments: readonly object[]): Promise<string> {
  return (await deploy(deployments)).body[0].id
}

const named = async (name: string): Promise<Answer> => send('GET', `/deployments/name/etl/${name}`)

describe('a deploy', () => {
  test('makes flow and deployment, and says what it made', async () => {
    const { status, body } = await deploy([etl])

    expect(status).toBe(200)
    expect(body).toMatchObject([{ flow_name: 'etl', name: 'prod', change: 'added', version_number: 1 }])
    expect((await named('prod')).body).toMatchObject({ id: body[0].id, entrypoint: 'flows.ts:etl', version: '1' })
  })

  test('of what is there already writes nothing: schedules keep their ids, and runs made ahead stay', async () => {
    const id = await made(etl)
    await send('POST', `/deployments/${id}/schedule`)
    const before = (await named('prod')).body
    const runs = (await send('POST', '/flow_runs/filter', {})).body
    server.clock.advance(60_000)
    const { body } = await deploy([etl])

    expect(body).toMatchObject([{ change: 'unchanged', fields: [], version_number: 1 }])
    expect((await named('prod')).body).toEqual(before)
    expect((await send('POST', '/flow_runs/filter', {})).body.map(({ id: run }: { id: string }) => run)).toEqual(
      runs.map(({ id: run }: { id: string }) => run),
    )
  })

  test('that changes one schedule keeps what it is known by, and takes away what the code does not have', async () => {
    const weekly = { slug: 'weekly', schedule: { cron: '0 5 * * 1', timezone: 'UTC' } }
    await made({ ...etl, schedules: [nightly, weekly] })
    const before = (await named('prod')).body.schedules.find(({ slug }: { slug: string }) => slug === 'nightly')
    await deploy([{ ...etl, schedules: [{ ...nightly, schedule: { cron: '0 6 * * *', timezone: 'UTC' } }] }])

    expect((await named('prod')).body.schedules).toMatchObject([{ id: before.id, slug: 'nightly', schedule: { cron: '0 6 * * *' } }])
  })

  test('leaves a deployment paused that somebody has paused', async () => {
    const id = await made(etl)
    await send('POST', `/deployments/${id}/pause_deployment`)
    await deploy([{ ...etl, tags: ['x'] }])

    expect((await named('prod')).body).toMatchObject({ paused: true, tags: ['x'] })
  })

  test('is whole or not at all, and names the deployment that cannot be', async () => {
    const { status, body } = await deploy([etl, { flow_name: 'etl', name: 'far', work_pool_name: 'nowhere' }])

    expect(status).toBe(404)
    expect(body.detail).toContain('deployment etl/far')
    expect((await named('prod')).status).toBe(404)
  })

  test('is refused when parameters do not fit, with the deployment, the schedule and the field', async () => {
    const schema = { type: 'object', properties: { day: { type: 'integer' } } }
    const wrong = { ...etl, parameter_openapi_schema: schema, schedules: [{ ...nightly, parameters: { day: 'x' } }] }
    const { status, body } = await deploy([wrong])

    expect(status).toBe(422)
    expect(JSON.stringify(body)).toMatch(/etl\/prod.*nightly.*day/)
  })
})

describe('a plan', () => {
  test('says what a deploy would do, and changes nothing', async () => {
    await made(etl)
    const { body } = await send('POST', '/deployments/plan', {
      deployments: [
        { ...etl, tags: ['x'] },
        { flow_name: 'other', name: 'new' },
      ],
    })

    expect(body).toMatchObject([
      { name: 'prod', change: 'changed', fields: [{ field: 'tags', was: [], now: ['x'] }] },
      { name: 'new', change: 'added' },
    ])
    expect((await named('prod')).body.tags).toEqual([])
    expect((await send('GET', '/flows/name/other')).status).toBe(404)
  })

  test('tells of schedules whose stored parameters a new schema refuses', async () => {
    const old = { ...etl, schedules: [{ ...nightly, parameters: { day: 'x' } }] }
    await made(old)
    const schema = { type: 'object', properties: { day: { type: 'integer' } } }
    const { body } = await send('POST', '/deployments/plan', { deployments: [{ ...old, parameter_openapi_schema: schema }] })

    expect(body[0].misfits).toMatchObject([{ schedule: 'nightly' }])
  })
})

describe('deployments that the code of a project does not have any more', () => {
  const dev = { ...etl, name: 'dev', schedules: [] }

  beforeEach(async () => {
    await deploy([etl, dev], { project: 'shop' })
    await deploy([{ ...etl, name: 'foreign' }], { project: 'other' })
  })

  test('stay unless pruning is asked for, and then only those of the project go', async () => {
    expect((await deploy([etl], { project: 'shop' })).body).toMatchObject([{ change: 'unchanged' }])
    expect((await named('dev')).status).toBe(200)
    const { body } = await deploy([etl], { project: 'shop', prune: true })

    expect(body).toMatchObject([
      { name: 'prod', change: 'unchanged' },
      { name: 'dev', change: 'removed' },
    ])
    expect((await named('dev')).status).toBe(404)
    expect((await named('foreign')).status).toBe(200)
  })

  test('are in no list, make no runs, and come back when they are restored', async () => {
    const { id } = (await named('prod')).body
    await send('POST', `/deployments/${id}/schedule`)
    await deploy([dev], { project: 'shop', prune: true })

    expect((await send('POST', '/deployments/filter', {})).body.map(({ name }: { name: string }) => name)).toEqual(['dev', 'foreign'])
    expect((await send('POST', '/deployments/count', {})).body).toBe(2)
    expect((await send('POST', '/flows/filter', { deployments: { name: { any_: ['prod'] } } })).body).toEqual([])
    expect((await send('POST', '/flow_runs/filter', {})).body).toEqual([])
    expect(await server.orchestrator.deployments.needingRuns(10, null)).not.toContain(id)
    expect((await send('POST', `/deployments/${id}/create_flow_run`, {})).status).toBe(404)
    expect((await send('POST', '/deployments/put_aside/filter')).body).toMatchObject([{ id }])

    expect((await send('POST', `/deployments/${id}/restore`)).body).toMatchObject({ id, schedules: [{ slug: 'nightly' }] })
    expect((await named('prod')).status).toBe(200)
    expect((await send('POST', `/deployments/${id}/restore`)).status).toBe(409)
  })

  test('are deleted for good after seven days', async () => {
    await deploy([etl], { project: 'shop', prune: true })
    server.clock.advance(7 * 86_400_000 - 1_000)
    expect(await server.orchestrator.deployments.deletePutAside(10)).toBe(0)
    server.clock.advance(1_000)

    expect(await server.orchestrator.deployments.deletePutAside(10)).toBe(1)
    expect((await send('POST', '/deployments/put_aside/filter')).body).toEqual([])
  })

  test('come back as themselves when the code has them again, or when a client makes one of that name', async () => {
    const { id } = (await named('dev')).body
    await deploy([etl], { project: 'shop', prune: true })
    expect((await deploy([etl, dev], { project: 'shop' })).body).toMatchObject([{}, { id, change: 'added' }])

    await deploy([etl], { project: 'shop', prune: true })
    const flow = (await send('GET', '/flows/name/etl')).body.id
    expect((await send('POST', '/deployments/', { flow_id: flow, name: 'dev' })).status).toBe(201)
    expect((await named('dev')).body.id).toBe(id)
  })
})

describe('versions of a deployment', () => {
  const origin = { commit: 'a1b2c3d', branch: 'main', author: 'Ada', dirty: false, repository_url: null }
  const versions = async (id: string): Promise<Answer['body']> => (await send('GET', `/deployments/${id}/versions`)).body

  test('are made by each deploy that changes something, and tell what and from which commit', async () => {
    const id = await made(etl)
    await deploy([etl])
    await deploy([{ ...etl, entrypoint: 'flows.ts:other' }], { origin })

    expect(await versions(id)).toMatchObject([
      {
        number: 2,
        version: '2',
        is_current: true,
        origin,
        changes: [{ field: 'entrypoint', was: 'flows.ts:etl', now: 'flows.ts:other' }],
      },
      { number: 1, version: '1', is_current: false, origin: null },
    ])
  })

  test('are not made by pausing, but by what other clients change', async () => {
    const id = await made(etl)
    await send('PATCH', `/deployments/${id}`, { paused: true })
    expect(await versions(id)).toHaveLength(1)
    await send('PATCH', `/deployments/${id}`, { parameters: { x: 1.0 } })

    expect(await versions(id)).toMatchObject([{ number: 2, changes: [{ field: 'parameters.x', now: 1 }] }, { number: 1 }])
  })

  test('bring back all that a deployment was, without another version', async () => {
    const first = { ...etl, tags: ['a'], parameters: { x: 1.5 }, concurrency_limit: 2, version: 'one' }
    const id = await made(first)
    const before = (await named('prod')).body
    await deploy([{ ...etl, entrypoint: 'other.ts:etl', tags: ['b'], schedules: [], concurrency_limit: null, version: 'two' }])
    const { status, body } = await send('POST', `/deployments/${id}/versions/1/promote`)

    expect(status).toBe(200)
    expect(body).toMatchObject({ id, version: 'one', entrypoint: 'flows.ts:etl', tags: ['a'], parameters: { x: 1.5 } })
    expect(body.global_concurrency_limit).toMatchObject({ limit: 2 })
    expect(body.schedules).toMatchObject([{ slug: 'nightly', schedule: before.schedules[0].schedule }])
    expect((await versions(id)).map(({ number, is_current: is }: { number: number; is_current: boolean }) => [number, is])).toEqual([
      [2, false],
      [1, true],
    ])
    expect((await send('POST', `/deployments/${id}/versions/9/promote`)).status).toBe(404)
  })

  test('are those that runs start with, also when the deployment has changed since', async () => {
    const id = await made({ ...etl, job_variables: { env: { A: '1' } } })
    const { body: run } = await send('POST', `/deployments/${id}/create_flow_run`, { job_variables: { memory: 5 } })
    await deploy([{ ...etl, entrypoint: 'flows.ts:other', path: null, pull_steps: [{ step: {} }] }], { origin })
    const { body: later } = await send('POST', `/deployments/${id}/create_flow_run`, {})

    expect(run.deployment_version).toBe('1')
    expect((await send('GET', `/flow_runs/${run.id}/job`)).body).toEqual({
      entrypoint: 'flows.ts:etl',
      path: '/code',
      pull_steps: [],
      job_variables: { env: { A: '1' }, memory: 5 },
      commit: null,
      version_number: 1,
    })
    expect((await send('GET', `/flow_runs/${later.id}/job`)).body).toMatchObject({
      entrypoint: 'flows.ts:other',
      path: null,
      commit: 'a1b2c3d',
      version_number: 2,
    })
  })
})

describe('a deployment whose limit is reached', () => {
  const limited = (collision: string) => ({
    ...etl,
    schedules: [],
    concurrency_limit: 1,
    concurrency_options: { collision_strategy: collision === 'SKIP' ? 'CANCEL_NEW' : 'ENQUEUE' },
    options: { collision },
  })
  const pending = async (run: string): Promise<Answer['body']> =>
    (await send('POST', `/flow_runs/${run}/set_state`, { state: { type: 'PENDING' } })).body
  const read = async (run: string): Promise<Answer['body']> => (await send('GET', `/flow_runs/${run}`)).body

  async function twoRuns(collision: string): Promise<readonly [string, string]> {
    const id = await made(limited(collision))
    const first = (await send('POST', `/deployments/${id}/create_flow_run`, { name: 'first' })).body.id
    const second = (await send('POST', `/deployments/${id}/create_flow_run`, { name: 'second' })).body.id
    expect(await pending(first)).toMatchObject({ status: 'ACCEPT' })
    return [first, second]
  }

  test('shows clients of the protocol what is nearest to its strategy', async () => {
    await made(limited('CANCEL_RUNNING'))

    expect((await named('prod')).body).toMatchObject({
      concurrency_options: { collision_strategy: 'ENQUEUE' },
      options: { collision: 'CANCEL_RUNNING' },
    })
    const { id } = (await named('prod')).body
    await send('PATCH', `/deployments/${id}`, { concurrency_options: { collision_strategy: 'CANCEL_NEW' } })
    expect((await named('prod')).body.options).toMatchObject({ collision: 'CANCEL_NEW' })
  })

  test('skips new runs, each with the run that was in its way', async () => {
    const [first, second] = await twoRuns('SKIP')

    expect(await pending(second)).toMatchObject({ status: 'REJECT', state: { type: 'CANCELLED', name: 'Skipped' } })
    expect((await read(second)).state.message).toContain(`flow run first (${first})`)
    expect((await read(first)).state_type).toBe('PENDING')
  })

  test('asks the run under way to end, and the new one has its slot when it has', async () => {
    const [first, second] = await twoRuns('CANCEL_RUNNING')

    expect(await pending(second)).toMatchObject({ status: 'REJECT', state: { name: 'AwaitingConcurrencySlot' } })
    expect(await read(first)).toMatchObject({ state_type: 'CANCELLING', state: { message: expect.stringContaining('second') } })
    await send('POST', `/flow_runs/${first}/set_state`, { state: { type: 'CANCELLED' }, force: true })
    server.clock.advance(2_000)
    expect(await pending(second)).toMatchObject({ status: 'ACCEPT' })
  })
})
