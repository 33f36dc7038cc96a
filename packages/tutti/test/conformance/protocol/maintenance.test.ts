import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer
let deployment: string

beforeEach(async () => {
  server = await openServer()
  for (const name of ['pool', 'other']) await server.call('POST', '/work_pools/', { name, type: 'process' })
  deployment = await deploy('nightly', 'pool')
})
afterEach(() => server.close())

async function deploy(name: string, pool: string | null, more: object = {}): Promise<string> {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  return (await server.call('POST', '/deployments/', { flow_id: flow.id, name, work_pool_name: pool, ...more })).body.id
}

async function makeRun(id: string = deployment): Promise<string> {
  return (await server.call('POST', `/deployments/${id}/create_flow_run`, {})).body.id
}

function claim(pool = 'pool') {
  return server.call('POST', `/work_pools/${pool}/claim`, { worker: 'w1', limit: 10 })
}

async function stateOf(id: string): Promise<{ readonly name: string; readonly message: string | null }> {
  return (await server.call('GET', `/flow_runs/${id}`)).body.state
}

describe('maintenance of the server', () => {
  it('gives nothing to start to anybody, however he asks', async () => {
    const run = await makeRun()
    const served = await deploy('served', null)
    await makeRun(served)
    const { body: queue } = await server.call('GET', '/work_pools/pool/queues/default')
    const started = await server.call('PUT', '/maintenance', { message: 'new disks' })

    expect(started).toMatchObject({ status: 200, body: { scope: 'server', message: 'new disks', work_pool_id: null } })
    expect((await claim()).body).toEqual([])
    expect((await server.call('POST', '/deployments/claim', { worker: 'w1', deployment_ids: [served] })).body).toEqual([])
    expect((await server.call('POST', '/work_pools/pool/get_scheduled_flow_runs', {})).body).toEqual([])
    expect((await server.call('POST', '/deployments/get_scheduled_flow_runs', { deployment_ids: [served, deployment] })).body).toEqual([])
    expect((await server.call('POST', `/work_queues/${queue.id}/get_runs`, {})).body).toEqual([])
    expect((await stateOf(run)).name).toBe('Scheduled')
  })

  it('goes on as it was, and leaves pauses alone', async () => {
    const run = await makeRun()
    await server.call('PATCH', '/work_pools/other', { is_paused: true })
    await server.call('PUT', '/maintenance')
    const ended = await server.call('DELETE', '/maintenance')

    expect(ended.body).toEqual({ was_on: true, skipped: 0 })
    expect((await server.call('DELETE', '/maintenance')).body).toEqual({ was_on: false, skipped: 0 })
    expect((await server.call('GET', '/work_pools/other')).body.is_paused).toBe(true)
    expect((await claim()).body).toMatchObject([{ flow_run: { id: run } }])
  })

  it('lets runs that are under way end, and tells of them', async () => {
    const run = await makeRun()
    await claim()
    await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type: 'RUNNING' } })
    await server.call('PUT', '/maintenance')

    expect((await server.call('GET', '/maintenance')).body).toMatchObject({ running: 1, runs: [{ flow_run_id: run }] })
    await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type: 'COMPLETED' } })
    expect((await server.call('GET', '/maintenance')).body).toMatchObject({ modes: [{ scope: 'server' }], running: 0, runs: [] })
  })

  it('keeps its beginning when somebody else says it again, and is told as events', async () => {
    const { body: first } = await server.call('PUT', '/maintenance', { message: 'disks' })
    server.clock.advance(5_000)
    const { body: again } = await server.call('PUT', '/maintenance', { message: 'disks, and memory' })
    await server.call('DELETE', '/maintenance')

    expect([again.started, again.message]).toEqual([first.started, 'disks, and memory'])
    const names = server.told.flatMap((told) => (told.type === 'event' ? [told.event.name] : []))
    expect(names.filter((name) => name.startsWith('tutti.maintenance'))).toEqual([
      'tutti.maintenance.started',
      'tutti.maintenance.changed',
      'tutti.maintenance.ended',
    ])
  })

  it('wakes workers that wait when it ends', async () => {
    await makeRun()
    await server.call('PUT', '/maintenance')
    const waiting = server.call('POST', '/work_pools/pool/claim', { worker: 'w1', wait_seconds: 30 })
    while (server.wake.listeners === 0) await nextTurn()
    await server.call('DELETE', '/maintenance')

    expect((await waiting).body).toHaveLength(1)
  })
})

describe('maintenance of a pool', () => {
  it('holds back what is of that pool, and nothing else', async () => {
    const elsewhere = await deploy('elsewhere', 'other')
    await makeRun()
    const run = await makeRun(elsewhere)
    await server.call('PUT', '/maintenance', { work_pool: 'pool' })

    expect((await claim('pool')).body).toEqual([])
    expect((await claim('other')).body).toMatchObject([{ flow_run: { id: run } }])
    const asked = await server.call('POST', '/deployments/get_scheduled_flow_runs', { deployment_ids: [deployment, elsewhere] })
    expect(asked.body).toEqual([])
    expect((await server.call('GET', '/maintenance?work_pool=other')).body).toMatchObject({ modes: [], running: 1 })
    expect((await server.call('GET', '/maintenance?work_pool=pool')).body).toMatchObject({
      modes: [{ scope: 'pool', work_pool_name: 'pool' }],
      running: 0,
    })
  })

  it('ends with its pool, and is refused for one that is not there', async () => {
    await server.call('PUT', '/maintenance', { work_pool: 'pool' })
    await server.call('DELETE', '/work_pools/pool')

    expect((await server.call('GET', '/maintenance')).body.modes).toEqual([])
    expect((await server.call('PUT', '/maintenance', { work_pool: 'none' })).status).toBe(404)
  })
})

describe('runs of schedules that became due meanwhile', () => {
  async function overdue(): Promise<readonly string[]> {
    const hourly = await deploy('hourly', 'pool', { schedules: [{ schedule: { interval: 3600, anchor_date: '2026-01-01T00:30:00Z' } }] })
    const now = server.clock.now()
    await server.orchestrator.deployments.makeScheduledRuns(hourly, {
      start: now,
      end: now + 10 * 3_600_000_000,
      minTimeS: 36_000,
      minRuns: 6,
      maxRuns: 6,
    })
    await server.call('PUT', '/maintenance')
    server.clock.advance(3 * 3_600_000)
    const { body } = await server.call('POST', '/flow_runs/filter', {
      sort: 'EXPECTED_START_TIME_ASC',
      deployments: { id: { any_: [hourly] } },
    })
    return body.map((run: { readonly id: string }) => run.id)
  }

  it.each([
    ['all', 0, ['Scheduled', 'Scheduled', 'Scheduled', 'Scheduled', 'Scheduled', 'Scheduled']],
    ['latest', 2, ['Skipped', 'Skipped', 'Scheduled', 'Scheduled', 'Scheduled', 'Scheduled']],
    ['none', 3, ['Skipped', 'Skipped', 'Skipped', 'Scheduled', 'Scheduled', 'Scheduled']],
  ])('with catch-up %s %i of three are left out', async (catchUp, skipped, states) => {
    const runs = await overdue()
    const ended = await server.call('DELETE', `/maintenance?catch_up=${catchUp}`)
    const names = []
    for (const id of runs) names.push((await stateOf(id)).name)

    expect(ended.body).toEqual({ was_on: true, skipped })
    expect(names).toEqual(states)
  })

  it('tell why they were left out', async () => {
    const [first = ''] = await overdue()
    await server.call('DELETE', '/maintenance?catch_up=latest')

    const { body } = await server.call('GET', `/flow_runs/${first}`)
    expect(body.state).toMatchObject({
      type: 'CANCELLED',
      name: 'Skipped',
      message: expect.stringContaining('a newer run of its schedule was kept'),
    })
  })

  it('that somebody made by hand start all the same', async () => {
    await server.call('PUT', '/maintenance')
    const run = await makeRun()
    server.clock.advance(60_000)
    await server.call('DELETE', '/maintenance?catch_up=none')

    expect((await stateOf(run)).name).toBe('Scheduled')
  })
})
