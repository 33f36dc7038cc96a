// What schedules say beyond the protocol: calendars, jitter, catching up, expiry, and runs that would overlap.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let flowId: string

beforeEach(async () => {
  server = await openServer()
  flowId = (await send('POST', '/flows/', { name: 'etl' })).body.id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

interface Run {
  readonly id: string
  readonly name: string
  readonly state_type: string
  readonly state_name: string
  readonly state: { readonly message: string }
  readonly expected_start_time: string
  readonly context: Readonly<Record<string, string>>
}

const HOURLY = { cron: '0 * * * *', timezone: 'UTC' }

async function deploy(schedule: object, options: object): Promise<string> {
  return (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod', schedules: [{ schedule, options }] })).body.id
}

/** As the scheduler does. */
async function makeRuns(id: string): Promise<void> {
  await send('POST', `/deployments/${id}/schedule`, { min_runs: 3, min_time: 3600, max_runs: 100 })
}

async function runs(): Promise<readonly Run[]> {
  return (await send('POST', '/flow_runs/filter', { sort: 'EXPECTED_START_TIME_ASC' })).body
}

async function starts(): Promise<readonly string[]> {
  return (await runs()).map((run) => run.expected_start_time.slice(0, 16))
}

async function stateNames(): Promise<readonly string[]> {
  return (await runs()).map((run) => run.state_name)
}

/** The ids of the runs that a worker is given. */
async function take(id: string): Promise<readonly string[]> {
  const taken = await server.orchestrator.claims.take({ type: 'deployments', ids: [id] }, { worker: 'w', limit: 10 })
  return taken.map(({ view }) => view.run.id)
}

describe('options of a schedule', () => {
  test('are kept, changed, and left as the protocol has them when nothing is said', async () => {
    const options = { catch_up: 'latest', expires_after: 3600, overlap: 'cancel_running', jitter: 60 }
    const id = await deploy(HOURLY, options)
    const [schedule] = (await send('GET', `/deployments/${id}/schedules`)).body
    await send('PATCH', `/deployments/${id}/schedules/${schedule.id}`, { active: false })
    const after = (await send('GET', `/deployments/${id}`)).body.schedules[0]
    await send('PATCH', `/deployments/${id}/schedules/${schedule.id}`, { options: null })

    expect(schedule.options).toEqual({ ...options, calendar: null })
    expect(after).toMatchObject({ active: false, options: { ...options, calendar: null } })
    expect((await send('GET', `/deployments/${id}`)).body.schedules[0].options).toBeNull()
  })

  test.each([
    [{ overlap: 'sometimes' }, 'overlap'],
    [{ jitter: 90_000 }, '86400'],
    [{ calendar: { name: 'nowhere' } }, 'there is no calendar nowhere'],
    [{ colour: 'green' }, 'colour'],
  ])('%j are refused', async (options, problem) => {
    const { status, text } = await send('POST', '/deployments/', {
      flow_id: flowId,
      name: 'prod',
      schedules: [{ schedule: HOURLY, options }],
    })

    expect(status).toBe(422)
    expect(text).toContain(problem)
  })

  test('belong to a schedule that keeps its id when the deployment is written again', async () => {
    const id = await deploy(HOURLY, { overlap: 'skip' })
    const before = (await send('GET', `/deployments/${id}/schedules`)).body[0].id
    await deploy(HOURLY, { overlap: 'queue' })

    expect((await send('GET', `/deployments/${id}/schedules`)).body).toMatchObject([{ id: before, options: { overlap: 'queue' } }])
  })
})

describe('a calendar', () => {
  const bank = { weekend: [6, 7], holidays: [{ from: '2026-01-01', name: 'New Year', rule: 'FREQ=YEARLY' }] }

  test('is made, read, listed, written anew and deleted', async () => {
    const made = await send('PUT', '/calendars/bank', bank)
    const again = await send('PUT', '/calendars/bank', { ...bank, description: 'Frankfurt' })
    const listed = await send('POST', '/calendars/filter', {})
    const deleted = await send('DELETE', '/calendars/bank')

    expect([made.status, again.status, deleted.status]).toEqual([201, 200, 204])
    expect(listed.body).toEqual([again.body])
    expect(again.body).toMatchObject({
      name: 'bank',
      description: 'Frankfurt',
      weekend: [6, 7],
      holidays: [{ from: '2026-01-01', to: '2026-01-01', name: 'New Year', rule: 'FREQ=YEARLY' }],
    })
    expect((await send('GET', '/calendars/bank')).status).toBe(404)
  })

  test('that cannot be used is refused in clear words', async () => {
    const { status, text } = await send('PUT', '/calendars/bank', { holidays: [{ from: '2026-13-01', name: 'Never' }] })

    expect(status).toBe(422)
    expect(text).toContain("the holiday 'Never' begins on '2026-13-01', which is no day")
  })

  test('decides on which days runs are made; changed, they are made anew', async () => {
    await send('PUT', '/calendars/bank', bank)
    const id = await deploy({ cron: '0 9 * * *', timezone: 'UTC' }, { calendar: { name: 'bank' } })
    await makeRuns(id)
    // The first of 2026 is a Thursday, and closed.
    expect(await starts()).toEqual(['2026-01-02T09:00', '2026-01-05T09:00', '2026-01-06T09:00'])

    await send('PUT', '/calendars/bank', { ...bank, holidays: [{ from: '2026-01-05', to: '2026-01-06' }] })
    await makeRuns(id)
    expect(await starts()).toEqual(['2026-01-01T09:00', '2026-01-02T09:00', '2026-01-07T09:00'])
  })

  test('moves runs to open days, and they know what they are about', async () => {
    await send('PUT', '/calendars/bank', bank)
    const id = await deploy({ cron: '0 9 3 * *', timezone: 'UTC' }, { calendar: { name: 'bank', rule: 'roll_forward' } })
    await makeRuns(id)

    expect((await runs())[0]).toMatchObject({
      expected_start_time: expect.stringContaining('2026-01-05T09:00:00'),
      context: { 'tutti.logicalDate': '2026-01-03T09:00:00Z' },
    })
  })

  test('that a schedule goes by cannot be deleted', async () => {
    await send('PUT', '/calendars/bank', bank)
    await deploy(HOURLY, { calendar: { name: 'bank' } })

    expect((await send('DELETE', '/calendars/bank')).status).toBe(409)
  })
})

test('jitter moves the start and not the logical date, and runs are made once however often they are asked for', async () => {
  const id = await deploy({ cron: '30 * * * *', timezone: 'UTC' }, { jitter: 600 })
  await makeRuns(id)
  const first = await runs()
  await send('PATCH', `/deployments/${id}`, { tags: ['again'] })
  await makeRuns(id)
  await makeRuns(id)
  const second = await runs()

  expect(first.map((run) => run.context['tutti.logicalDate'])).toEqual([
    '2026-01-01T00:30:00Z',
    '2026-01-01T01:30:00Z',
    '2026-01-01T02:30:00Z',
  ])
  expect(second.map((run) => run.expected_start_time)).toEqual(first.map((run) => run.expected_start_time))
  expect(first.some((run) => !run.expected_start_time.includes(':30:00'))).toBe(true)
})

describe('after downtime', () => {
  const DOWN_MS = 5.5 * 3_600_000

  async function downtime(options: object): Promise<void> {
    const id = await deploy(HOURLY, options)
    await server.orchestrator.services.catchUp(120_000)
    await makeRuns(id)
    server.clock.advance(DOWN_MS)
    await server.orchestrator.services.catchUp(120_000)
  }

  test('a schedule that says nothing of it runs what was made in advance, as the protocol has it', async () => {
    await downtime({ overlap: 'skip' })

    expect(await starts()).toEqual(['2026-01-01T01:00', '2026-01-01T02:00', '2026-01-01T03:00'])
    expect(await stateNames()).toEqual(['Scheduled', 'Scheduled', 'Scheduled'])
  })

  test('all that was missed runs', async () => {
    await downtime({ catch_up: 'all' })

    expect(await starts()).toEqual(['01', '02', '03', '04', '05'].map((hour) => `2026-01-01T${hour}:00`))
    expect(await stateNames()).toEqual(Array.from({ length: 5 }, () => 'Scheduled'))
  })

  test('or the latest, once, however often a server looks', async () => {
    await downtime({ catch_up: 'latest' })
    server.clock.advance(1_000)
    await server.orchestrator.services.catchUp(120_000)

    expect(await starts()).toEqual(['01', '02', '03', '05'].map((hour) => `2026-01-01T${hour}:00`))
    expect(await stateNames()).toEqual(['Skipped', 'Skipped', 'Skipped', 'Scheduled'])
    expect((await runs())[0]).toMatchObject({ state_type: 'CANCELLED', state: { message: expect.stringContaining('latest run only') } })
  })

  test('or none', async () => {
    await downtime({ catch_up: 'none' })

    expect(await stateNames()).toEqual(['Skipped', 'Skipped', 'Skipped'])
  })

  test('what is shorter than that is none', async () => {
    const id = await deploy(HOURLY, { catch_up: 'none' })
    await server.orchestrator.services.catchUp(120_000)
    await makeRuns(id)
    server.clock.advance(119_000)
    await server.orchestrator.services.catchUp(120_000)

    expect(await stateNames()).toEqual(['Scheduled', 'Scheduled', 'Scheduled'])
  })
})

describe('a run that is later than its schedule allows', () => {
  test('is not given to a worker', async () => {
    const id = await deploy(HOURLY, { expires_after: 600 })
    await makeRuns(id)
    server.clock.advance(3_600_000 + 601_000)

    expect(await take(id)).toEqual([])
    expect((await runs())[0]).toMatchObject({
      state_type: 'CANCELLED',
      state_name: 'Expired',
      state: { message: expect.stringContaining('01:10:00') },
    })
  })

  test('is cancelled without anybody asking, and only then', async () => {
    await makeRuns(await deploy(HOURLY, { expires_after: 600 }))
    server.clock.advance(3_600_000 + 599_000)
    const early = await server.orchestrator.services.expireLate(100)
    server.clock.advance(2_000)

    expect([early, await server.orchestrator.services.expireLate(100)]).toEqual([0, 1])
    expect(await stateNames()).toEqual(['Expired', 'Scheduled', 'Scheduled'])
  })
})

describe('a run that is due while the one before it has not ended', () => {
  async function overlapping(overlap: string): Promise<string> {
    const id = await deploy(HOURLY, { overlap })
    await makeRuns(id)
    server.clock.advance(3_600_000)
    expect(await take(id)).toHaveLength(1)
    server.clock.advance(3_600_000)
    return id
  }

  async function end(type: string): Promise<void> {
    const [first] = await runs()
    await send('POST', `/flow_runs/${first!.id}/set_state`, { state: { type }, force: true })
  }

  test('runs beside it where that is allowed', async () => {
    expect(await take(await overlapping('allow'))).toHaveLength(1)
  })

  test('is skipped, and says which one still runs', async () => {
    expect(await take(await overlapping('skip'))).toEqual([])

    const [first, second] = await runs()
    expect(second).toMatchObject({
      state_type: 'CANCELLED',
      state_name: 'Skipped',
      state: { message: expect.stringContaining(`${first!.name} (${first!.id})`) },
    })
  })

  test('waits for it, in order', async () => {
    const id = await overlapping('queue')
    expect(await take(id)).toEqual([])
    server.clock.advance(3_600_000)
    expect(await take(id)).toEqual([])
    expect(await stateNames()).toEqual(['Pending', 'AwaitingConcurrencySlot', 'AwaitingConcurrencySlot'])

    await end('COMPLETED')
    server.clock.advance(6_000)
    expect(await take(id)).toEqual([(await runs())[1]!.id])
  })

  test('or has it cancelled first', async () => {
    const id = await overlapping('cancel_running')
    expect(await take(id)).toEqual([])
    expect((await stateNames())[0]).toBe('Cancelling')

    await end('CANCELLED')
    server.clock.advance(2_000)
    expect(await take(id)).toHaveLength(1)
  })

  test('is skipped for foreign workers too', async () => {
    await overlapping('skip')
    const [, second] = await runs()
    const { body } = await send('POST', `/flow_runs/${second!.id}/set_state`, { state: { type: 'PENDING' } })

    expect(body).toMatchObject({ status: 'REJECT', state: { type: 'CANCELLED', name: 'Skipped' } })
  })
})
