import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatInstant } from '../../../src/core/time.ts'
import { aLease, createRecords, T0 } from '../records.ts'
import type { Records } from '../records.ts'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

interface ToldEvent {
  readonly id: string
  readonly event: string
  readonly follows: string | null
  readonly occurred: string
}

let server: TestServer
let records: Records

beforeEach(async () => {
  server = await openServer()
  records = createRecords()
})
afterEach(() => server.close())

/** A run of our own engine, which writes no events: Pending, Running, Completed. */
async function runFlow(more: { readonly tags?: readonly string[] } = {}): Promise<string> {
  const { id, flowName, name, version, entrypoint, parameters, idempotencyKey, parentTaskRunId, rootId, policy, tags } =
    records.flowRun(more)
  const begun = { id, flowName, name, version, entrypoint, tags, parameters, idempotencyKey, parentTaskRunId, rootId, policy }
  const { journal } = server.orchestrator
  await journal.flush([{ type: 'begin', run: { ...begun, createdAt: server.clock.now(), lease: aLease() }, parent: null }])
  server.clock.advance(1_000)
  const complete = { type: 'complete', outcome: { format: 'json', text: '1' } } as const
  await journal.flush([{ type: 'command', flowRunId: id, attempt: 1, command: complete, parent: null }])
  server.clock.advance(1_000)
  return id
}

const always = { occurred: { since: formatInstant(T0 - 1e9), until: formatInstant(T0 + 1e12) } }

async function eventsOf(filter: object, limit = 50): Promise<{ readonly events: readonly ToldEvent[]; readonly total: number }> {
  const { body } = await server.call('POST', '/events/filter', { filter: { ...always, ...filter }, limit })
  return body
}

async function allPages(filter: object, limit: number): Promise<readonly ToldEvent[]> {
  const found: ToldEvent[] = []
  let { body } = await server.call('POST', '/events/filter', { filter: { ...always, ...filter }, limit })
  found.push(...body.events)
  while (body.next_page !== null) {
    body = (await server.call('GET', new URL(body.next_page).pathname.slice('/api'.length) + new URL(body.next_page).search)).body
    found.push(...body.events)
  }
  return found
}

describe('the states of a run of our own engine', () => {
  test('are events with their ids, each after the one before', async () => {
    const id = await runFlow()

    const { events, total } = await eventsOf({ resource: { id: [`prefect.flow-run.${id}`] }, order: 'ASC' })
    const states = await server.orchestrator.flowRuns.states(id)

    expect(total).toBe(3)
    expect(events.map(({ event }) => event)).toEqual(['Pending', 'Running', 'Completed'].map((name) => `prefect.flow-run.${name}`))
    expect(events.map((event) => event.id)).toEqual(states.map((state) => state.id))
    expect(events.map(({ follows }) => follows)).toEqual([null, states[0]?.id, states[1]?.id])
    expect(events[2]).toMatchObject({
      resource: { 'prefect.state-type': 'COMPLETED' },
      payload: { intended: { from: 'RUNNING', to: 'COMPLETED' }, initial_state: { name: 'Running' } },
    })
  })

  test.each([
    [{ event: { name: ['prefect.flow-run.Completed'] } }, 2],
    [{ event: { prefix: ['prefect.flow-run.'] } }, 6],
    [{ event: { prefix: ['prefect.flow-run.P'] } }, 2],
    [{ event: { prefix: ['prefect.'] } }, 6],
    [{ event: { prefix: ['shop.'] } }, 0],
    [{ event: { exclude_prefix: ['prefect.flow-run.C'] } }, 4],
    [{ event: { exclude_prefix: ['prefect.'] } }, 0],
    [{ resource: { id: ['order.7'] } }, 0],
    [{ any_resource: { id_prefix: ['prefect.flow-run.'] } }, 6],
    [{ related: { id: ['prefect.tag.nightly'] } }, 3],
    [{ text: { query: 'completed' } }, 2],
  ])('are found by %j', async (filter, count) => {
    await runFlow()
    await runFlow({ tags: ['nightly'] })

    const { events, total } = await eventsOf(filter)

    expect([events.length, total]).toEqual([count, count])
  })

  test('are counted in time beside what was told', async () => {
    await runFlow()
    const { body } = await server.call('POST', '/events/count-by/event', { filter: always })

    expect(body.map(({ value, count }: { value: string; count: number }) => [value, count])).toEqual(
      expect.arrayContaining([
        ['prefect.flow-run.Completed', 1],
        ['prefect.flow-run.Running', 1],
      ]),
    )
  })
})

test('what was told as an event is listed once', async () => {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  const { body: run } = await server.call('POST', '/flow_runs/', { flow_id: flow.id })
  await server.call('POST', `/flow_runs/${run.id}/set_state`, { state: { type: 'RUNNING' } })

  const { events, total } = await eventsOf({ resource: { id: [`prefect.flow-run.${run.id}`] } })

  expect([events.length, total]).toEqual([2, 2])
})

test('what a schedule makes ahead is no event until somebody takes it', async () => {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  const schedules = [{ schedule: { interval: 3600 }, active: true }]
  const { body: deployment } = await server.call('POST', '/deployments/', { flow_id: flow.id, name: 'hourly', schedules })
  await server.call('POST', `/deployments/${deployment.id}/schedule`, {})

  expect((await server.call('POST', '/flow_runs/count', {})).body).toBeGreaterThan(0)
  expect((await eventsOf({ event: { prefix: ['prefect.flow-run.'] } })).total).toBe(0)
})

test.each(['ASC', 'DESC'])('pages of told and kept events in the order %s leave nothing out and repeat nothing', async (order) => {
  for (let made = 0; made < 4; made += 1) {
    await runFlow()
    const id = `019b7600-0000-7000-8000-00000000000${made}`
    const event = { id, event: 'shop.order', occurred: formatInstant(server.clock.now()), resource: { 'prefect.resource.id': 'order' } }
    await server.call('POST', '/events', [event])
  }
  const whole = await allPages({ order }, 50)

  const short = (events: readonly ToldEvent[]): readonly string[] => events.map(({ event, occurred }) => `${occurred} ${event}`)
  for (const limit of [1, 2, 3, 5]) expect(short(await allPages({ order }, limit))).toEqual(short(whole))
  const times = whole.map(({ occurred }) => occurred)
  expect(times).toEqual(order === 'ASC' ? times.toSorted() : times.toSorted().toReversed())
  expect(new Set(whole.map(({ id, event }) => `${id} ${event}`)).size).toBe(whole.length)
})
