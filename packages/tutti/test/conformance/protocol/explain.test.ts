import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
  await server.call('POST', '/work_pools/', { name: 'pool', type: 'process' })
})
afterEach(() => server.close())

async function deploy(name: string, more: object = { work_pool_name: 'pool' }): Promise<string> {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  return (await server.call('POST', '/deployments/', { flow_id: flow.id, name, ...more })).body.id
}

async function makeRun(deployment: string, body: object = {}): Promise<string> {
  return (await server.call('POST', `/deployments/${deployment}/create_flow_run`, body)).body.id
}

interface ReasonWire {
  readonly code: string
  readonly message: string
  readonly action: { readonly type: string; readonly text: string }
  readonly blocks: boolean
  readonly held_by: readonly { readonly flow_run_id: string }[]
}

async function explain(run: string): Promise<readonly ReasonWire[]> {
  const { status, body } = await server.call('GET', `/flow_runs/${run}/explain`)
  expect(status).toBe(200)
  return body.reasons
}

async function codes(run: string): Promise<readonly string[]> {
  return (await explain(run)).map(({ code }) => code)
}

function claim(worker = 'w1') {
  return server.call('POST', '/work_pools/pool/claim', { worker, limit: 1 })
}

async function setState(run: string, state: object): Promise<void> {
  await server.call('POST', `/flow_runs/${run}/set_state`, { state, force: true })
}

describe('a run is not running because', () => {
  it('no worker has asked for it, since when', async () => {
    const run = await makeRun(await deploy('nightly'))
    const [never] = await explain(run)
    await server.call('POST', '/work_pools/pool/claim', { worker: 'w1', limit: 1, queues: ['default'] })
    const other = await makeRun(await deploy('nightly'))
    server.clock.advance(3_600_000)
    const [once] = await explain(other)

    expect(never).toMatchObject({
      code: 'no-worker',
      message: 'No worker has asked the work pool pool (type process) for work yet.',
      action: { type: 'command', text: 'tutti worker start --pool pool' },
      blocks: true,
    })
    expect(once?.message).toContain('for work since 2026-01-01T00:00:00Z')
  })

  it('the pool, the queue or the server holds everything back, each with what to do', async () => {
    const run = await makeRun(await deploy('nightly'))
    await server.call('PATCH', '/work_pools/pool', { is_paused: true })
    await server.call('PATCH', '/work_pools/pool/queues/default', { is_paused: true })
    await server.call('PUT', '/maintenance', { message: 'new disks' })
    const reasons = await explain(run)

    expect(reasons.map(({ code, action }) => [code, action.text])).toEqual([
      ['maintenance', 'tutti maintenance off'],
      ['pool-paused', 'tutti work-pool resume pool'],
      ['queue-paused', 'tutti work-queue resume default --pool pool'],
      ['no-worker', 'tutti worker start --pool pool'],
    ])
    expect(reasons[0]?.message).toContain('(new disks)')
  })

  it('a limit is full: who holds the slot, of the pool, the queue or the deployment', async () => {
    const deployment = await deploy('nightly', { work_pool_name: 'pool', concurrency_limit: 1 })
    await server.call('PATCH', '/work_pools/pool', { concurrency_limit: 1 })
    await server.call('PATCH', '/work_pools/pool/queues/default', { concurrency_limit: 1 })
    const holder = await makeRun(deployment)
    await claim()
    await setState(holder, { type: 'RUNNING' })
    const run = await makeRun(deployment)
    const reasons = await explain(run)

    expect(reasons.map(({ code }) => code)).toEqual(['pool-full', 'queue-full', 'deployment-full'])
    expect(reasons.map(({ held_by: held }) => held[0]?.flow_run_id)).toEqual([holder, holder, holder])
    expect(reasons[0]?.message).toMatch(/runs as many as it may at once, 1: a slot is held by \S+ \(.+\) since 2026/)
    expect(reasons[2]?.action.text).toMatch(/^PATCH \/api\/v2\/concurrency_limits\/deployment%3A.+ \{"limit": 2\}$/)
  })

  it('its deployment has no slot, although it is scheduled for a little later', async () => {
    const deployment = await deploy('nightly', { work_pool_name: 'pool', concurrency_limit: 1 })
    await makeRun(deployment)
    const run = await makeRun(deployment)
    await claim()
    await claim()

    expect((await server.call('GET', `/flow_runs/${run}`)).body.state.name).toBe('AwaitingConcurrencySlot')
    expect(await codes(run)).toEqual(['deployment-full', 'scheduled-for-later'])
  })

  it('its time has not come, or it waits for another try', async () => {
    const deployment = await deploy('nightly')
    await claim()
    const later = await makeRun(deployment, { state: { type: 'SCHEDULED', state_details: { scheduled_time: '2026-01-01T01:00:00Z' } } })
    const failed = await makeRun(deployment)
    await setState(failed, {
      type: 'SCHEDULED',
      name: 'AwaitingRetry',
      message: 'boom',
      state_details: { scheduled_time: '2026-01-01T00:05:00Z' },
    })

    expect((await explain(later))[0]).toMatchObject({
      code: 'scheduled-for-later',
      message: 'It is scheduled for later: it starts at 2026-01-01T01:00:00Z, in 1 h.',
      blocks: true,
    })
    expect((await explain(failed))[0]).toMatchObject({ code: 'awaiting-retry', message: expect.stringContaining('boom') })
  })

  it('a worker is starting it, or went silent over it', async () => {
    const run = await makeRun(await deploy('nightly'))
    await claim('w7')
    const [starting] = await explain(run)
    server.clock.advance(50_000)
    const [lost] = await explain(run)

    expect(starting).toMatchObject({ code: 'starting', message: expect.stringContaining('The worker w7 took it') })
    expect(lost).toMatchObject({ code: 'claim-lost', message: expect.stringContaining('w7') })
  })

  it('somebody has to give input, or to resume it', async () => {
    const deployment = await deploy('nightly')
    const run = await makeRun(deployment)
    await setState(run, { type: 'PAUSED', state_details: { pause_timeout: '2026-01-01T00:10:00Z' } })
    const asking = await makeRun(deployment)
    await setState(asking, { type: 'PAUSED', state_details: { run_input_keyset: { schema: 's', response: 'r' } } })

    expect((await explain(run))[0]).toMatchObject({ code: 'paused', message: expect.stringContaining('it fails at 2026-01-01T00:10:00Z') })
    expect((await explain(asking))[0]?.code).toBe('waiting-for-input')
  })

  it('nobody serves its deployment, its queue is gone, or its deployment is', async () => {
    const unserved = await makeRun(await deploy('served', {}))
    const { body: queue } = await server.call('POST', '/work_pools/pool/queues', { name: 'fast' })
    const homeless = await makeRun(await deploy('fast', { work_pool_name: 'pool', work_queue_name: queue.name }))
    await server.call('DELETE', '/work_pools/pool/queues/fast')
    await deploy('fast')
    const gone = await deploy('gone')
    const orphan = await makeRun(gone)
    await server.call('DELETE', `/deployments/${gone}`)

    expect([await codes(unserved), await codes(homeless), await codes(orphan)]).toEqual([
      ['not-served'],
      ['queue-deleted'],
      ['deployment-deleted'],
    ])
  })

  it('others of its queue go first', async () => {
    const deployment = await deploy('nightly')
    await claim()
    await makeRun(deployment)
    const run = await makeRun(deployment)

    expect((await explain(run))[0]).toMatchObject({ code: 'next', message: expect.stringContaining('1 due run goes first'), blocks: false })
  })

  it('a slot is missing for its task runs while it runs, or because it has ended', async () => {
    const run = await makeRun(await deploy('nightly'))
    await claim()
    await setState(run, { type: 'RUNNING' })
    await server.call('POST', '/concurrency_limits/', { tag: 'db', concurrency_limit: 0 })
    await server.call('POST', '/task_runs/', {
      flow_run_id: run,
      task_key: 'load',
      dynamic_key: '0',
      tags: ['db'],
      state: { type: 'PENDING' },
    })
    const under = await codes(run)
    await setState(run, { type: 'FAILED', message: 'boom' })

    expect(under).toEqual(['running', 'tasks-wait-for-slot'])
    expect(await explain(run)).toMatchObject([
      { code: 'ended', message: expect.stringContaining('Failed'), action: { text: `tutti flow-run retry ${run}` } },
    ])
  })
})

it('a run that is not there is not explained', async () => {
  expect((await server.call('GET', '/flow_runs/0198a000-0000-7000-8000-000000000001/explain')).status).toBe(404)
})

/* ── whatever the world looks like ──────────────────────────────────────────────────────────────── */

const limit = fc.constantFrom(null, 0, 1, 2)
const world = fc.record({
  poolPaused: fc.boolean(),
  queuePaused: fc.boolean(),
  poolLimit: limit,
  queueLimit: limit,
  deploymentLimit: fc.constantFrom(null, 1, 2),
  maintenance: fc.constantFrom('none', 'server', 'pool'),
  runs: fc.array(fc.record({ inS: fc.constantFrom(-60, 0, 30) }), { minLength: 1, maxLength: 4 }),
  before: fc.nat(2),
})

/** A worker that asks changes these, so they keep no run from whoever asks. */
const UNSERVED = new Set(['no-worker', 'not-served'])

it('whatever the world looks like, a reason is told, and what no reason blocks is what a worker gets', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const deployment = await build()
      const started: string[] = []
      for (let index = 0; index < given.before; index++) {
        const holder = await makeRun(deployment)
        started.push(holder)
        await claim()
      }
      await change(given)
      const runs: string[] = []
      for (const { inS } of given.runs) runs.push(await scheduled(deployment, inS))
      const before = new Map<string, readonly ReasonWire[]>()
      for (const run of [...started, ...runs]) before.set(run, await explain(run))

      const { body } = await server.call('POST', '/work_pools/pool/claim', { worker: 'w2', limit: 10 })
      const claimed = new Set<string>(body.map((each: { readonly flow_run: { readonly id: string } }) => each.flow_run.id))

      for (const [run, reasons] of before) {
        const blockers = reasons.filter(({ code, blocks }) => blocks && !UNSERVED.has(code))
        expect(reasons.length).toBeGreaterThan(0)
        for (const { message, action } of reasons)
          expect([message, action.text].every((text) => text !== '' && !text.includes('undefined'))).toBe(true)
        const isTaken = claimed.has(run)
        expect(isTaken ? blockers : []).toEqual([])
        // It would have been taken, had those that went first not taken the room.
        expect(isTaken || blockers.length > 0 || !runs.includes(run) || claimed.size > 0).toBe(true)
      }
      await server.close()
      server = await openServer()
    }),
    { numRuns: 60 },
  )
})

async function build(): Promise<string> {
  await server.call('POST', '/work_pools/', { name: 'pool', type: 'process' })
  return deploy('nightly')
}

async function change(given: typeof world extends fc.Arbitrary<infer W> ? W : never): Promise<void> {
  await server.call('PATCH', '/work_pools/pool', { is_paused: given.poolPaused, concurrency_limit: given.poolLimit })
  await server.call('PATCH', '/work_pools/pool/queues/default', { is_paused: given.queuePaused, concurrency_limit: given.queueLimit })
  if (given.deploymentLimit !== null) await deploy('nightly', { work_pool_name: 'pool', concurrency_limit: given.deploymentLimit })
  if (given.maintenance !== 'none') await server.call('PUT', '/maintenance', given.maintenance === 'pool' ? { work_pool: 'pool' } : {})
}

async function scheduled(deployment: string, inS: number): Promise<string> {
  const at = new Date((server.clock.now() + inS * 1_000_000) / 1000).toISOString()
  return makeRun(deployment, { state: { type: 'SCHEDULED', state_details: { scheduled_time: at } } })
}
