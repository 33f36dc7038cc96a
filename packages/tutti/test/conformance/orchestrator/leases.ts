import { beforeEach, describe, expect, test } from 'vitest'
import type { FlowRun } from '../../../src/core/flow-run.ts'
import type { Lease } from '../../../src/core/lease.ts'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import { runOf } from '../home.ts'
import type { Actions } from '../home.ts'
import { aHolder, SECOND, T0 } from '../records.ts'

/** Who holds a run, for how long, and what happens when the holder is gone. */
export function leaseCases(given: () => Actions): void {
  describe('leases', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    const heldBy = (pid: number, changes: Partial<Lease['holder']> = {}): Lease => ({
      holder: aHolder({ pid, ...changes }),
      until: actions.home.time.now() + 45 * SECOND,
    })

    test('are renewed by a beat, and what the holder must know comes back', async () => {
      const [fine, cancelled, ended] = [await actions.begin(), await actions.begin(), await actions.begin()]
      await orchestrator.flowRuns.command(cancelled.id, { type: 'cancel', message: 'enough' })
      await actions.end(ended)
      const until = T0 + 90 * SECOND

      const answers = await orchestrator.flowRuns.beat(
        [
          ...[fine, cancelled, ended].map(({ id, attempt }) => ({ flowRunId: id, attempt })),
          { flowRunId: fine.id, attempt: 7 },
          { flowRunId: 'deleted', attempt: 1 },
        ],
        until,
      )

      expect(answers).toEqual([
        { flowRunId: fine.id, tell: 'go on', message: null },
        { flowRunId: cancelled.id, tell: 'cancel', message: 'enough' },
        { flowRunId: ended.id, tell: 'lost', message: 'the run ended as Completed' },
        { flowRunId: fine.id, tell: 'lost', message: 'attempt 1 has begun' },
        { flowRunId: 'deleted', tell: 'lost', message: 'the run was deleted' },
      ])
      expect((await orchestrator.flowRuns.get(fine.id)).lease?.until).toBe(until)
      expect((await orchestrator.flowRuns.get(ended.id)).lease).toBeNull()
    })

    test('are not renewed by a look, which tells the same', async () => {
      const run = await actions.begin()
      await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })

      const answers = await orchestrator.flowRuns.look([{ flowRunId: run.id, attempt: 1 }])

      expect(answers).toEqual([{ flowRunId: run.id, tell: 'cancel', message: 'enough' }])
      expect((await orchestrator.flowRuns.get(run.id)).lease?.until).toBe(run.lease?.until)
    })

    test('of an attempt that was overtaken are not renewed', async () => {
      const run = await actions.begin()
      await orchestrator.flowRuns.command(run.id, { type: 'crash', message: 'gone' })
      const taken = await orchestrator.flowRuns.take(run.id, 'resume', heldBy(2))

      await orchestrator.flowRuns.beat([{ flowRunId: run.id, attempt: 1 }], T0 + 999 * SECOND)

      expect((await orchestrator.flowRuns.get(run.id)).lease).toEqual(taken.lease)
    })

    describe('of dead holders', () => {
      test('are found, and only those: the runs are Crashed and say whose process ended', async () => {
        const dead = await actions.begin({ lease: heldBy(1) })
        const alive = await actions.begin({ lease: heldBy(2) })
        actions.home.processes.kill(1)

        const recovered = await orchestrator.flowRuns.recover(10)

        expect(recovered).toMatchObject([
          { id: dead.id, state: { type: 'crashed', message: 'process 1 on here ended while it held the run' }, lease: null },
        ])
        expect((await orchestrator.flowRuns.get(alive.id)).state.type).toBe('running')
        expect(await orchestrator.flowRuns.recover(10)).toEqual([])
      })

      test('on this machine do not expire while the process lives', async () => {
        const run = await actions.begin({ lease: heldBy(1) })
        actions.home.time.advance(1_000 * SECOND)

        expect(await orchestrator.flowRuns.recover(10)).toEqual([])
        expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('running')
      })

      test('expire all the same when the run would go on elsewhere by itself: the process may be stopped, or hang', async () => {
        const run = await actions.begin({ lease: heldBy(1), policy: { retries: 0, crashRestarts: 3 } })
        actions.home.time.advance(45 * SECOND - 1)
        expect(await orchestrator.flowRuns.recover(10)).toEqual([])

        actions.home.time.advance(1)

        expect((await orchestrator.flowRuns.recover(10)).map(({ id }) => id)).toEqual([run.id])
        expect((await orchestrator.flowRuns.get(run.id)).state.name).toBe('Resuming')
      })

      test('on another machine expire, and not before', async () => {
        const run = await actions.begin({ lease: heldBy(1, { host: 'elsewhere' }) })
        actions.home.time.advance(45 * SECOND - 1)
        expect(await orchestrator.flowRuns.recover(10)).toEqual([])

        actions.home.time.advance(1)

        expect((await orchestrator.flowRuns.recover(10)).map(({ id }) => id)).toEqual([run.id])
      })

      test('are found behind any number of living ones whose leases are older', async () => {
        const { home } = actions
        await actions.flush(
          ...Array.from({ length: 600 }, () => ({ type: 'begin' as const, run: actions.newRun({ lease: heldBy(1) }), parent: null })),
        )
        home.time.advance(SECOND)
        const dead = await actions.begin({ lease: heldBy(2) })
        home.processes.kill(2)

        expect((await orchestrator.flowRuns.recover(10)).map(({ id }) => id)).toEqual([dead.id])
      })

      test('are found a few at a time when many died together', async () => {
        const answers = await actions.flush(
          ...Array.from({ length: 7 }, () => ({ type: 'begin' as const, run: actions.newRun(), parent: null })),
        )
        const ids = answers.map((answer) => runOf(answer).id)
        actions.home.processes.kill(4711)

        const found = [
          await orchestrator.flowRuns.recover(3),
          await orchestrator.flowRuns.recover(3),
          await orchestrator.flowRuns.recover(3),
        ]

        expect(found.map((runs) => runs.length)).toEqual([3, 3, 1])
        expect(found.flat().map(({ id }) => id)).toEqual(ids)
      })

      test('free a whole tree, from the root down, and the task runs that stood for the children', async () => {
        const { root, child, mirrorId } = await actions.beginTree()
        actions.home.processes.kill(4711)

        const recovered = await orchestrator.flowRuns.recover(10)

        expect(recovered.map(({ id }) => id)).toEqual([root.id, child.id])
        expect(await statesOf(root, child)).toEqual(['crashed', 'crashed'])
        expect((await orchestrator.taskRuns.get(mirrorId)).state.type).toBe('crashed')
      })

      test('schedule only the root of a tree again', async () => {
        const policy = { retries: 0, crashRestarts: 3 }
        const root = await actions.begin({ policy })
        const asked = actions.newRun({ rootId: root.id, policy })
        const mirror = actions.mirror(root, asked.id)
        const [answer] = await actions.flush({ type: 'begin', run: { ...asked, parentTaskRunId: mirror.id }, parent: mirror })
        actions.home.processes.kill(4711)

        await orchestrator.flowRuns.recover(10)

        expect(await statesOf(root, runOf(answer))).toEqual(['scheduled', 'crashed'])
      })

      test('let a run that was being cancelled end as Cancelled', async () => {
        const run = await actions.begin()
        await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })
        actions.home.processes.kill(4711)

        await orchestrator.flowRuns.recover(10)

        expect(await statesOf(run)).toEqual(['cancelled'])
      })

      test('that waited for a retry are found too', async () => {
        const run = await actions.begin({ policy: { retries: 1, crashRestarts: 0 } })
        await orchestrator.flowRuns.command(run.id, { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 1_000 })
        actions.home.processes.kill(4711)

        await orchestrator.flowRuns.recover(10)

        expect(await statesOf(run)).toEqual(['crashed'])
      })
    })

    async function statesOf(...runs: readonly FlowRun[]): Promise<readonly string[]> {
      return Promise.all(runs.map(async ({ id }) => (await orchestrator.flowRuns.get(id)).state.type))
    }
  })
}
