import { beforeEach, describe, expect, test } from 'vitest'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import { runOf } from '../home.ts'
import type { Actions } from '../home.ts'
import { SECOND, T0 } from '../records.ts'

/** What running flows write, and what they are told about it. */
export function journalCases(given: () => Actions): void {
  describe('the journal', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    const journalOf = (id: string): ReturnType<Orchestrator['journal']['entries']> =>
      orchestrator.journal.entries(id, { after: null, limit: 1_000 })

    describe('begin', () => {
      test('creates a run that is running at once, with both states in its history', async () => {
        const asked = actions.newRun({ tags: ['etl'], parameters: { format: 'json', text: '{"price":1.0}' } })

        const [answer] = await actions.flush({ type: 'begin', run: asked, parent: null })

        const run = runOf(answer)
        expect(answer).toMatchObject({ type: 'run', decision: 'accept' })
        expect(run).toMatchObject({ ...asked, attempt: 1, runCount: 1, state: { type: 'running' } })
        expect(await orchestrator.flowRuns.get(asked.id)).toEqual(run)
        const states = await orchestrator.flowRuns.states(asked.id)
        expect(states.map((state) => state.type)).toEqual(['pending', 'running'])
        expect(states[0]!.timestamp).toBeLessThan(states[1]!.timestamp)
      })

      test('with the idempotency key of an earlier run of the flow gives that run', async () => {
        const first = await actions.begin({ idempotencyKey: 'order-17' })

        const [again, otherFlow, otherKey] = await actions.flush(
          { type: 'begin', run: actions.newRun({ idempotencyKey: 'order-17' }), parent: null },
          { type: 'begin', run: actions.newRun({ idempotencyKey: 'order-17', flowName: 'other' }), parent: null },
          { type: 'begin', run: actions.newRun({ idempotencyKey: 'order-18' }), parent: null },
        )

        expect(again).toMatchObject({ type: 'run', decision: 'existing', run: { id: first.id } })
        expect(otherFlow).toMatchObject({ type: 'run', decision: 'accept' })
        expect(otherKey).toMatchObject({ type: 'run', decision: 'accept' })
      })

      test('twice with one idempotency key in one flush creates one run', async () => {
        const [first, second] = await actions.flush(
          { type: 'begin', run: actions.newRun({ idempotencyKey: 'order-17' }), parent: null },
          { type: 'begin', run: actions.newRun({ idempotencyKey: 'order-17' }), parent: null },
        )

        expect(first).toMatchObject({ type: 'run', decision: 'accept' })
        expect(second).toMatchObject({ type: 'run', decision: 'existing', run: { id: runOf(first).id } })
        expect((await orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(1)
      })

      test.each([null, 'order-17'])('repeated (idempotency key %s) gives the run it has created', async (idempotencyKey) => {
        const operation = { type: 'begin', run: actions.newRun({ idempotencyKey, tags: ['a'] }), parent: null } as const
        const [first] = await actions.flush(operation)

        const [second] = await actions.flush(operation)

        expect(second).toEqual(first)
        expect(await orchestrator.flowRuns.states(operation.run.id)).toHaveLength(2)
      })

      test('of a sub-flow run is written with the task run that stands for it in its parent', async () => {
        const { root, mirrorId, child } = await actions.beginTree()

        expect(await orchestrator.taskRuns.get(mirrorId)).toMatchObject({ flowRunId: root.id, kind: 'flow', childFlowRunId: child.id })
        expect(child).toMatchObject({ parentTaskRunId: mirrorId, rootId: root.id })
      })

      test('of a sub-flow run is refused when its parent was taken over or has ended', async () => {
        const root = await actions.begin()
        await actions.end(root)
        const child = actions.newRun({ rootId: root.id })

        const [answer] = await actions.flush({ type: 'begin', run: child, parent: actions.mirror(root, child.id) })

        expect(answer).toMatchObject({ type: 'refused', code: 'FENCED' })
        await expect(orchestrator.flowRuns.get(child.id)).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
      })
    })

    describe('checkpoints', () => {
      test('are there when the flush is answered', async () => {
        const run = await actions.begin()
        const checkpoint = actions.records.checkpoint({ flowRunId: run.id, outcome: { format: 'json', text: '{"a":1.0}' } })

        expect(await actions.flush({ type: 'checkpoint', checkpoint })).toEqual([{ type: 'ok' }])

        expect(await orchestrator.taskRuns.get(checkpoint.id)).toMatchObject({ state: checkpoint.state, outcome: checkpoint.outcome })
        expect(await orchestrator.journal.outcomes(run.id, [checkpoint.id])).toEqual([
          { taskRunId: checkpoint.id, outcome: checkpoint.outcome },
        ])
        expect(await journalOf(run.id)).toMatchObject([{ id: checkpoint.id, outcomeFormat: 'json' }])
      })

      test('can be written in the flush that begins their run and in the one that ends it', async () => {
        const asked = actions.newRun()
        const checkpoint = actions.records.checkpoint({ flowRunId: asked.id })

        const answers = await actions.flush(
          { type: 'begin', run: asked, parent: null },
          { type: 'checkpoint', checkpoint },
          { type: 'command', flowRunId: asked.id, attempt: 1, command: { type: 'complete', outcome: null }, parent: null },
          { type: 'checkpoint', checkpoint: actions.records.checkpoint({ flowRunId: asked.id }) },
        )

        expect(answers).toMatchObject([{ type: 'run' }, { type: 'ok' }, { type: 'run' }, { type: 'refused', code: 'FENCED' }])
        expect(await journalOf(asked.id)).toHaveLength(1)
      })

      test('that were overtaken or are repeated change nothing', async () => {
        const run = await actions.begin()
        const { records } = actions
        const first = records.checkpoint({ flowRunId: run.id, sequence: 1, state: records.state('running'), outcome: null, number: null })
        const second = { ...first, sequence: 2, state: records.state('completed', T0 + 1), outcome: { format: 'json', text: '2' } as const }

        const answers = await actions.flush(
          { type: 'checkpoint', checkpoint: second },
          { type: 'checkpoint', checkpoint: first },
          { type: 'checkpoint', checkpoint: second },
        )

        expect(answers).toEqual([{ type: 'ok' }, { type: 'ok' }, { type: 'ok' }])
        expect(await orchestrator.taskRuns.get(first.id)).toMatchObject({ sequence: 2, outcome: { text: '2' } })
        expect(await orchestrator.taskRuns.countByState(run.id)).toEqual({ completed: 1 })
      })

      test('of an attempt that was overtaken, of a run that ended or was deleted are refused with the reason', async () => {
        const overtaken = await actions.begin()
        actions.home.processes.kill(4711)
        await orchestrator.flowRuns.take(overtaken.id, 'resume', { holder: overtaken.lease!.holder, until: T0 + 45 * SECOND })
        const ended = await actions.end(await actions.begin())
        const deleted = await actions.end(await actions.begin())
        await orchestrator.flowRuns.delete(deleted.id)

        const answers = await actions.flush(
          ...[overtaken, ended, deleted].map(({ id }) => ({
            type: 'checkpoint' as const,
            checkpoint: actions.records.checkpoint({ flowRunId: id, attempt: 1 }),
          })),
        )

        expect(answers).toEqual([
          { type: 'refused', code: 'FENCED', reason: `attempt 2 of flow run ${overtaken.id} has begun, this is attempt 1` },
          { type: 'refused', code: 'FENCED', reason: `flow run ${ended.id} has ended` },
          { type: 'refused', code: 'FENCED', reason: `flow run ${deleted.id} was deleted` },
        ])
      })
    })

    describe('one bad operation', () => {
      const unreadable = null as unknown as { id: string; type: 'running'; name: string; timestamp: number }[]

      test.each([
        ['a missing value', { createdAt: NaN }, /created_at|createdAt/],
        ['a value of a wrong type', { taskKey: undefined as unknown as string }, /bound|taskKey/],
        ['a record that nobody can read', { history: unreadable }, /null/],
      ] as const)('%s is told to its own caller, and the others land', async (_name, broken, reason) => {
        const run = await actions.begin()
        const all = Array.from({ length: 9 }, (_, at) =>
          actions.records.checkpoint({ flowRunId: run.id, ...(at === 5 ? (broken as object) : {}) }),
        )

        const answers = await actions.flush(...all.map((checkpoint) => ({ type: 'checkpoint' as const, checkpoint })))

        expect(answers.map((answer) => answer.type)).toEqual(all.map((_, at) => (at === 5 ? 'refused' : 'ok')))
        expect(answers[5]).toMatchObject({ type: 'refused', code: 'STORE_FAILED', reason: expect.stringMatching(reason) })
        expect(await journalOf(run.id)).toHaveLength(8)
      })

      test('a second task run for one call is told to its own caller, and the others land', async () => {
        const run = await actions.begin()
        const first = actions.records.checkpoint({ flowRunId: run.id })
        const twin = { ...first, id: actions.records.ids.next() }
        const last = actions.records.checkpoint({ flowRunId: run.id })

        const answers = await actions.flush(...[first, twin, last].map((checkpoint) => ({ type: 'checkpoint' as const, checkpoint })))

        expect(answers).toMatchObject([{ type: 'ok' }, { type: 'refused', code: 'STORE_FAILED' }, { type: 'ok' }])
      })

      test('a run that cannot be created is told to its own caller, and the others land', async () => {
        const answers = await actions.flush(
          { type: 'begin', run: actions.newRun(), parent: null },
          { type: 'begin', run: actions.newRun({ name: null as unknown as string }), parent: null },
          { type: 'begin', run: actions.newRun(), parent: null },
        )

        expect(answers).toMatchObject([{ type: 'run' }, { type: 'refused', code: 'STORE_FAILED' }, { type: 'run' }])
        expect((await orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(2)
      })
    })

    describe('commands', () => {
      test('end a run and keep its outcome', async () => {
        const run = await actions.begin()
        actions.home.time.advance(5 * SECOND)

        const ended = await actions.end(run)

        expect(ended).toMatchObject({ state: { type: 'completed' }, outcome: { text: '1' }, lease: null, totalRunMs: 4_999.999 })
        expect(await orchestrator.flowRuns.get(run.id)).toEqual(ended)
      })

      test.each(['complete', 'fail'] as const)('that end a run (%s) are answered the same when they are repeated', async (how) => {
        const run = await actions.begin()
        const first = await actions.end(run, how)

        const second = await actions.end(run, how)

        expect(second).toEqual(first)
        expect(await orchestrator.flowRuns.states(run.id)).toHaveLength(3)
      })

      test('that schedule a retry are answered the same when they are repeated', async () => {
        const run = await actions.begin({ policy: { retries: 1, crashRestarts: 0 } })
        const command = { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 1_000 } as const
        const operation = { type: 'command', flowRunId: run.id, attempt: 1, command, parent: null } as const

        const [first] = await actions.flush(operation)
        const [second] = await actions.flush(operation)

        expect(runOf(first)).toMatchObject({ state: { type: 'scheduled', name: 'AwaitingRetry' }, failures: 1 })
        expect(second).toEqual(first)
      })

      test('that somebody else came before are refused', async () => {
        const run = await actions.begin()
        await actions.end(run)

        const [answer] = await actions.flush({
          type: 'command',
          flowRunId: run.id,
          attempt: 1,
          command: { type: 'fail', message: 'late', outcome: null, retryDelayMs: null },
          parent: null,
        })

        expect(answer).toMatchObject({ type: 'refused', code: 'FENCED' })
        expect((await orchestrator.flowRuns.get(run.id)).state.type).toBe('completed')
      })
    })

    describe('a sub-flow run', () => {
      /** The child tells how it ended, with the parent's task run as it would be then. */
      const endChild = async ({ root, mirrorId, child }: Awaited<ReturnType<Actions['beginTree']>>): Promise<void> => {
        const { records } = actions
        const mirror = await orchestrator.taskRuns.get(mirrorId)
        const outcome = { format: 'json', text: '"done"' } as const
        const parent = {
          ...mirror,
          flowRunId: root.id,
          sequence: 2,
          number: 1,
          cache: null,
          attempt: root.attempt,
          outcome,
          state: records.state('completed', T0 + 9),
        }
        await actions.flush({ type: 'command', flowRunId: child.id, attempt: 1, command: { type: 'complete', outcome }, parent })
      }

      test('and the task run that stands for it end together', async () => {
        const tree = await actions.beginTree()

        await endChild(tree)

        expect((await orchestrator.flowRuns.get(tree.child.id)).state.type).toBe('completed')
        expect(await orchestrator.taskRuns.get(tree.mirrorId)).toMatchObject({
          state: { type: 'completed' },
          number: 1,
          outcome: { text: '"done"' },
        })
      })

      test('that completes while it is being cancelled is cancelled in its parent too', async () => {
        const tree = await actions.beginTree()
        await orchestrator.flowRuns.command(tree.child.id, { type: 'cancel', message: 'enough' })

        await endChild(tree)

        const { state } = await orchestrator.flowRuns.get(tree.child.id)
        expect(state.type).toBe('cancelled')
        expect(await orchestrator.taskRuns.get(tree.mirrorId)).toMatchObject({
          state: { type: 'cancelled', name: 'Cancelled', message: state.message },
          outcome: null,
        })
      })

      test('whose parent was taken over ends, but does not write into its parent', async () => {
        const tree = await actions.beginTree()
        await orchestrator.flowRuns.command(tree.root.id, { type: 'crash', message: 'gone' })

        await endChild(tree)

        expect((await orchestrator.flowRuns.get(tree.child.id)).state.type).toBe('completed')
        expect((await orchestrator.taskRuns.get(tree.mirrorId)).state.type).toBe('crashed')
      })

      test('that is tried again has not ended in its parent', async () => {
        const root = await actions.begin()
        const asked = actions.newRun({ rootId: root.id, policy: { retries: 1, crashRestarts: 0 } })
        const mirror = actions.mirror(root, asked.id)
        await actions.flush({ type: 'begin', run: { ...asked, parentTaskRunId: mirror.id }, parent: mirror })
        const failed = { ...mirror, sequence: 2, state: actions.records.state('failed', T0 + 9) }

        await actions.flush({
          type: 'command',
          flowRunId: asked.id,
          attempt: 1,
          command: { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 10 },
          parent: failed,
        })

        expect((await orchestrator.taskRuns.get(mirror.id)).state.type).toBe('running')
      })

      test('that others end from outside is ended in its parent', async () => {
        const tree = await actions.beginTree()

        await orchestrator.flowRuns.command(tree.child.id, { type: 'crash', message: 'the store did not take it' })

        expect(await orchestrator.taskRuns.get(tree.mirrorId)).toMatchObject({
          state: { type: 'crashed', message: 'the store did not take it' },
          history: [{ type: 'running' }],
          sequence: 1,
        })
      })
    })

    describe('values and logs', () => {
      test('a value is handed out once and for good', async () => {
        const run = await actions.begin()
        const write = (text: string): ReturnType<Actions['flush']> =>
          actions.flush({ type: 'value', flowRunId: run.id, attempt: 1, value: { key: 'now 1', text } })

        expect(await write('1.0')).toEqual([{ type: 'ok' }])
        expect(await write('2.0')).toEqual([{ type: 'ok' }])

        expect(await orchestrator.journal.values(run.id)).toEqual([{ key: 'now 1', text: '1.0' }])
      })

      test('a value of an attempt that was overtaken is refused', async () => {
        const run = await actions.end(await actions.begin())

        const [answer] = await actions.flush({ type: 'value', flowRunId: run.id, attempt: 1, value: { key: 'k', text: '1' } })

        expect(answer).toMatchObject({ type: 'refused', code: 'FENCED' })
      })

      test('a log line is kept once, also of a run that has ended', async () => {
        const run = await actions.end(await actions.begin())
        const record = actions.records.log(run.id, { message: 'große 数据 🎼\nsecond line' })

        await actions.flush({ type: 'log', record }, { type: 'log', record })

        expect((await orchestrator.logs.list({ flowRunId: run.id, limit: 10 })).items).toEqual([record])
      })
    })

    test('more outcomes than are given at once are refused, not forgotten', async () => {
      const ids = Array.from({ length: 501 }, () => actions.records.ids.next())

      await expect(orchestrator.journal.outcomes('any', ids)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    })

    test('an empty flush is answered with nothing', async () => {
      expect(await actions.flush()).toEqual([])
    })
  })
}
