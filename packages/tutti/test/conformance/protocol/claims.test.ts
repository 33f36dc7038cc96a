import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonText } from '../../../src/core/literal-json.ts'
import { createApp } from '../../../src/server/app.ts'
import { createWake } from '../../../src/server/wake.ts'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

const EMPTY = new JsonText('{}')

/** An id that nothing has. */
const NOTHING = '0198a000-0000-7000-8000-000000000001'

let server: TestServer
let deployment: string

beforeEach(async () => {
  server = await openServer()
  await server.call('POST', '/work_pools/', { name: 'pool', type: 'process' })
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  deployment = (await server.call('POST', '/deployments/', { flow_id: flow.id, name: 'nightly' })).body.id
})
afterEach(() => server.close())

async function queueId(name: string): Promise<string> {
  return (await server.call('GET', `/work_pools/pool/queues/${name}`)).body.id
}

async function makeRun({ queue = 'default', dueInMs = 0 }: { queue?: string; dueInMs?: number } = {}): Promise<string> {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  const { view } = await server.orchestrator.flowRuns.create({
    flowId: flow.id,
    flowVersion: null,
    parameters: EMPTY,
    context: EMPTY,
    parentTaskRunId: null,
    policy: { retries: 0, crashRestarts: 0 },
    tags: [],
    labels: EMPTY,
    idempotencyKey: null,
    workQueueId: await queueId(queue),
    jobVariables: null,
    infrastructureDocumentId: null,
    deployment: { id: deployment, version: null, labels: EMPTY },
    autoScheduled: false,
    createdBy: null,
    state: { type: 'scheduled', name: 'Scheduled', message: null, details: {}, scheduledFor: server.clock.now() + dueInMs * 1000 },
  })
  return view.run.id
}

function claim(body: Readonly<Record<string, unknown>> = {}) {
  return server.call('POST', '/work_pools/pool/claim', { worker: 'w1', ...body })
}

async function stateOf(id: string): Promise<string> {
  return (await server.call('GET', `/flow_runs/${id}`)).body.state.name
}

function idsOf(body: readonly { readonly flow_run: { readonly id: string } }[]): readonly string[] {
  return body.map((claimed) => claimed.flow_run.id)
}

/** Until the request waits, or waits no more. */
async function untilListening(count: number): Promise<void> {
  while (server.wake.listeners !== count) await nextTurn()
}

/** Until so many requests have looked, found nothing and wait for the clock. */
async function untilAsleep(count: number): Promise<void> {
  while (server.clock.waiting !== count) await nextTurn()
}

describe('a claim', () => {
  it('passes over a run whose deployment was deleted, which nobody can start: it is cancelled', async () => {
    const orphan = await makeRun()
    await server.call('DELETE', `/deployments/${deployment}`)
    const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
    deployment = (await server.call('POST', '/deployments/', { flow_id: flow.id, name: 'daily' })).body.id
    server.clock.advance(1)
    const run = await makeRun()
    await claim({ limit: 1 })
    const { body } = await claim({ limit: 1 })

    expect(await stateOf(orphan)).toBe('Cancelled')
    expect(idsOf(body)).toEqual([run])
  })

  it('gives each due run to one worker only, and makes it Pending', async () => {
    const runs = [await makeRun(), await makeRun(), await makeRun()]
    await makeRun({ dueInMs: 60_000 })
    const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => claim({ worker: `w${index}`, limit: 2 })))
    const claimed = answers.flatMap(({ body }) => idsOf(body))
    expect(claimed.toSorted()).toEqual(runs.toSorted())
    expect(answers[0]).toMatchObject({
      status: 200,
      body: [
        { claim: { worker: 'w0', until: '2026-01-01T00:00:45.000001Z' }, flow_run: { state_type: 'PENDING', work_queue_name: 'default' } },
        {},
      ],
    })
    expect(await stateOf(runs[0] ?? '')).toBe('Pending')
  })

  it('whose answer its worker never read is given back when the worker stops, and only that', async () => {
    const [kept, unread, of] = [await makeRun(), await makeRun(), await makeRun()]
    const { body: first } = await claim({ limit: 1 })
    await claim({ limit: 1 })
    await claim({ worker: 'another', limit: 1 })

    const { body } = await server.call('POST', '/claims/release', { worker: 'w1', except: [first[0].claim.id] })

    expect(body).toEqual({ released: 1 })
    expect([await stateOf(kept), await stateOf(unread), await stateOf(of)]).toEqual(['Pending', 'Scheduled', 'Pending'])
  })

  it('says that the pool and its queues are served', async () => {
    expect((await claim()).body).toEqual([])
    expect((await server.call('GET', '/work_pools/pool')).body.status).toBe('READY')
    expect((await server.call('GET', '/work_pools/pool/queues/default')).body.status).toBe('READY')
    expect((await server.call('POST', '/work_pools/pool/workers/filter', {})).body).toMatchObject([{ name: 'w1', status: 'ONLINE' }])
  })

  it.each([
    ['/work_pools/none/claim', { worker: 'w1' }, 404],
    ['/work_pools/pool/claim', { worker: 'w1', queues: ['none'] }, 404],
    ['/work_pools/pool/claim', {}, 422],
    ['/work_pools/pool/claim', { worker: 'w1', limit: 0 }, 422],
    ['/work_pools/pool/claim', { worker: 'w1', wait_seconds: 61 }, 422],
    ['/deployments/claim', { worker: 'w1', deployment_ids: [] }, 422],
    [`/claims/${NOTHING}/renew`, undefined, 410],
    [`/claims/${NOTHING}/release`, undefined, 204],
  ])('%s %j answers %i', async (path, body, status) => {
    expect((await server.call('POST', path, body)).status).toBe(status)
  })

  it('keeps to the limits of pool and queues', async () => {
    await server.call('PATCH', '/work_pools/pool', { concurrency_limit: 1 })
    const [first, second] = [await makeRun(), await makeRun()]
    expect(idsOf((await claim({ limit: 5 })).body)).toEqual([first])
    expect((await claim({ limit: 5 })).body).toEqual([])
    await server.call('POST', `/flow_runs/${first}/set_state`, { state: { type: 'CANCELLED' }, force: true })
    expect(idsOf((await claim({ limit: 5 })).body)).toEqual([second])
  })

  it('of deployments needs no pool', async () => {
    const run = await makeRun()
    const claimed = await server.call('POST', '/deployments/claim', { worker: 'served', deployment_ids: [deployment] })
    expect(idsOf(claimed.body)).toEqual([run])
    expect((await claim()).body).toEqual([])
  })
})

describe('a run that is claimed and started at once', () => {
  const holder = { host: 'elsewhere', bootId: 'b', pid: 7, processStart: '1' }

  function start(body: Readonly<Record<string, unknown>> = {}) {
    const ask = { worker: 'served', deployment_ids: [deployment], version: 1, holder, lease_ms: 45_000 }
    return server.call('POST', '/deployments/start', { ...ask, ...body })
  }

  function returned(body: Readonly<Record<string, unknown>> = {}) {
    return server.call('POST', '/claims/release', { worker: 'served', holder, ...body })
  }

  async function historyOf(id: string): Promise<readonly string[]> {
    const { body } = await server.call('GET', `/flow_run_states/?flow_run_id=${id}`)
    return (body as readonly { readonly type: string }[]).map(({ type }) => type)
  }

  it('is held by the process that asked, and its history has every state', async () => {
    const run = await makeRun()
    const { status, body } = await start()

    expect(status).toBe(200)
    expect(body).toMatchObject([{ claim: { worker: 'served' }, run: { id: run, attempt: 1, lease: { holder } } }])
    expect(await historyOf(run)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING'])
    expect((await start()).body).toEqual([])
  })

  it('waits as other claims do', async () => {
    const waiting = start({ wait_seconds: 30 })
    await untilListening(1)
    const run = await makeRun()
    expect((await waiting).body).toMatchObject([{ run: { id: run } }])
  })

  it('stays with its process when another one of the same name gives back', async () => {
    const run = await makeRun()
    await start()
    await returned({ holder: { ...holder, pid: 8 } })
    await returned({ holder: null })
    expect(await stateOf(run)).toBe('Running')
  })

  it('is due again when its process has not read the answer, and its next attempt is another one', async () => {
    const [read, unread] = [await makeRun(), await makeRun()]
    const { body: first } = await start()
    await start()

    expect((await returned({ except: [first[0].claim.id] })).body).toEqual({ released: 1 })
    expect([await stateOf(read), await stateOf(unread)]).toEqual(['Running', 'Scheduled'])
    expect((await start()).body).toMatchObject([{ run: { id: unread, attempt: 2 } }])
  })

  it('can be given back however long its server was away, but not once its process was heard of', async () => {
    const [heard, unheard] = [await makeRun(), await makeRun()]
    await start({ limit: 2 })
    await server.orchestrator.flowRuns.beat([{ flowRunId: heard, attempt: 1 }], server.clock.now() + 90_000_000)
    server.clock.advance(46_000)
    expect(await server.orchestrator.claims.expire(10)).toBe(2)

    await returned()

    expect([await stateOf(heard), await stateOf(unheard)]).toEqual(['Running', 'Scheduled'])
  })

  it('that was cancelled meanwhile is cancelled when it is given back', async () => {
    const run = await makeRun()
    await start()
    await server.call('POST', `/flow_runs/${run}/set_state`, { state: { type: 'CANCELLING' } })
    await returned()
    expect(await stateOf(run)).toBe('Cancelled')
  })

  it('is refused to an engine of another version', async () => {
    expect((await start({ version: 2 })).status).toBe(400)
  })
})

describe('a run whose worker', () => {
  it('went silent is due again, unless it had started', async () => {
    const [idle, started] = [await makeRun(), await makeRun()]
    await claim({ limit: 2 })
    await server.call('POST', `/flow_runs/${started}/set_state`, { state: { type: 'RUNNING' } })
    server.clock.advance(44_000)
    expect(await server.orchestrator.claims.expire(10)).toBe(0)
    server.clock.advance(2_000)
    expect(await server.orchestrator.claims.expire(10)).toBe(2)
    expect([await stateOf(idle), await stateOf(started)]).toEqual(['Scheduled', 'Running'])
    expect(idsOf((await claim({ worker: 'w2' })).body)).toEqual([idle])
  })

  it('goes on beating stays its own', async () => {
    await makeRun()
    const { id } = (await claim()).body[0].claim
    server.clock.advance(40_000)
    expect(await server.call('POST', `/claims/${id}/renew`)).toMatchObject({
      status: 200,
      body: { id, until: '2026-01-01T00:01:25.000001Z' },
    })
    server.clock.advance(40_000)
    expect(await server.orchestrator.claims.expire(10)).toBe(0)
    server.clock.advance(6_000)
    expect((await server.call('POST', `/claims/${id}/renew`)).status).toBe(410)
  })

  it('gives it back is due at once', async () => {
    const run = await makeRun()
    const { id } = (await claim()).body[0].claim
    expect((await server.call('POST', `/claims/${id}/release`)).status).toBe(204)
    expect((await server.call('POST', `/claims/${id}/release`)).status).toBe(204)
    expect(idsOf((await claim({ worker: 'w2' })).body)).toEqual([run])
  })
})

describe('a claim that waits', () => {
  it('is woken by a run that is made', async () => {
    const waiting = claim({ wait_seconds: 30 })
    await untilListening(1)
    const run = await makeRun()
    expect(idsOf((await waiting).body)).toEqual([run])
    expect(server.wake.listeners).toBe(0)
  })

  it('gives a run to one of those who wait while it is being made, and none that is refused or due later', async () => {
    const ask = (body: object) => server.call('POST', `/deployments/${deployment}/create_flow_run`, body)
    const serve = (worker: string) => server.call('POST', '/deployments/claim', { worker, deployment_ids: [deployment], wait_seconds: 30 })
    const waiting = Promise.all([serve('one'), serve('other')])
    await untilAsleep(2)

    expect((await ask({ parent_task_run_id: 'nothing' })).status).toBe(422)
    await ask({ state: { type: 'SCHEDULED', state_details: { scheduled_time: '2026-01-02T00:00:00Z' } } })
    const made: readonly string[] = [(await ask({})).body.id, (await ask({})).body.id]

    expect((await waiting).flatMap(({ body }) => idsOf(body)).toSorted()).toEqual(made.toSorted())
  })

  it('gives a scheduled run at its time', async () => {
    const run = await makeRun({ dueInMs: 3_000 })
    const waiting = claim({ wait_seconds: 30 })
    await untilAsleep(1)
    server.clock.advance(3_000)
    expect(idsOf((await waiting).body)).toEqual([run])
  })

  it('goes out empty when its time is over', async () => {
    const waiting = claim({ wait_seconds: 4 })
    await untilAsleep(1)
    server.clock.advance(4_000)
    expect((await waiting).body).toEqual([])
  })

  it('looks again from time to time, as another server may have made work', async () => {
    const deaf = createWake(server.clock)
    const other = createApp(server.orchestrator, { clock: server.clock, wake: deaf, onError: (error) => expect.fail(String(error)) })
    const waiting = other.request('/api/work_pools/pool/claim', {
      method: 'POST',
      body: JSON.stringify({ worker: 'w1', wait_seconds: 30 }),
    })
    await untilAsleep(1)
    const run = await makeRun()
    expect(await stateOf(run)).toBe('Scheduled')
    server.clock.advance(5_000)
    expect(idsOf(JSON.parse(await (await waiting).text()))).toEqual([run])
  })

  it('ends with its caller, and has claimed nothing', async () => {
    const caller = new AbortController()
    const waiting = server.app.request('/api/work_pools/pool/claim', {
      method: 'POST',
      body: JSON.stringify({ worker: 'w1', wait_seconds: 30 }),
      signal: caller.signal,
    })
    await untilListening(1)
    caller.abort()
    await waiting
    expect(server.wake.listeners).toBe(0)
    const run = await makeRun()
    expect(await stateOf(run)).toBe('Scheduled')
  })

  it('ends with the server', async () => {
    const waiting = claim({ wait_seconds: 30 })
    await untilListening(1)
    server.wake.close()
    expect((await waiting).body).toEqual([])
  })

  it('gives one new run to one of those who wait', async () => {
    const waiting = Promise.all(['w1', 'w2', 'w3'].map((worker) => claim({ worker, wait_seconds: 4 })))
    await untilAsleep(3)
    const run = await makeRun()
    await untilListening(2)
    await untilAsleep(2)
    server.clock.advance(4_000)
    expect((await waiting).flatMap(({ body }) => idsOf(body))).toEqual([run])
  })
})
