import { beforeEach, describe, expect, test } from 'vitest'
import type { FlowRun, FlowRunCommand } from '../../../src/core/flow-run.ts'
import type { JournalAnswer, Orchestrator } from '../../../src/core/orchestrator.ts'
import type { Pause } from '../../../src/core/wait.ts'
import { runOf } from '../home.ts'
import type { Actions } from '../home.ts'
import { aLease, HOUR, SECOND, T0 } from '../records.ts'

const SCHEMA = '{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}'

/** Runs that wait: for time, for somebody, in their process or without one. */
export function waitCases(given: () => Actions): void {
  describe('waits', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    function aPause(changes: Partial<Pause> = {}): Pause {
      return { waitId: 'w1', key: 'approve', until: T0 + HOUR, wakeAt: T0 + HOUR, schema: SCHEMA, description: 'Ship it?', ...changes }
    }

    function tell(run: FlowRun, command: FlowRunCommand): Promise<readonly JournalAnswer[]> {
      return actions.flush({ type: 'command', flowRunId: run.id, attempt: run.attempt, command, parent: null })
    }

    async function paused(pause = aPause()): Promise<FlowRun> {
      return runOf((await tell(await actions.begin(), { type: 'pause', pause, message: 'waits' }))[0])
    }

    async function suspended(pause = aPause()): Promise<FlowRun> {
      const run = await paused(pause)
      return runOf((await tell(run, { type: 'suspend', until: pause.wakeAt, pause, message: 'waits' }))[0])
    }

    test('for input tell what is to be given, and take what fits', async () => {
      const run = await paused()
      const { waits } = orchestrator

      const open = await waits.open(run.id)
      const before = await waits.answer(run.id, 'w1')
      const woken = await waits.wake(run.id, '{"ok":true}')

      expect(open).toEqual({ waitId: 'w1', key: 'approve', until: T0 + HOUR, schema: SCHEMA, description: 'Ship it?' })
      expect(before).toBeNull()
      expect(woken).toEqual({ type: 'accept' })
      expect(await waits.answer(run.id, 'w1')).toBe('{"ok":true}')
      expect(await orchestrator.flowRuns.get(run.id)).toMatchObject({ state: { type: 'running' }, lease: { holder: { pid: 4711 } } })
    })

    test('name the field of an input that does not fit, and nothing changes', async () => {
      const run = await paused()

      const woken = await orchestrator.waits.wake(run.id, '{"ok":"yes"}')

      expect(woken).toMatchObject({ type: 'reject', why: 'input', reason: expect.stringContaining("'ok'") as string })
      expect(await orchestrator.waits.answer(run.id, 'w1')).toBeNull()
      expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('paused')
    })

    test('are over once: a second answer, a late one and one to a run that does not wait are refused', async () => {
      const { waits } = orchestrator
      const run = await paused()
      await waits.wake(run.id, '{"ok":true}')
      const late = await paused()
      const running = await actions.begin()

      expect(await waits.wake(run.id, '{"ok":false}')).toMatchObject({ type: 'reject', why: 'not waiting' })
      expect(await waits.wake(running.id, null)).toMatchObject({ type: 'reject', why: 'not waiting' })
      actions.home.time.advance(HOUR)
      expect(await waits.wake(late.id, '{"ok":true}')).toMatchObject({ type: 'reject', why: 'too late' })
      expect(await waits.open(running.id)).toBeNull()
      await expect(waits.wake('no-such-run', null)).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
    })

    test('without a schema take nothing but to be resumed', async () => {
      const run = await paused(aPause({ schema: null }))

      expect(await orchestrator.waits.wake(run.id, '{"ok":true}')).toMatchObject({ type: 'reject', why: 'input' })
      expect(await orchestrator.waits.wake(run.id, null)).toEqual({ type: 'accept' })
      expect(await orchestrator.waits.answer(run.id, 'w1')).toBe('null')
    })

    test('tell the holder with its beats when they are over, if it wants to know', async () => {
      const run = await paused()
      const beat = { flowRunId: run.id, attempt: run.attempt, isWaiting: true }

      const before = await orchestrator.flowRuns.look([beat])
      await orchestrator.waits.wake(run.id, '{"ok":true}')
      const after = await orchestrator.flowRuns.look([beat, { flowRunId: run.id, attempt: run.attempt }])

      expect([...before, ...after].map(({ tell: said }) => said)).toEqual(['go on', 'woken', 'go on'])
    })

    test('that gave their process back are started by whoever takes them when they are woken', async () => {
      const run = await suspended()

      const early = orchestrator.flowRuns.take(run.id, 'start', aLease())
      await expect(early).rejects.toMatchObject({ code: 'TRANSITION_REJECTED' })
      await orchestrator.waits.wake(run.id, '{"ok":true}')
      const due = await orchestrator.flowRuns.get(run.id)
      const taken = await orchestrator.flowRuns.take(run.id, 'start', aLease())

      expect(run).toMatchObject({ lease: null, state: { type: 'paused', name: 'Suspended' } })
      expect(due.state).toMatchObject({ type: 'scheduled', name: 'Resuming' })
      expect(taken).toMatchObject({ attempt: 2, state: { type: 'running' } })
    })

    test('for time that gave their process back are due when it has come', async () => {
      const run = await actions.begin()
      const [answer] = await tell(run, { type: 'suspend', until: T0 + HOUR, pause: null, message: 'sleeps' })

      await expect(orchestrator.flowRuns.take(run.id, 'start', aLease())).rejects.toMatchObject({ code: 'TRANSITION_REJECTED' })
      actions.home.time.advance(HOUR)

      expect(runOf(answer)).toMatchObject({ lease: null, state: { type: 'scheduled', name: 'Sleeping', scheduledFor: T0 + HOUR } })
      expect(await orchestrator.flowRuns.take(run.id, 'start', aLease())).toMatchObject({ attempt: 2 })
    })

    test('told again, because the answer was lost, change nothing more', async () => {
      const pause = aPause()
      const run = await paused(pause)
      const suspend = { type: 'suspend', until: pause.wakeAt, pause, message: 'waits' } as const
      await tell(run, suspend)

      const [again] = await tell(run, suspend)

      expect(runOf(again)).toMatchObject({ lease: null, state: { type: 'paused' } })
      expect(await orchestrator.flowRuns.states(run.id)).toHaveLength(4)
    })

    test('that were answered meanwhile keep their process and their answer', async () => {
      const pause = aPause()
      const run = await paused(pause)
      await orchestrator.waits.wake(run.id, '{"ok":true}')

      const [answer] = await tell(run, { type: 'suspend', until: pause.wakeAt, pause, message: 'waits' })

      expect(answer).toMatchObject({ type: 'refused', code: 'TRANSITION_REJECTED' })
      expect(await orchestrator.waits.answer(run.id, 'w1')).toBe('{"ok":true}')
    })

    test.each(['Suspended', 'Sleeping'])('that are %s are cancelled at once', async (name) => {
      const sleeping = async (): Promise<FlowRun> =>
        runOf((await tell(await actions.begin(), { type: 'suspend', until: T0 + HOUR, pause: null, message: 'sleeps' }))[0])
      const run = await (name === 'Suspended' ? suspended() : sleeping())
      const wait = actions.records.checkpoint({
        flowRunId: run.id,
        sequence: 1,
        state: { ...actions.records.state('scheduled'), type: 'scheduled', scheduledFor: T0 + HOUR },
        outcome: null,
        number: null,
        endedAt: null,
      })
      await actions.flush({ type: 'checkpoint', checkpoint: wait })

      await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })

      expect((await orchestrator.flowRuns.get(run.id)).state).toMatchObject({ type: 'cancelled', message: 'enough' })
      expect((await orchestrator.taskRuns.get(wait.id)).state.type).toBe('cancelled')
    })

    test('of a whole tree are cancelled with its root', async () => {
      const { root, child, mirrorId } = await actions.beginTree()
      await tell(root, { type: 'suspend', until: T0 + HOUR, pause: null, message: 'sleeps' })
      await tell(child, { type: 'suspend', until: T0 + HOUR, pause: null, message: 'sleeps' })

      await orchestrator.flowRuns.command(root.id, { type: 'cancel', message: 'enough' })

      expect((await orchestrator.flowRuns.get(child.id)).state.type).toBe('cancelled')
      expect((await orchestrator.taskRuns.get(mirrorId)).state.type).toBe('cancelled')
    })

    test('of a process that died are answered for the next one', async () => {
      const run = await paused()
      actions.home.processes.kill(4711)
      await orchestrator.flowRuns.recover(10)

      const open = await orchestrator.waits.open(run.id)
      const woken = await orchestrator.waits.wake(run.id, '{"ok":true}')

      expect(open).toEqual({ waitId: 'w1', key: null, until: null, schema: SCHEMA, description: 'Ship it?' })
      expect(woken).toEqual({ type: 'accept' })
      expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('crashed')
      expect(await orchestrator.waits.answer(run.id, 'w1')).toBe('{"ok":true}')
    })

    test('whose answer the flow could not take are asked for again', async () => {
      const run = await paused()
      await orchestrator.waits.wake(run.id, '{"ok":true}')

      await tell(run, { type: 'pause', pause: aPause({ isAgain: true }), message: 'ok: must be false' })

      expect(await orchestrator.waits.answer(run.id, 'w1')).toBeNull()
      expect(await orchestrator.waits.wake(run.id, '{"ok":false}')).toEqual({ type: 'accept' })
    })

    test('of a sub-flow run that gave its process back wake the root of its tree', async () => {
      const { root, child } = await actions.beginTree()
      const pause = aPause()
      await tell(child, { type: 'pause', pause, message: 'waits' })
      await tell(root, { type: 'suspend', until: pause.wakeAt, pause: null, message: 'waits for its sub-flow' })
      await tell(child, { type: 'suspend', until: pause.wakeAt, pause, message: 'waits' })
      actions.home.time.advance(SECOND)

      await orchestrator.waits.wake(child.id, '{"ok":true}')

      expect((await orchestrator.flowRuns.get(root.id)).state).toMatchObject({ name: 'Resuming', scheduledFor: T0 + SECOND })
    })
  })
}
