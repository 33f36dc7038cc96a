import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLeaseOfNothing } from '../../../src/core/concurrency.ts'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

const LIMITS = '/v2/concurrency_limits'
const TASK_RUN = '0198a000-0000-7000-8000-000000000001'
const OTHER_TASK_RUN = '0198a000-0000-7000-8000-000000000002'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

function make(limit: Readonly<Record<string, unknown>>): Promise<Answer> {
  return server.call('POST', `${LIMITS}/`, limit)
}

async function activeSlots(name: string): Promise<unknown> {
  return (await server.call('GET', `${LIMITS}/${name}`)).body.active_slots
}

describe('a concurrency limit', () => {
  it('is made, read by id and by name, changed and deleted', async () => {
    const made = await make({ name: 'database', limit: 2 })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'database',
        limit: 2,
        active: true,
        active_slots: 0,
        denied_slots: 0,
        slot_decay_per_second: 0,
        avg_slot_occupancy_seconds: 2,
      },
    })
    const byId = await server.call('GET', `${LIMITS}/${made.body.id}`)
    expect(byId.body).toEqual((await server.call('GET', `${LIMITS}/database`)).body)
    expect(Object.keys(byId.body).toSorted()).toEqual([
      'active',
      'active_slots',
      'created',
      'id',
      'limit',
      'name',
      'slot_decay_per_second',
      'updated',
    ])

    expect((await server.call('PATCH', `${LIMITS}/database`, { limit: 5, active: false })).status).toBe(204)
    expect((await server.call('GET', `${LIMITS}/database`)).body).toMatchObject({ limit: 5, active: false })
    expect((await server.call('DELETE', `${LIMITS}/database`)).status).toBe(204)
    expect((await server.call('GET', `${LIMITS}/database`)).status).toBe(404)
  })

  it.each([
    ['PATCH', `${LIMITS}/none`, { limit: 1 }, 404],
    ['DELETE', `${LIMITS}/none`, undefined, 404],
    ['POST', `${LIMITS}/`, { name: 'database', limit: 1 }, 409],
    ['PATCH', `${LIMITS}/other`, { name: 'database' }, 409],
    ['POST', `${LIMITS}/`, { name: 'a/b', limit: 1 }, 422],
    ['POST', `${LIMITS}/`, { name: 'a', limit: -1 }, 422],
    ['PATCH', `${LIMITS}/database`, { limits: 1 }, 422],
    ['POST', `${LIMITS}/filter`, { limit: 201 }, 422],
    ['POST', `${LIMITS}/increment`, { names: ['database'], slots: 0 }, 422],
    ['POST', `${LIMITS}/increment`, { names: ['database'], slots: 1, mode: 'other' }, 422],
    ['POST', `${LIMITS}/increment-with-lease`, { names: ['database'], slots: 1, lease_duration: 59 }, 422],
    ['POST', `${LIMITS}/leases/${TASK_RUN}/renew`, { lease_duration: 60 }, 410],
    ['POST', `${LIMITS}/decrement-with-lease`, { lease_id: TASK_RUN }, 204],
  ])('%s %s %j answers %i', async (method, path, body, status) => {
    await make({ name: 'database', limit: 2 })
    await make({ name: 'other', limit: 2 })
    expect((await server.call(method, path, body)).status).toBe(status)
  })

  it('is listed with the others by name, in pages, also without a body', async () => {
    for (const name of ['c', 'a', 'b']) await make({ name, limit: 1 })
    const names = async (body?: unknown) =>
      (await server.call('POST', `${LIMITS}/filter`, body)).body.map((limit: { name: string }) => limit.name)
    expect(await names()).toEqual(['a', 'b', 'c'])
    expect(await names({ limit: 1, offset: 1 })).toEqual(['b'])
    expect(await names({ limit: 0 })).toEqual([])
  })
})

describe('slots', () => {
  it('are taken of all the limits or of none, and unknown names are passed over', async () => {
    await make({ name: 'wide', limit: 9 })
    await make({ name: 'narrow', limit: 1, active_slots: 1 })
    await make({ name: 'asleep', limit: 1, active: false, active_slots: 1 })
    const taken = await server.call('POST', `${LIMITS}/increment`, { names: ['wide', 'wide', 'asleep', 'unknown'], slots: 1 })
    expect(taken.body.map((limit: { name: string }) => limit.name).toSorted()).toEqual(['asleep', 'wide'])
    const denied = await server.call('POST', `${LIMITS}/increment`, { names: ['wide', 'narrow'], slots: 1 })
    expect(denied.status).toBe(423)
    expect(Number(denied.headers.get('retry-after'))).toBeCloseTo(2, -1)
    expect([await activeSlots('wide'), await activeSlots('narrow'), await activeSlots('asleep')]).toEqual([1, 1, 1])
    expect((await server.call('POST', `${LIMITS}/increment`, { names: ['unknown'], slots: 1 })).body).toEqual([])
  })

  it('that can never be had are refused in the words of the protocol', async () => {
    await make({ name: 'two', limit: 2 })
    const tooMany = await server.call('POST', `${LIMITS}/increment`, { names: ['two'], slots: 3 })
    expect(tooMany).toMatchObject({ status: 422, body: { detail: expect.stringContaining('Slots requested is greater than the limit') } })
    const noRate = await server.call('POST', `${LIMITS}/increment`, { names: ['two'], slots: 1, mode: 'rate_limit' })
    expect(noRate).toMatchObject({ status: 422, body: { detail: expect.stringContaining("do not have a decay configured: 'two'") } })
  })

  it('decay', async () => {
    await make({ name: 'rate', limit: 10, slot_decay_per_second: 2, active_slots: 8 })
    server.clock.advance(1_400)
    expect(await activeSlots('rate')).toBe(6)
    server.clock.advance(100)
    expect(await activeSlots('rate')).toBe(5)
    await server.call('POST', `${LIMITS}/increment`, { names: ['rate'], slots: 5, mode: 'rate_limit' })
    expect(await activeSlots('rate')).toBe(10)
  })

  it('are given back by name, and never more than were taken', async () => {
    await make({ name: 'two', limit: 2, active_slots: 2 })
    const given = await server.call('POST', `${LIMITS}/decrement`, { names: ['two', 'unknown'], slots: 1, occupancy_seconds: 4 })
    expect(given).toMatchObject({ status: 200, body: [{ name: 'two', limit: 2 }] })
    expect(await activeSlots('two')).toBe(1)
    await server.call('POST', `${LIMITS}/decrement`, { names: ['two'], slots: 100 })
    expect(await activeSlots('two')).toBe(0)
  })
})

describe('a lease', () => {
  it('holds its slots until it is given back, once', async () => {
    await make({ name: 'two', limit: 2 })
    const taken = await server.call('POST', `${LIMITS}/increment-with-lease`, {
      names: ['two', 'unknown'],
      slots: 2,
      holder: { type: 'task_run', id: TASK_RUN },
    })
    expect(taken).toMatchObject({ status: 200, body: { limits: [{ name: 'two', limit: 2 }] } })
    const lease = taken.body.lease_id
    expect((await server.call('POST', `${LIMITS}/leases/${lease}/renew`, { lease_duration: 60 })).status).toBe(204)
    expect((await server.call('POST', `${LIMITS}/leases/${lease}/renew`)).status).toBe(204)
    expect((await server.call('POST', `${LIMITS}/decrement-with-lease`, { lease_id: lease })).status).toBe(204)
    expect(await activeSlots('two')).toBe(0)
    await server.call('POST', `${LIMITS}/increment`, { names: ['two'], slots: 1 })
    expect((await server.call('POST', `${LIMITS}/decrement-with-lease`, { lease_id: lease })).status).toBe(204)
    expect(await activeSlots('two')).toBe(1)
    expect((await server.call('POST', `${LIMITS}/leases/${lease}/renew`, {})).status).toBe(410)
  })

  it('that nobody renewed expires, cannot be renewed, and its slots are taken back', async () => {
    await make({ name: 'one', limit: 1 })
    const { body } = await server.call('POST', `${LIMITS}/increment-with-lease`, { names: ['one'], slots: 1, lease_duration: 60 })
    server.clock.advance(59_000)
    expect(await server.orchestrator.concurrency.repossess(10)).toBe(0)
    server.clock.advance(2_000)
    expect((await server.call('POST', `${LIMITS}/leases/${body.lease_id}/renew`, {})).status).toBe(410)
    expect(await server.orchestrator.concurrency.repossess(10)).toBe(1)
    expect(await activeSlots('one')).toBe(0)
  })

  it('of limits that nobody made is given without a write, and can be renewed and given back', async () => {
    const taken = await server.call('POST', `${LIMITS}/increment-with-lease`, { names: ['tag:etl'], slots: 1, lease_duration: 60 })
    expect(taken).toMatchObject({ status: 200, body: { limits: [] } })
    const lease = taken.body.lease_id
    expect(isLeaseOfNothing(lease)).toBe(true)
    expect((await server.call('POST', `${LIMITS}/leases/${lease}/renew`, { lease_duration: 60 })).status).toBe(204)
    expect((await server.call('POST', `${LIMITS}/decrement-with-lease`, { lease_id: lease })).status).toBe(204)
  })

  it('goes with its limit', async () => {
    await make({ name: 'one', limit: 1 })
    const { body } = await server.call('POST', `${LIMITS}/increment-with-lease`, { names: ['one'], slots: 1 })
    await server.call('DELETE', `${LIMITS}/one`)
    expect((await server.call('POST', `${LIMITS}/leases/${body.lease_id}/renew`, {})).status).toBe(410)
  })
})

describe('the limit of a tag', () => {
  it('is made once, changed after, and is the limit named after it', async () => {
    const made = await server.call('POST', '/concurrency_limits/', { tag: 'etl', concurrency_limit: 1 })
    expect(made).toMatchObject({ status: 201, body: { tag: 'etl', concurrency_limit: 1, active_slots: [] } })
    const again = await server.call('POST', '/concurrency_limits/', { tag: 'etl', concurrency_limit: 2 })
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, concurrency_limit: 2 } })
    expect((await server.call('GET', `${LIMITS}/tag:etl`)).body).toMatchObject({ id: made.body.id, limit: 2 })
    expect((await server.call('GET', '/concurrency_limits/tag/etl')).body).toEqual(
      (await server.call('GET', `/concurrency_limits/${made.body.id}`)).body,
    )
    await make({ name: 'no tag', limit: 1 })
    expect((await server.call('POST', '/concurrency_limits/filter', {})).body).toHaveLength(1)
    expect(await server.call('DELETE', '/concurrency_limits/tag/etl')).toMatchObject({ status: 200, body: null })
    for (const path of ['/concurrency_limits/tag/etl', `/concurrency_limits/${made.body.id}`])
      expect((await server.call('GET', path)).status).toBe(404)
  })

  it('tells which task runs hold its slots, and is reset to those that are named', async () => {
    await server.call('POST', '/concurrency_limits/', { tag: 'etl', concurrency_limit: 1 })
    const take = (taskRun: string) =>
      server.call('POST', '/concurrency_limits/increment', { names: ['etl', 'unknown'], task_run_id: taskRun })
    expect(await take(TASK_RUN)).toMatchObject({ status: 200, body: [{ name: 'etl', limit: 1 }] })
    const denied = await take(OTHER_TASK_RUN)
    expect(denied).toMatchObject({
      status: 423,
      body: { detail: expect.stringContaining('Concurrency limit for the etl tag has been reached') },
    })
    expect(denied.headers.get('retry-after')).toBe('10')
    const holders = async () => (await server.call('GET', '/concurrency_limits/tag/etl')).body.active_slots
    expect(await holders()).toEqual([TASK_RUN])
    expect(await server.call('POST', '/concurrency_limits/tag/etl/reset', { slot_override: [OTHER_TASK_RUN] })).toMatchObject({
      status: 200,
      body: null,
    })
    expect(await holders()).toEqual([OTHER_TASK_RUN])
    await server.call('POST', '/concurrency_limits/decrement', { names: ['etl'], task_run_id: OTHER_TASK_RUN })
    expect(await holders()).toEqual([])
    expect(await activeSlots('tag:etl')).toBe(0)
    expect((await server.call('POST', '/concurrency_limits/tag/none/reset')).status).toBe(404)
  })

  it('of zero lets nobody in, in both forms', async () => {
    await server.call('POST', '/concurrency_limits/', { tag: 'never', concurrency_limit: 0 })
    const denied = await server.call('POST', '/concurrency_limits/increment', { names: ['never'], task_run_id: TASK_RUN })
    expect(denied).toMatchObject({ status: 423, body: { detail: expect.stringContaining('will deadlock') } })
    expect((await server.call('POST', `${LIMITS}/increment-with-lease`, { names: ['tag:never'], slots: 1 })).status).toBe(422)
  })

  it('shows the holders of leases that today’s clients take', async () => {
    await server.call('POST', '/concurrency_limits/', { tag: 'etl', concurrency_limit: 3 })
    await server.call('POST', `${LIMITS}/increment-with-lease`, {
      names: ['tag:etl'],
      slots: 1,
      lease_duration: 60,
      holder: { type: 'task_run', id: TASK_RUN },
    })
    expect((await server.call('GET', '/concurrency_limits/tag/etl')).body.active_slots).toEqual([TASK_RUN])
  })
})

describe('a task run whose states are proposed', () => {
  it('holds a slot of each of its tags while it runs, and waits when there is none', async () => {
    await server.call('POST', '/concurrency_limits/', { tag: 'etl', concurrency_limit: 1 })
    const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
    const { body: run } = await server.call('POST', '/flow_runs/', { flow_id: flow.id })
    await server.call('POST', `/flow_runs/${run.id}/set_state`, { state: { type: 'RUNNING' } })
    const task = async (dynamicKey: string) => {
      const body = { flow_run_id: run.id, task_key: 'load', dynamic_key: dynamicKey, tags: ['etl', 'free'] }
      return (await server.call('POST', '/task_runs/', body)).body.id
    }
    const propose = async (id: string, type: string) => (await server.call('POST', `/task_runs/${id}/set_state`, { state: { type } })).body
    const [one, two] = [await task('0'), await task('1')]
    expect((await propose(one, 'RUNNING')).status).toBe('ACCEPT')
    expect((await server.call('GET', '/concurrency_limits/tag/etl')).body.active_slots).toEqual([one])
    expect(await propose(two, 'RUNNING')).toMatchObject({ status: 'WAIT', details: { type: 'wait_details' } })
    expect((await propose(one, 'COMPLETED')).status).toBe('ACCEPT')
    expect((await server.call('GET', '/concurrency_limits/tag/etl')).body.active_slots).toEqual([])
    expect((await propose(two, 'RUNNING')).status).toBe('ACCEPT')
    await server.call('POST', '/concurrency_limits/', { tag: 'free', concurrency_limit: 0 })
    expect(await propose(await task('2'), 'RUNNING')).toMatchObject({ status: 'ABORT' })
  })
})

describe('two clients', () => {
  it('never hold more slots than there are', async () => {
    await make({ name: 'one', limit: 1 })
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.call('POST', `${LIMITS}/increment-with-lease`, { names: ['one'], slots: 1 })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 423)).toHaveLength(9)
    expect(await activeSlots('one')).toBe(1)
  })
})
