// Deployments that are run for times that have passed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let deployment: string

beforeEach(async () => {
  server = await openServer()
  const flow_id = (await send('POST', '/flows/', { name: 'etl' })).body.id
  const schedules = [{ schedule: { cron: '0 5 * * *', timezone: 'UTC' }, parameters: { full: true } }]
  deployment = (await send('POST', '/deployments/', { flow_id, name: 'prod', tags: ['etl'], parameters: { region: 'eu' }, schedules })).body
    .id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

const SPAN = { start_time: '2025-12-01T00:00:00Z', end_time: '2025-12-06T00:00:00Z' }

function backfill(more: object = {}, path = '/backfills/'): Promise<Answer> {
  return send('POST', path, { deployment_id: deployment, ...SPAN, ...more })
}

interface Run {
  readonly id: string
  readonly state_type: string
  readonly tags: readonly string[]
  readonly parameters: object
  readonly context: Readonly<Record<string, string>>
}

async function runs(): Promise<readonly Run[]> {
  return (await send('POST', '/flow_runs/filter', { sort: 'ID_DESC' })).body.toReversed()
}

async function days(): Promise<readonly string[]> {
  return (await runs()).map((run) => run.context['tutti.logicalDate']!.slice(0, 10))
}

/** Ends every run that waits, as a worker would in time. */
async function endAll(type = 'COMPLETED'): Promise<void> {
  for (const run of await runs())
    if (run.state_type === 'SCHEDULED') await send('POST', `/flow_runs/${run.id}/set_state`, { state: { type }, force: true })
}

describe('a backfill', () => {
  test('is shown before it is made, and nothing is', async () => {
    const { status, body } = await backfill({}, '/backfills/plan')

    expect(status).toBe(200)
    expect(body).toMatchObject({ total: 5, left_out: 0 })
    expect(body.dates[0]).toContain('2025-12-01T05:00:00')
    expect(await runs()).toEqual([])
  })

  test('makes no more runs than may be under way, each about its own time', async () => {
    const { status, body } = await backfill({ concurrency: 2, parameters: { region: 'us' } })

    expect(status).toBe(201)
    expect(body).toMatchObject({ status: 'RUNNING', total: 5, made: 2, runs: { SCHEDULED: 2 } })
    expect((await runs())[0]).toMatchObject({
      tags: [`backfill:${body.id}`, 'etl'],
      parameters: { region: 'us', full: true },
      context: { 'tutti.logicalDate': '2025-12-01T05:00:00Z', 'tutti.backfillId': body.id },
    })
    await server.orchestrator.backfills.advance()
    expect(await days()).toEqual(['2025-12-01', '2025-12-02'])
  })

  test('goes on as its runs end, and is completed with the last', async () => {
    const { id } = (await backfill({ concurrency: 2, order: 'newest' })).body
    for (let round = 0; round < 4; round++) {
      await endAll()
      await server.orchestrator.backfills.advance()
    }

    expect(await days()).toEqual(['2025-12-05', '2025-12-04', '2025-12-03', '2025-12-02', '2025-12-01'])
    expect((await send('GET', `/backfills/${id}`)).body).toMatchObject({ status: 'COMPLETED', made: 5, runs: { COMPLETED: 5 } })
    expect((await send('POST', `/backfills/${id}/pause`)).status).toBe(409)
  })

  test('is paused and resumed', async () => {
    const { id } = (await backfill()).body
    const paused = await send('POST', `/backfills/${id}/pause`)
    await endAll()
    await server.orchestrator.backfills.advance()
    const meanwhile = await runs()
    const resumed = await send('POST', `/backfills/${id}/resume`)

    expect([paused.body.status, meanwhile.length]).toEqual(['PAUSED', 1])
    expect(resumed.body).toMatchObject({ status: 'RUNNING', made: 2, runs: { COMPLETED: 1, SCHEDULED: 1 } })
  })

  test('that is cancelled takes its runs with it', async () => {
    const { id } = (await backfill({ concurrency: 3 })).body
    const { body } = await send('POST', `/backfills/${id}/cancel`)
    await server.orchestrator.backfills.advance()

    expect(body).toMatchObject({ status: 'CANCELLED', made: 3, runs: { CANCELLED: 3 } })
    expect(await runs()).toHaveLength(3)
  })

  test('may leave out what has been done, or take only what failed', async () => {
    await backfill({ concurrency: 2 })
    const [first, second] = await runs()
    await send('POST', `/flow_runs/${first!.id}/set_state`, { state: { type: 'COMPLETED' }, force: true })
    await send('POST', `/flow_runs/${second!.id}/set_state`, { state: { type: 'FAILED' }, force: true })

    expect((await backfill({ only: 'failed' }, '/backfills/plan')).body).toMatchObject({ total: 1, left_out: 4 })
    expect((await backfill({ only: 'missing' }, '/backfills/plan')).body).toMatchObject({ total: 4, left_out: 1 })
  })

  test('is not touched when its deployment is written again', async () => {
    await backfill()
    await send('PATCH', `/deployments/${deployment}`, { tags: ['new'] })

    expect(await runs()).toHaveLength(1)
  })

  test('is listed, newest first', async () => {
    const first = (await backfill()).body.id
    server.clock.advance(1_000)
    const second = (await backfill()).body.id
    const listed = (await send('POST', '/backfills/filter', {})).body

    expect(listed.map((one: { id: string }) => one.id)).toEqual([second, first])
    expect((await send('POST', '/backfills/filter', { deployment_id: first })).body).toEqual([])
  })

  test.each([
    [{ end_time: '2025-11-01T00:00:00Z' }, 'before it begins'],
    [{ step: 1 }, 'more than 10000 runs'],
    [{ timezone: 'Europe/Atlantis' }, 'is no time zone'],
    [{ only: 'failed' }, 'no time of the span needs a run'],
  ])('with %j is refused', async (change, problem) => {
    const { status, text } = await backfill(change)

    expect(status).toBe(422)
    expect(text).toContain(problem)
  })
})
