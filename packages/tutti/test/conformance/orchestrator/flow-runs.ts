import { beforeEach, describe, expect, test } from 'vitest'
import { actorText } from '../../../src/core/actor.ts'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import type { Actions } from '../home.ts'
import { aHolder, aLease, SECOND, T0 } from '../records.ts'

/** What callers ask of flow runs, one command at a time. */
export function flowRunCases(given: () => Actions): void {
  describe('flow runs', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    describe('that are not there', () => {
      test('are named in the error', async () => {
        const missing = { code: 'FLOW_RUN_NOT_FOUND', message: expect.stringContaining('no-such-run') }
        const { flowRuns } = orchestrator

        await expect(flowRuns.get('no-such-run')).rejects.toMatchObject(missing)
        await expect(flowRuns.command('no-such-run', { type: 'cancel', message: '' })).rejects.toMatchObject(missing)
        await expect(flowRuns.take('no-such-run', 'resume', aLease())).rejects.toMatchObject(missing)
        await expect(flowRuns.delete('no-such-run')).rejects.toMatchObject(missing)
        await expect(orchestrator.taskRuns.get('no-such-run')).rejects.toMatchObject({ code: 'TASK_RUN_NOT_FOUND' })
        expect(await flowRuns.find('no-such-run')).toBeUndefined()
        expect(await flowRuns.states('no-such-run')).toEqual([])
      })
    })

    describe('and their states', () => {
      test('have different times, even when the clock stands still', async () => {
        const run = await actions.begin({ policy: { retries: 2, crashRestarts: 0 } })
        const fail = { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 0 } as const
        await orchestrator.flowRuns.command(run.id, fail)
        actions.home.time.advance(3)
        await orchestrator.flowRuns.take(run.id, 'start', aLease())
        await orchestrator.flowRuns.command(run.id, fail)

        const times = (await orchestrator.flowRuns.states(run.id)).map((state) => state.timestamp)

        expect(times).toHaveLength(5)
        expect(new Set(times).size).toBe(5)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      })

      test('a command that is refused is an answer and leaves no trace', async () => {
        const run = await actions.end(await actions.begin())

        const decision = await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'too late' })

        expect(decision).toEqual({ type: 'reject', reason: 'the run already ended as Completed' })
        expect(await orchestrator.flowRuns.states(run.id)).toHaveLength(3)
      })

      test('a command that comes early is told when to come again', async () => {
        const run = await actions.begin({ policy: { retries: 1, crashRestarts: 0 } })
        await orchestrator.flowRuns.command(run.id, { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 1_000 })

        const decision = await orchestrator.flowRuns.command(run.id, { type: 'start', lease: aLease() })

        expect(decision).toMatchObject({ type: 'wait', until: T0 + SECOND })
      })
    })

    describe('that have a history', () => {
      const told = async (id: string): Promise<readonly unknown[]> =>
        (await orchestrator.flowRuns.states(id)).map(({ name, actor }) => [name, actor === undefined ? null : actorText(actor)])

      test('tell which process ran them', async () => {
        const run = await actions.end(await actions.begin())

        expect(await told(run.id)).toEqual([
          ['Pending', 'process 4711@here'],
          ['Running', 'process 4711@here'],
          ['Completed', 'process 4711@here'],
        ])
      })

      test('tell that recovery found them without a process, and had them go on', async () => {
        const run = await actions.begin({ policy: { retries: 0, crashRestarts: 1 } })
        actions.home.processes.kill(4711)

        await orchestrator.flowRuns.recover(10)

        expect((await told(run.id)).slice(2)).toEqual([
          ['Crashed', 'service recovery'],
          ['Resuming', 'service recovery'],
        ])
      })
    })

    describe('that are cancelled', () => {
      test('become Cancelling while their process lives, and their task runs go on until it has ended them', async () => {
        const run = await actions.begin()
        const taskRun = runningTask(run.id)
        await actions.flush({ type: 'checkpoint', checkpoint: taskRun })

        await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })

        expect((await orchestrator.flowRuns.get(run.id)).state).toMatchObject({ type: 'cancelling', message: 'enough' })
        expect((await orchestrator.taskRuns.get(taskRun.id)).state.type).toBe('running')
      })

      test('are Cancelled with their unfinished task runs when their process is gone', async () => {
        const run = await actions.begin()
        const taskRun = runningTask(run.id)
        const done = actions.records.checkpoint({ flowRunId: run.id })
        await actions.flush({ type: 'checkpoint', checkpoint: taskRun }, { type: 'checkpoint', checkpoint: done })
        actions.home.processes.kill(4711)

        await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })

        expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('cancelled')
        expect(await orchestrator.taskRuns.get(taskRun.id)).toMatchObject({
          state: { type: 'cancelled', name: 'Cancelled', message: 'enough' },
          history: [{ type: 'running', id: taskRun.state.id }],
        })
        expect((await orchestrator.taskRuns.get(done.id)).state).toEqual(done.state)
      })

      test('and complete meanwhile are Cancelled with their result, and what they left unfinished is Cancelled', async () => {
        const run = await actions.begin()
        const taskRun = runningTask(run.id)
        await actions.flush({ type: 'checkpoint', checkpoint: taskRun })
        await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })

        const ended = await actions.end(run)

        expect(ended).toMatchObject({ state: { type: 'cancelled' }, outcome: { text: '1' } })
        expect((await orchestrator.taskRuns.get(taskRun.id)).state.type).toBe('cancelled')
      })
    })

    describe('that crash', () => {
      test('leave no task run behind that seems to go on, and the next attempt may write over them', async () => {
        const run = await actions.begin()
        const taskRun = runningTask(run.id)
        await actions.flush({ type: 'checkpoint', checkpoint: taskRun })
        await orchestrator.flowRuns.command(run.id, { type: 'crash', message: 'the store was gone' })

        const crashed = await orchestrator.taskRuns.get(taskRun.id)
        await orchestrator.flowRuns.take(run.id, 'resume', aLease())
        const again = { ...taskRun, sequence: 2, attempt: 2, state: actions.records.state('completed', T0 + 99) }
        const [answer] = await actions.flush({ type: 'checkpoint', checkpoint: again })

        expect(crashed).toMatchObject({ state: { type: 'crashed', timestamp: T0 + 1 }, sequence: 1, endedAt: T0 + 1 })
        expect(crashed.state.message).toContain('the store was gone')
        expect(answer).toEqual({ type: 'ok' })
        expect((await orchestrator.taskRuns.get(taskRun.id)).state.type).toBe('completed')
      })

      test('and are to be started again by themselves crash their unfinished task runs too', async () => {
        const run = await actions.begin({ policy: { retries: 0, crashRestarts: 1 } })
        const taskRun = runningTask(run.id)
        await actions.flush({ type: 'checkpoint', checkpoint: taskRun })

        await orchestrator.flowRuns.command(run.id, { type: 'crash', message: 'gone' })

        expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('scheduled')
        expect((await orchestrator.taskRuns.get(taskRun.id)).state.type).toBe('crashed')
      })

      test('and are failed by another thread of their process leave no task run behind that seems to go on', async () => {
        const run = await actions.begin()
        const taskRun = runningTask(run.id)
        await actions.flush({ type: 'checkpoint', checkpoint: taskRun })

        await orchestrator.flowRuns.command(run.id, { type: 'fail', message: 'timed out', outcome: null, retryDelayMs: null })

        expect((await orchestrator.taskRuns.get(taskRun.id)).state.type).toBe('crashed')
      })
    })

    describe('that are taken over', () => {
      test('by two at once are won by one, and the other is told by whom', async () => {
        const run = await actions.begin()
        actions.home.processes.kill(4711)
        const lease = (pid: number): ReturnType<typeof aLease> => aLease({ holder: aHolder({ pid }), until: T0 + 100 * SECOND })

        const [first, second] = await Promise.allSettled([
          orchestrator.flowRuns.take(run.id, 'resume', lease(1)),
          orchestrator.flowRuns.take(run.id, 'resume', lease(2)),
        ])

        expect(first).toMatchObject({
          status: 'fulfilled',
          value: { attempt: 2, state: { type: 'running' }, lease: { holder: { pid: 1 } } },
        })
        expect(second).toMatchObject({
          status: 'rejected',
          reason: { code: 'TRANSITION_REJECTED', message: expect.stringContaining('process 1 on here') },
        })
      })

      test('are resumed, retried or started, as their state allows', async () => {
        const { flowRuns } = orchestrator
        const failed = await actions.end(await actions.begin(), 'fail')
        const completed = await actions.end(await actions.begin())
        const waiting = await actions.begin({ policy: { retries: 1, crashRestarts: 0 } })
        await flowRuns.command(waiting.id, { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 1 })
        actions.home.time.advance(SECOND)

        expect(await flowRuns.take(failed.id, 'retry', aLease())).toMatchObject({
          attempt: 2,
          replayFailedFrom: 2,
          state: { type: 'running' },
        })
        expect(await flowRuns.take(waiting.id, 'start', aLease())).toMatchObject({ attempt: 2, runCount: 2, failures: 1 })
        for (const how of ['resume', 'retry', 'start'] as const)
          await expect(flowRuns.take(completed.id, how, aLease())).rejects.toMatchObject({ code: 'TRANSITION_REJECTED' })
        await expect(flowRuns.take(failed.id, 'retry', aLease())).rejects.toMatchObject({ code: 'TRANSITION_REJECTED' })
      })

      test('and could not be started keep the state they had', async () => {
        const run = await actions.begin({ policy: { retries: 1, crashRestarts: 0 } })
        await orchestrator.flowRuns.command(run.id, { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 10_000 })

        await expect(orchestrator.flowRuns.take(run.id, 'start', aLease())).rejects.toMatchObject({
          code: 'TRANSITION_REJECTED',
          message: expect.stringContaining('scheduled for later'),
        })

        expect(await orchestrator.flowRuns.states(run.id)).toHaveLength(3)
      })
    })

    describe('in lists', () => {
      test('are found by flow, state, tag, time and name, counted the same way, and read on from a cursor', async () => {
        const { flowRuns } = orchestrator
        const night = await actions.begin({ tags: ['night'], name: 'night-owl' })
        actions.home.time.advance(SECOND)
        const day = await actions.begin({ flowName: 'other' })
        await actions.end(day)
        const ids = async (query: object): Promise<readonly string[]> =>
          (await flowRuns.list({ limit: 10, ...query })).items.map((run) => run.id)

        expect(await ids({})).toEqual([day.id, night.id])
        expect(await ids({ flowName: 'other' })).toEqual([day.id])
        expect(await ids({ states: ['completed'] })).toEqual([day.id])
        expect(await ids({ tags: ['night'] })).toEqual([night.id])
        expect(await ids({ since: T0 + 1 })).toEqual([day.id])
        expect(await ids({ until: T0 + 1 })).toEqual([night.id])
        expect(await ids({ nameContains: 'owl' })).toEqual([night.id])
        expect(await flowRuns.countByState({ limit: 1 })).toEqual({ running: 1, completed: 1 })
        const page = await flowRuns.list({ limit: 1 })
        expect((await flowRuns.list({ limit: 1, cursor: page.cursor! })).items.map((run) => run.id)).toEqual([night.id])
        await expect(flowRuns.list({ limit: 1, cursor: 'made-up' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
      })

      test('belong to flows, which know their newest run', async () => {
        await actions.begin()
        actions.home.time.advance(SECOND)
        const newest = await actions.begin({ name: 'newest' })

        const { items } = await orchestrator.flows.list({ limit: 10 })

        expect(items).toMatchObject([{ name: 'sync', runs: 2, lastRun: { id: newest.id, name: 'newest', state: { type: 'running' } } }])
      })
    })

    function runningTask(flowRunId: string): ReturnType<Actions['records']['checkpoint']> {
      const { records } = actions
      return records.checkpoint({ flowRunId, sequence: 1, state: records.state('running'), outcome: null, number: null, endedAt: null })
    }
  })
}
