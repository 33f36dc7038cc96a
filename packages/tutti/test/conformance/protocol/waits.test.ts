// A run of a deployment that waits: it gives its process back, and whoever takes it goes on with it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { continueCall } from '../../../src/engine/call-flow.ts'
import { createEngine, DEFAULT_ENGINE_SETTINGS } from '../../../src/engine/engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import type { RunState } from '../../../src/engine/run-state.ts'
import { isTuttiError } from '../../../src/core/errors.ts'
import { flow } from '../../../src/sdk/flow.ts'
import type { Flow } from '../../../src/sdk/flow.ts'
import { pause, sleep, waitForInput } from '../../../src/sdk/pause.ts'
import { task } from '../../../src/sdk/task.ts'
import { systemLiveness } from '../../../src/system/liveness.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { TestBeats } from '../../../src/testing/test-beats.ts'
import { seededIds } from '../records.ts'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let server: TestServer
let beats: TestBeats
let engine: Engine
let calls: string[]

beforeEach(async () => {
  server = await openServer()
  calls = []
  beats = new TestBeats(server.orchestrator.flowRuns, server.clock)
  engine = createEngine({
    orchestrator: server.orchestrator,
    clock: server.clock,
    ids: seededIds(3),
    random: seededRandom(3),
    liveness: systemLiveness(),
    server: null,
    beats,
    captureConsole: () => undefined,
    names: () => 'quiet-otter',
    settings: DEFAULT_ENGINE_SETTINGS,
  })
  await server.call('POST', '/work_pools/', { name: 'pool', type: 'process' })
})
afterEach(() => server.close())

const note = task({ name: 'note' }, async (text: string) => {
  calls.push(text)
  return text
})

/** A run that is due, as a schedule or a person makes it. */
async function aRunOf(name: string): Promise<string> {
  const { body: made } = await server.call('POST', '/flows/', { name })
  const { body: deployment } = await server.call('POST', '/deployments/', { flow_id: made.id, name: 'prod', work_pool_name: 'pool' })
  return (await server.call('POST', `/deployments/${deployment.id}/create_flow_run`, {})).body.id
}

/** What a worker does with a run that it has claimed: it starts it, and is told when it need not be looked after any more. */
function start(of: Flow<never, unknown>, id: string): Promise<RunState> {
  return continueCall(of.definition, id, 'start', () => engine).state()
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn()
}

async function state(id: string): Promise<Record<string, unknown>> {
  return (await server.call('GET', `/flow_runs/${id}`)).body.state
}

/** Passes time in small steps until the run is in a state of that name. */
async function until(id: string, name: string): Promise<void> {
  for (let step = 0; step < 500; step += 1) {
    await turns()
    if ((await state(id))['name'] === name) return
    server.clock.advance(500)
  }
  throw new Error(`the run is ${String((await state(id))['name'])}, not ${name}`)
}

/** Until the wait of the run is recorded; time stands still. */
async function waiting(id: string): Promise<void> {
  const mine = { task_runs: { flow_run_id: { any_: [id] } } }
  while ((await server.call('POST', '/task_runs/filter', mine)).body.length === 0) await turns()
}

function claimed(): Promise<{ readonly body: readonly { readonly flow_run: { readonly id: string } }[] }> {
  return server.call('POST', '/work_pools/pool/claim', { worker: 'w1' })
}

describe('a long sleep', () => {
  const napping = flow({ name: 'napping' }, async () => {
    await note('before')
    await sleep('3 days')
    return note('after')
  })

  test('gives the process back, and the run is claimed again when its time has come', async () => {
    const id = await aRunOf('napping')
    await claimed()
    const first = start(napping, id)
    await until(id, 'Sleeping')

    const left = await first
    const timers = server.clock.waiting
    const tooEarly = (await claimed()).body
    server.clock.advance(3 * DAY_MS)
    const due = (await claimed()).body
    const second = await start(napping, id)

    expect(left).toMatchObject({ type: 'scheduled', name: 'Sleeping', error: { code: 'RUN_SUSPENDED' } })
    expect(engine.active.size).toBe(0)
    expect(timers).toBe(0)
    expect(tooEarly).toEqual([])
    expect(due.map((each) => each.flow_run.id)).toEqual([id])
    expect(second).toMatchObject({ type: 'completed', result: 'after' })
    expect(calls).toEqual(['before', 'after'])
  })

  test('stays in the process while a task is under way, and gives it back afterwards', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = task({ name: 'slow' }, () => gate.promise)
    const busy = flow({ name: 'busy' }, async () => {
      await Promise.all([sleep('3 days'), slow().then(() => note('slow'))])
    })
    const id = await aRunOf('busy')
    const first = start(busy, id)
    await waiting(id)
    for (let step = 0; step < 10; step += 1) {
      await turns()
      server.clock.advance(500)
    }
    const during = await state(id)
    gate.resolve()
    await until(id, 'Sleeping')

    expect(during['name']).toBe('Running')
    expect(await first).toMatchObject({ type: 'scheduled' })
    expect(calls).toEqual(['slow'])
  })

  test('that is short stays in the process', async () => {
    const quick = flow({ name: 'quick', waitInProcess: '5 minutes' }, async () => {
      await sleep('4 minutes')
      return 'done'
    })
    const id = await aRunOf('quick')
    const running = start(quick, id)
    await waiting(id)
    for (let step = 0; step < 10; step += 1) {
      await turns()
      server.clock.advance(30_000)
    }

    expect(await running).toMatchObject({ type: 'completed' })
  })

  test('is ended at once by a cancellation', async () => {
    const id = await aRunOf('napping')
    const first = start(napping, id)
    await until(id, 'Sleeping')
    await first

    await server.call('POST', `/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING' } })

    expect(await state(id)).toMatchObject({ type: 'CANCELLED' })
  })

  test('of a sub-flow gives back the process of the whole tree', async () => {
    const inner = flow({ name: 'inner' }, async () => {
      await note('inner begins')
      await sleep('2 days')
      return note('inner ends')
    })
    const outer = flow({ name: 'outer' }, async () => {
      await note('outer begins')
      return [await inner(), await note('outer ends')]
    })
    const id = await aRunOf('outer')
    const first = start(outer, id)
    await until(id, 'Sleeping')
    await first
    const { items } = await server.orchestrator.flowRuns.list({ flowName: 'inner', limit: 1 })
    const idle = engine.active.size

    server.clock.advance(2 * DAY_MS)
    const second = await start(outer, id)

    expect(items[0]).toMatchObject({ lease: null, state: { name: 'Sleeping' } })
    expect(idle).toBe(0)
    expect(second).toMatchObject({ type: 'completed', result: ['inner ends', 'outer ends'] })
    expect(calls).toEqual(['outer begins', 'inner begins', 'inner ends', 'outer ends'])
  })

  test('of a run without a deployment keeps its process', async () => {
    const { body: made } = await server.call('POST', '/flows/', { name: 'napping' })
    const id = (await server.call('POST', '/flow_runs/', { flow_id: made.id, state: { type: 'PENDING' } })).body.id as string
    const running = start(napping, id)
    await waiting(id)
    for (let step = 0; step < 10; step += 1) {
      await turns()
      server.clock.advance(HOUR_MS)
    }
    const during = await state(id)
    server.clock.advance(3 * DAY_MS)
    await turns()

    expect(during['type']).toBe('RUNNING')
    expect(await running).toMatchObject({ type: 'completed' })
  })
})

describe('a wait for somebody', () => {
  const approving = flow({ name: 'approving' }, async () => {
    const { ok } = await waitForInput(z.object({ ok: z.boolean() }), { key: 'approve', description: 'Ship it?', timeout: '2 days' })
    return note(ok ? 'shipped' : 'kept')
  })

  test('is a suspended run of the protocol, and goes on with what its endpoint is given', async () => {
    const id = await aRunOf('approving')
    const first = start(approving, id)
    await until(id, 'Suspended')
    const left = await first
    const suspended = await state(id)
    const details = suspended['state_details'] as { readonly run_input_keyset: Record<string, string> } // as the protocol says

    const schema = (await server.call('GET', `/flow_runs/${id}/input/${details.run_input_keyset['schema']}`)).text
    const wrong = await server.call('POST', `/flow_runs/${id}/resume`, { run_input: { ok: 'maybe' } })
    const right = await server.call('POST', `/flow_runs/${id}/resume`, { run_input: { ok: true } })
    const due = (await claimed()).body
    const second = await start(approving, id)

    expect(left).toMatchObject({ type: 'paused', error: { code: 'RUN_SUSPENDED' } })
    expect(suspended).toMatchObject({ type: 'PAUSED', state_details: { pause_reschedule: true, pause_key: 'approve' } })
    expect(schema).toContain('"required":["ok"]')
    expect(wrong.body.status).toBe('REJECT')
    expect(right.body).toMatchObject({ status: 'ACCEPT', state: { type: 'SCHEDULED', name: 'Resuming' } })
    expect(due.map((each) => each.flow_run.id)).toEqual([id])
    expect(second).toMatchObject({ type: 'completed', result: 'shipped' })
  })

  test('answered before its process was given back goes on in it', async () => {
    const id = await aRunOf('approving')
    const running = start(approving, id)
    await until(id, 'Paused')

    const resumed = await server.call('POST', `/flow_runs/${id}/resume`, { run_input: { ok: false } })
    await beats.tick()
    await turns()

    expect(resumed.body).toMatchObject({ status: 'ACCEPT', state: { type: 'RUNNING' } })
    expect(await running).toMatchObject({ type: 'completed', result: 'kept' })
  })

  test('for which nobody came goes on and is told so', async () => {
    const careful = flow({ name: 'careful' }, async () => {
      try {
        await pause({ timeout: '1 day' })
        return 'resumed'
      } catch (error) {
        return isTuttiError(error, 'WAIT_TIMED_OUT') ? 'nobody came' : 'failed'
      }
    })
    const id = await aRunOf('careful')
    const first = start(careful, id)
    await until(id, 'Suspended')
    await first

    const next = await server.orchestrator.services.nextPauseExpiry()
    const early = await server.orchestrator.services.expirePauses(10)
    server.clock.advance(DAY_MS)
    const late = await server.orchestrator.services.expirePauses(10)
    const due = await state(id)
    const second = await start(careful, id)

    expect(next).not.toBeNull()
    expect([early, late]).toEqual([0, 1])
    expect(due).toMatchObject({ type: 'SCHEDULED', name: 'Resuming' })
    expect(second).toMatchObject({ type: 'completed', result: 'nobody came' })
  })

  test('beside a sleep that ends sooner goes on when the sleep is over', async () => {
    const reminding = flow({ name: 'reminding' }, async () => {
      const answer = waitForInput(z.object({ ok: z.boolean() }), { timeout: '3 days' })
      const first = await Promise.race([answer, sleep('1 day')])
      if (first === undefined) await note('reminder')
      return (await answer).ok
    })
    const id = await aRunOf('reminding')
    const first = start(reminding, id)
    await until(id, 'Suspended')
    await first
    server.clock.advance(DAY_MS)
    await server.orchestrator.services.expirePauses(10)
    const second = start(reminding, id)
    await until(id, 'Suspended')
    await second
    await server.call('POST', `/flow_runs/${id}/resume`, { run_input: { ok: true } })

    expect(await start(reminding, id)).toMatchObject({ type: 'completed', result: true })
    expect(calls).toEqual(['reminder'])
  })

  test('inside a sub-flow is answered there, and the tree goes on', async () => {
    const inner = flow({ name: 'inner' }, async () => (await waitForInput(z.object({ ok: z.boolean() }))).ok)
    const outer = flow({ name: 'outer' }, async () => [await inner(), await note('outer ends')])
    const id = await aRunOf('outer')
    const first = start(outer, id)
    await until(id, 'Sleeping')
    await first
    const { items } = await server.orchestrator.flowRuns.list({ flowName: 'inner', limit: 1 })
    const child = items[0]?.id ?? ''

    await server.call('POST', `/flow_runs/${child}/resume`, { run_input: { ok: true } })
    const root = await state(id)

    expect(root).toMatchObject({ name: 'Resuming' })
    expect(await start(outer, id)).toMatchObject({ type: 'completed', result: [true, 'outer ends'] })
  })

  test('is ended at once by a cancellation', async () => {
    const id = await aRunOf('approving')
    const first = start(approving, id)
    await until(id, 'Suspended')
    await first

    await server.call('POST', `/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING' } })

    expect(await state(id)).toMatchObject({ type: 'CANCELLED' })
  })
})
