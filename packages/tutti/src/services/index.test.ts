import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from '../../test/conformance/protocol/open-server.ts'
import type { TestServer } from '../../test/conformance/protocol/open-server.ts'
import { serverServices } from './index.ts'
import type { ServerServices, ServiceSettings } from './index.ts'
import { makeRunsAhead } from './scheduler.ts'

const SETTINGS: ServiceSettings = {
  schedulerMs: 60_000,
  lateRunsMs: 5_000,
  statusMs: 15_000,
  cleanupMs: 20_000,
  leasesMs: 15_000,
  rollupsMs: 60_000,
  retentionMs: 3_600_000,
  leaseExpiryMs: 45_000,
  keepFlowRunsDays: 90,
  keepLogsDays: 30,
  keepEventsDays: 7,
}

let server: TestServer
let services: ServerServices
let flowId: string

beforeEach(async () => {
  server = await openServer()
  services = serverServices({ orchestrator: server.orchestrator, clock: server.clock, settings: SETTINGS, holder: 'this server' })
  flowId = (await server.call('POST', '/flows/', { name: 'etl' })).body.id
})
afterEach(() => server.close())

/** One tick of a service, after it has heard of everything so far. */
async function tick(name: string): Promise<boolean> {
  services.tell(server.told.splice(0))
  const service = services.services.find((each) => each.name === name)
  if (service === undefined) throw new Error(`there is no service ${name}`)
  return service.tick(new AbortController().signal)
}

async function states(): Promise<readonly string[]> {
  const { body } = await server.call('POST', '/flow_runs/filter', {})
  return body.map((run: { state_name: string }) => run.state_name)
}

function deploy(body: object = {}): Promise<{ body: { id: string } }> {
  return server.call('POST', '/deployments/', { flow_id: flowId, name: 'prod', ...body })
}

describe('the scheduler', () => {
  test('makes runs ahead, and again only when some have come', async () => {
    await deploy({ schedules: [{ schedule: { interval: 3600, anchor_date: '2026-01-01T00:00:00Z' } }] })
    await tick('scheduler')
    const first = await states()
    await tick('scheduler')

    expect(first.length).toBeGreaterThanOrEqual(3)
    expect(await states()).toEqual(first)
  })

  test('looks at a schedule that was just changed without waiting for its turn', async () => {
    await tick('recent-schedules')
    await deploy({ schedules: [{ schedule: { cron: '0 5 * * *' } }] })
    await tick('recent-schedules')

    expect(await states()).toHaveLength(3)
  })

  test('hears of a change a moment after it was made', async () => {
    await tick('recent-schedules')
    await deploy({ schedules: [{ schedule: { cron: '0 5 * * *' } }] })
    server.clock.advance(3)
    await tick('recent-schedules')

    expect(await states()).toHaveLength(3)
  })

  test('finds those that need runs behind a hundred whose schedules have ended', async () => {
    const ended = { schedule: { rrule: 'DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=1' } }
    for (let made = 0; made < 100; made++) await deploy({ name: `old-${made}`, schedules: [ended] })
    await deploy({ schedules: [{ schedule: { cron: '0 5 * * *' } }] })
    await tick('scheduler')

    expect(await states()).toHaveLength(3)
  })

  test('makes the runs of all others when those of one deployment cannot be made, and tells of it', async () => {
    const schedules = [{ schedule: { cron: '0 5 * * *' } }]
    const broken = (await deploy({ name: 'broken', schedules })).body.id
    await deploy({ schedules })
    const { deployments } = server.orchestrator
    const faulty = {
      ...deployments,
      makeScheduledRuns: (...args: Parameters<typeof deployments.makeScheduledRuns>) =>
        args[0] === broken ? Promise.reject(new Error('no disk')) : deployments.makeScheduledRuns(...args),
    }
    const scheduling = { deployments: faulty, clock: server.clock, updatedSince: null }

    await expect(makeRunsAhead(scheduling, new AbortController().signal)).rejects.toThrow('the runs of 1 deployments could not be made')

    expect(await states()).toHaveLength(3)
  })

  test('makes none for a paused deployment', async () => {
    await deploy({ paused: true, schedules: [{ schedule: { cron: '0 5 * * *' } }] })
    await tick('scheduler')

    expect(await states()).toEqual([])
  })
})

test('a run that nobody has taken 15 seconds after its time is late', async () => {
  const { id } = (await deploy()).body
  await server.call('POST', `/deployments/${id}/create_flow_run`)
  server.clock.advance(14_000)
  await tick('late-runs')
  expect(await states()).toEqual(['Scheduled'])

  server.clock.advance(2_000)
  await tick('late-runs')
  expect(await states()).toEqual(['Late'])
})

test('a pause that runs out ends in Failed', async () => {
  const run = (await server.call('POST', '/flow_runs/', { flow_id: flowId })).body.id
  await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type: 'RUNNING' } })
  await server.call('POST', `/flow_runs/${run}/set_state`, {
    state: { type: 'PAUSED', state_details: { pause_timeout: '2026-01-01T00:01:00Z' } },
  })
  await tick('pause-expiry')
  expect(await states()).toEqual(['Paused'])

  server.clock.advance(61_000)
  await tick('pause-expiry')
  expect(await states()).toEqual(['Failed'])
})

test('a run that has been cancelling for five minutes is cancelled', async () => {
  const run = (await server.call('POST', '/flow_runs/', { flow_id: flowId })).body.id
  await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type: 'RUNNING' } })
  await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type: 'CANCELLING' } })
  server.clock.advance(301_000)
  await tick('cancellations')

  expect(await states()).toEqual(['Cancelled'])
})

test('slots whose lease ran out are given back', async () => {
  await server.call('POST', '/v2/concurrency_limits/', { name: 'db', limit: 1 })
  await server.call('POST', '/v2/concurrency_limits/increment-with-lease', { names: ['db'], slots: 1, lease_duration: 60 })
  server.clock.advance(61_000)
  await tick('concurrency-leases')

  expect((await server.call('GET', '/v2/concurrency_limits/db')).body.active_slots).toBe(0)
})

test('runs of dead processes are recovered only after every holder had one lease to come back', async () => {
  expect(await tick('leases')).toBe(false)
  server.clock.advance(46_000)

  expect(await tick('leases')).toBe(false)
})

test('services with nothing to do ask nothing', async () => {
  await tick('late-runs')
  await tick('pause-expiry')
  const quiet = await Promise.all([tick('late-runs'), tick('pause-expiry'), tick('recent-schedules')])

  expect(quiet).toEqual([false, false, false])
})
