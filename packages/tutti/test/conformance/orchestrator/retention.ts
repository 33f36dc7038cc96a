import { beforeEach, describe, expect, test } from 'vitest'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import type { Actions } from '../home.ts'
import { aLease, DAY, T0 } from '../records.ts'

const BLOB = new TextEncoder().encode('json\n"large"')

/** What is deleted, by hand or with time, and what is left of it: nothing. */
export function retentionCases(given: () => Actions): void {
  describe('deletion', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    const rows = async (): Promise<Readonly<Record<string, number>>> => (await orchestrator.maintenance.info()).rows

    /** A root with a child, each with task runs, logs, values, tags and a file, all ended. */
    async function aTreeThatEnded(): Promise<{ rootId: string; childId: string; grandchildId: string }> {
      const { root, child, mirrorId } = await actions.beginTree()
      const asked = actions.newRun({ rootId: root.id, tags: ['deep'] })
      const mirror = actions.mirror(child, asked.id)
      await actions.flush({ type: 'begin', run: { ...asked, parentTaskRunId: mirror.id }, parent: mirror })
      for (const { id } of [root, child, asked]) {
        await orchestrator.results.write(id, 'blob-1', BLOB)
        await actions.flush(
          { type: 'checkpoint', checkpoint: actions.records.checkpoint({ flowRunId: id }) },
          { type: 'value', flowRunId: id, attempt: 1, value: { key: 'now', text: '1' } },
          { type: 'log', record: actions.records.log(id, { timestamp: actions.home.time.now() }) },
        )
      }
      for (const id of [asked.id, child.id, root.id])
        await actions.flush({ type: 'command', flowRunId: id, attempt: 1, command: { type: 'complete', outcome: null }, parent: null })
      expect((await orchestrator.taskRuns.get(mirrorId)).childFlowRunId).toBe(child.id)
      return { rootId: root.id, childId: child.id, grandchildId: asked.id }
    }

    async function expectNothingOf(ids: readonly string[]): Promise<void> {
      for (const id of ids) {
        await expect(orchestrator.flowRuns.get(id)).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
        expect(await orchestrator.flowRuns.states(id)).toEqual([])
        expect(await orchestrator.taskRuns.countByState(id)).toEqual({})
        expect(await orchestrator.journal.values(id)).toEqual([])
        expect((await orchestrator.logs.list({ flowRunId: id, limit: 1 })).items).toEqual([])
        await expect(orchestrator.results.read(id, 'blob-1')).rejects.toMatchObject({ code: 'RESULT_MISSING' })
      }
      expect((await orchestrator.flowRuns.list({ limit: 10, tags: ['deep'] })).items.map(({ id }) => id)).not.toContain(ids.at(-1))
    }

    describe('of a run', () => {
      test('takes its sub-flow runs, task runs, states, logs, values, tags and files along', async () => {
        const kept = await aTreeThatEnded()
        const before = await rows()
        const gone = await aTreeThatEnded()

        await orchestrator.flowRuns.delete(gone.rootId)

        await expectNothingOf([gone.rootId, gone.childId, gone.grandchildId])
        expect(await rows()).toEqual(before)
        expect(Buffer.from(await orchestrator.results.read(kept.childId, 'blob-1'))).toEqual(Buffer.from(BLOB))
      })

      test('inside another takes only what is below it', async () => {
        const tree = await aTreeThatEnded()

        await orchestrator.flowRuns.delete(tree.childId)

        await expectNothingOf([tree.childId, tree.grandchildId])
        expect((await orchestrator.flowRuns.get(tree.rootId)).state.type).toBe('completed')
      })

      test('with thousands of task runs and sub-flow runs leaves nothing', async () => {
        const root = await actions.begin()
        for (let batch = 0; batch < 5; batch++) {
          await actions.flush(
            ...Array.from({ length: 250 }, () => {
              const asked = actions.newRun({ rootId: root.id })
              const mirror = actions.mirror(root, asked.id)
              return { type: 'begin' as const, run: { ...asked, parentTaskRunId: mirror.id }, parent: mirror }
            }),
            ...Array.from({ length: 250 }, () => ({
              type: 'checkpoint' as const,
              checkpoint: actions.records.checkpoint({ flowRunId: root.id }),
            })),
          )
        }
        await actions.end(root)

        await orchestrator.flowRuns.delete(root.id)

        expect(await rows()).toMatchObject({ flow_runs: 0, task_runs: 0, flow_run_states: 0 })
      })

      test('leaves a run alone that only shared an idempotency key with a call inside it', async () => {
        const shared = await actions.end(await actions.begin())
        const root = await actions.begin()
        const mirror = { ...actions.mirror(root, shared.id), sequence: 2, state: actions.records.state('completed') }
        await actions.flush({ type: 'checkpoint', checkpoint: mirror })
        await actions.end(root)

        await orchestrator.flowRuns.delete(root.id)

        expect((await orchestrator.flowRuns.get(shared.id)).state.type).toBe('completed')
      })

      test('is refused while a process holds it, which is named', async () => {
        const run = await actions.begin()

        await expect(orchestrator.flowRuns.delete(run.id)).rejects.toMatchObject({
          code: 'TRANSITION_REJECTED',
          message: expect.stringContaining('process 4711 on here'),
        })

        expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('running')
      })

      test('is done when the process that held it is gone', async () => {
        const run = await actions.begin()
        actions.home.processes.kill(4711)

        await orchestrator.flowRuns.delete(run.id)

        expect(await orchestrator.flowRuns.find(run.id)).toBeUndefined()
      })
    })

    describe('with time', () => {
      test('takes root runs that ended long ago with all that belongs to them, and keeps the others', async () => {
        const old = await aTreeThatEnded()
        actions.home.time.advance(20 * DAY)
        const young = await aTreeThatEnded()
        const running = await actions.begin({ lease: aLease() })
        actions.home.time.advance(11 * DAY)

        const deleted = await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 30 }, 100)

        await expectNothingOf([old.rootId, old.childId, old.grandchildId])
        expect(deleted).toBeGreaterThan(3)
        expect((await orchestrator.flowRuns.get(young.grandchildId)).state.type).toBe('completed')
        expect((await orchestrator.taskRuns.list({ limit: 10, flowRunId: young.rootId })).items).toHaveLength(2)
        expect(Buffer.from(await orchestrator.results.read(young.childId, 'blob-1'))).toEqual(Buffer.from(BLOB))
        expect((await orchestrator.flowRuns.get(running.id)).state.type).toBe('running')
        expect(await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 30 }, 100)).toBe(0)
      })

      test('takes at most the number of runs that it is given, the oldest first', async () => {
        const ids: string[] = []
        for (let at = 0; at < 5; at++) {
          ids.push((await actions.end(await actions.begin())).id)
          actions.home.time.advance(1_000)
        }
        actions.home.time.advance(40 * DAY)

        await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 30 }, 2)

        const left = (await orchestrator.flowRuns.list({ limit: 10 })).items.map(({ id }) => id)
        expect(left).toEqual(ids.slice(2).toReversed())
      })

      test('takes old log lines of runs that stay, and at most as many as it is given', async () => {
        const run = await actions.begin()
        const lines = [0, 1, 2, 3].map((at) => actions.records.log(run.id, { timestamp: T0 + at }))
        await actions.flush(...lines.map((record) => ({ type: 'log' as const, record })))
        actions.home.time.advance(8 * DAY)
        const young = actions.records.log(run.id, { timestamp: actions.home.time.now() })
        await actions.flush({ type: 'log', record: young })
        const left = async (): Promise<readonly string[]> =>
          (await orchestrator.logs.list({ flowRunId: run.id, limit: 10 })).items.map(({ id }) => id)

        await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 7 }, 3)
        expect(await left()).toEqual([lines[3]!.id, young.id])

        await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 7 }, 3)
        expect(await left()).toEqual([young.id])
      })
    })
  })
}
