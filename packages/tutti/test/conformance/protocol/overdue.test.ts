// What time does to runs, deployments and events, without anybody asking: the operations of services.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aHolder, aLease, createRecords, SECOND, T0 } from '../records.ts'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})

afterEach(() => server.close())

const minute = 60_000
const services = (): TestServer['orchestrator']['services'] => server.orchestrator.services
const client = { 'user-agent': 'prefect/3.8.3 (API 0.8.4)' }

async function aFlow(): Promise<string> {
  return (await server.call('POST', '/flows/', { name: 'sync' })).body.id
}

async function aDeployment(fields: object = {}): Promise<string> {
  return (await server.call('POST', '/deployments/', { name: 'nightly', flow_id: await aFlow(), ...fields })).body.id
}

async function runOf(deploymentId: string, fields: object = {}): Promise<string> {
  return (await server.call('POST', `/deployments/${deploymentId}/create_flow_run`, fields)).body.id
}

function set(run: string, type: string, fields: object = {}): Promise<Answer> {
  return server.call('POST', `/flow_runs/${run}/set_state`, { state: { type, ...fields } }, client)
}

async function stateOf(run: string): Promise<{ readonly type: string; readonly name: string; readonly message: string | null }> {
  return (await server.call('GET', `/flow_runs/${run}`)).body.state
}

/** A flow run under a parent's task run, as the client makes a sub-flow run. */
async function childOf(parent: string, deploymentId: string | null = null): Promise<{ readonly child: string; readonly task: string }> {
  const task = (
    await server.call('POST', '/task_runs/', { flow_run_id: parent, task_key: 'child', dynamic_key: '0', state: { type: 'RUNNING' } })
  ).body.id as string
  const made =
    deploymentId === null
      ? await server.call('POST', '/flow_runs/', { flow_id: await aFlow(), parent_task_run_id: task, state: { type: 'PENDING' } })
      : await server.call('POST', `/deployments/${deploymentId}/create_flow_run`, { parent_task_run_id: task })
  return { child: made.body.id, task }
}

describe('a run that nobody takes', () => {
  test('is late 15 seconds after its time, once, and keeps that time', async () => {
    const run = await runOf(await aDeployment())

    expect(await services().nextLate()).toBe(T0 + 15 * SECOND)
    server.clock.advance(14_999)
    expect(await services().markLate(10)).toBe(0)
    server.clock.advance(1)
    expect(await services().markLate(10)).toBe(1)
    expect(await services().markLate(10)).toBe(0)
    expect(await services().nextLate()).toBeNull()
    expect((await server.call('GET', `/flow_runs/${run}`)).body).toMatchObject({
      state: { type: 'SCHEDULED', name: 'Late' },
      next_scheduled_start_time: '2026-01-01T00:00:00.000001Z',
    })
  })

  test('is still given to who asks for due runs', async () => {
    const deployment = await aDeployment()
    const run = await runOf(deployment)
    server.clock.advance(minute)
    await services().markLate(10)

    const { body } = await server.call('POST', '/deployments/get_scheduled_flow_runs', { deployment_ids: [deployment] })

    expect(body.map((each: { id: string }) => each.id)).toEqual([run])
  })

  test('is cancelled where new ones are not to wait for a slot', async () => {
    const deployment = await aDeployment({ concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' } })
    await set(await runOf(deployment), 'PENDING')
    const second = await runOf(deployment)
    server.clock.advance(minute)

    await services().markLate(10)

    expect(await stateOf(second)).toMatchObject({ type: 'CANCELLED', message: 'Deployment concurrency limit reached.' })
  })

  test('is one of at most so many that are marked at a time', async () => {
    const deployment = await aDeployment()
    for (let made = 0; made < 60; made++) await runOf(deployment)
    server.clock.advance(minute)

    expect(await services().markLate(55)).toBe(55)
    expect(await services().markLate(55)).toBe(5)
  })
})

describe('a paused run', () => {
  async function paused(timeout: string): Promise<string> {
    const run = await runOf(await aDeployment())
    await set(run, 'PENDING')
    await set(run, 'RUNNING')
    await set(run, 'PAUSED', { state_details: { pause_timeout: timeout, pause_key: 'a' } })
    return run
  }

  test('has failed when its time is over', async () => {
    const run = await paused('2026-01-01T00:05:00Z')

    expect(await services().nextPauseExpiry()).toBe(T0 - 1 + 300 * SECOND)
    expect(await services().expirePauses(10)).toBe(0)
    server.clock.advance(5 * minute)
    expect(await services().expirePauses(10)).toBe(1)
    expect(await stateOf(run)).toMatchObject({ type: 'FAILED', message: 'The flow was paused and never resumed.' })
    expect(await services().nextPauseExpiry()).toBeNull()
  })

  test('that goes on in time is left alone', async () => {
    const run = await paused('2026-01-01T00:05:00Z')
    await set(run, 'RUNNING')
    server.clock.advance(10 * minute)

    expect(await services().expirePauses(10)).toBe(0)
    expect(await stateOf(run)).toMatchObject({ type: 'RUNNING' })
  })
})

describe('a cancelled run', () => {
  test('takes its task runs and its sub-flow runs along, and theirs', async () => {
    const parent = await runOf(await aDeployment())
    await set(parent, 'PENDING')
    await set(parent, 'RUNNING')
    const { child, task } = await childOf(parent)
    const { child: grandchild } = await childOf(child)
    await set(parent, 'CANCELLED')

    expect(await services().cleanCancelled(100)).toBeGreaterThan(0)

    expect(await stateOf(child)).toMatchObject({ type: 'CANCELLED' })
    expect(await stateOf(grandchild)).toMatchObject({ type: 'CANCELLED' })
    expect((await server.call('GET', `/task_runs/${task}`)).body.state.type).toBe('CANCELLED')
    expect(await services().cleanCancelled(100)).toBe(0)
  })

  test('asks the worker of a deployed sub-flow run to end it', async () => {
    const deployment = await aDeployment()
    const parent = await runOf(deployment)
    await set(parent, 'RUNNING')
    const { child } = await childOf(parent, deployment)
    await set(child, 'PENDING')
    await set(child, 'RUNNING')
    await set(parent, 'CANCELLED')

    await services().cleanCancelled(100)
    expect(await stateOf(child)).toMatchObject({ type: 'CANCELLING' })

    expect(await services().cleanCancelled(100)).toBe(0)
  })

  test('is what becomes of one that was to be cancelled five minutes ago', async () => {
    const run = await runOf(await aDeployment())
    await set(run, 'PENDING')
    await set(run, 'RUNNING')
    await set(run, 'CANCELLING')
    server.clock.advance(5 * minute - 1)
    expect(await services().cleanCancelled(100)).toBe(0)

    // Each state is a microsecond after the one before it, at least.
    server.clock.advance(2)

    expect(await services().cleanCancelled(100)).toBe(1)
    expect(await stateOf(run)).toMatchObject({ type: 'CANCELLED' })
  })

  test('is not made of one that a process still holds', async () => {
    const { orchestrator } = server
    const id = '019b7600-0000-7000-8000-0000000000aa'
    const lease = aLease({ holder: aHolder({ host: 'elsewhere' }), until: T0 + 3_600 * SECOND })
    const { flowName, name, version, entrypoint, tags, parameters, idempotencyKey, policy } = createRecords().flowRun({ id })
    const run = {
      id,
      flowName,
      name,
      version,
      entrypoint,
      tags,
      parameters,
      idempotencyKey,
      parentTaskRunId: null,
      rootId: id,
      policy,
      createdAt: T0,
      lease,
    }
    await orchestrator.journal.flush([{ type: 'begin', run, parent: null }])
    await orchestrator.flowRuns.command(id, { type: 'cancel', message: 'enough' })
    server.clock.advance(10 * minute)

    expect(await services().cleanCancelled(100)).toBe(0)
    expect((await orchestrator.flowRuns.get(id)).state.type).toBe('cancelling')
  })
})

describe('a deployment', () => {
  test('that nobody has asked for runs for a minute is not ready, which does not touch it', async () => {
    const id = await aDeployment()
    await server.call('POST', '/deployments/get_scheduled_flow_runs', { deployment_ids: [id] })
    const before = (await server.call('GET', `/deployments/${id}`)).body
    server.clock.advance(minute)
    expect(await services().markNeglected()).toBe(0)

    server.clock.advance(1)

    expect(await services().markNeglected()).toBe(1)
    expect(await services().markNeglected()).toBe(0)
    expect((await server.call('GET', `/deployments/${id}`)).body).toEqual({ ...before, status: 'NOT_READY' })
    const events = server.told.filter((told) => told.type === 'event').map(({ event }) => event.name)
    expect(events.filter((name) => name.startsWith('prefect.deployment.'))).toEqual([
      'prefect.deployment.created',
      'prefect.deployment.ready',
      'prefect.deployment.not-ready',
    ])
  })
})

describe('schedules', () => {
  const window = { start: T0, end: T0 + 100 * 24 * 3_600 * SECOND, minTimeS: 3_600, minRuns: 3, maxRuns: 100 }

  test('that have ended do not keep others from their runs: who looks for all goes on after the last one', async () => {
    const flow = await aFlow()
    const ended = { schedule: { rrule: 'DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=1' } }
    const ids: string[] = []
    for (const name of ['one', 'two', 'three'])
      ids.push((await server.call('POST', '/deployments/', { name, flow_id: flow, schedules: [ended] })).body.id)
    const { deployments } = server.orchestrator

    const first = await deployments.needingRuns(2, null)
    const rest = await deployments.needingRuns(2, null, first.at(-1))

    expect([...first, ...rest]).toEqual(ids.toSorted())
  })

  test('make plans, of which the history tells nothing until somebody takes one', async () => {
    const id = await aDeployment({ schedules: [{ schedule: { interval: 3600 } }] })
    await server.orchestrator.deployments.makeScheduledRuns(id, window)
    const [run] = (await server.call('POST', '/deployments/get_scheduled_flow_runs', { deployment_ids: [id], limit: 1 })).body
    const told = async (): Promise<readonly string[]> => {
      const { body } = await server.call('POST', '/events/filter', { filter: { event: { prefix: ['prefect.flow-run.'] } } })
      return body.events.map((event: { event: string }) => event.event)
    }
    expect(await told()).toEqual([])

    await set(run.id, 'PENDING')
    server.clock.advance(1)

    expect(await told()).toEqual(['prefect.flow-run.Pending'])
  })

  test('that two servers look at together make each run once', async () => {
    const id = await aDeployment({ schedules: [{ schedule: { interval: 3600 } }] })
    const { deployments } = server.orchestrator

    const made = await Promise.all([deployments.makeScheduledRuns(id, window), deployments.makeScheduledRuns(id, window)])

    expect(made.toSorted((a, b) => a - b)).toEqual([0, 3])
    expect((await server.call('POST', '/flow_runs/count', {})).body).toBe(3)
  })
})

test('events are deleted when they are older than they are kept, with what they are found by', async () => {
  await aFlow()
  server.clock.advance(8 * 24 * 60 * minute)
  await aDeployment()

  expect(await services().retainEvents(7, 100)).toBe(1)
  expect(await services().retainEvents(7, 100)).toBe(0)
  const { body } = await server.call('POST', '/events/filter', { filter: {} })
  expect(body.events.map((event: { event: string }) => event.event)).toEqual(['prefect.deployment.created'])
})

test('one server of several has the turn, until it gives it back or goes silent', async () => {
  const isShared = (await server.orchestrator.maintenance.info()).dialect === 'postgres'
  expect(await services().takeTurn('scheduler', 'one', 30_000)).toBe(true)
  expect(await services().takeTurn('scheduler', 'two', 30_000)).toBe(!isShared)
  server.clock.advance(30_000)
  expect(await services().takeTurn('scheduler', 'two', 30_000)).toBe(true)
  expect(await services().takeTurn('scheduler', 'one', 30_000)).toBe(!isShared)
  await services().endTurns('two')

  expect(await services().takeTurn('scheduler', 'one', 30_000)).toBe(true)
})
