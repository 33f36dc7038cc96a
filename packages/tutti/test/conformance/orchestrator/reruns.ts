import { beforeEach, describe, expect, test } from 'vitest'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import { PLAIN_RERUN } from '../../../src/core/rerun.ts'
import type { FlowRun } from '../../../src/core/flow-run.ts'
import type { JournalEntry } from '../../../src/core/task-run.ts'
import type { Actions } from '../home.ts'
import { aLease } from '../records.ts'

/** Runs that are run again, why runs stand where they do, and maintenance. */
export function rerunCases(given: () => Actions): void {
  describe('runs that are run again', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    async function endedRun(how: 'complete' | 'fail' = 'complete'): Promise<FlowRun> {
      const run = await actions.begin({ tags: ['big'] })
      await orchestrator.results.write(run.id, 'large-1', new TextEncoder().encode('json\n"large"'))
      const call = (taskKey: string, number: number, outcome: JournalEntry['outcomeFormat'] | 'json', text: string) =>
        actions.records.checkpoint({
          flowRunId: run.id,
          taskKey,
          dynamicKey: taskKey,
          name: `${taskKey}-0`,
          number,
          outcome: { format: outcome ?? 'json', text },
        })
      const [fetch, clean, load] = [call('fetch', 1, 'blob', 'large-1'), call('clean', 2, 'json', '2'), call('load', 3, 'json', '3')]
      await actions.flush(
        { type: 'checkpoint', checkpoint: fetch },
        { type: 'checkpoint', checkpoint: { ...clean, upstream: [fetch.id] } },
        { type: 'checkpoint', checkpoint: load },
        { type: 'value', flowRunId: run.id, attempt: 1, value: { key: '\nnow:0', text: 'then' } },
        { type: 'value', flowRunId: run.id, attempt: 1, value: { key: 'load\nload\nnow:0', text: 'later' } },
      )
      return actions.end(run, how)
    }

    function entriesOf({ id }: FlowRun): Promise<readonly JournalEntry[]> {
      return orchestrator.journal.entries(id, { after: null, limit: 100 })
    }

    test('as a new run have a journal of what is reused, with results and moments of their own', async () => {
      const run = await endedRun()
      const { run: made, plan } = await orchestrator.flowRuns.rerun(run.id, { ...PLAIN_RERUN, from: 'load' })
      await orchestrator.flowRuns.delete(run.id)
      const [clean, fetch, ...others] = await entriesOf(made)

      expect(made).toMatchObject({ name: 'quiet-otter-rerun', tags: ['big'], attempt: 0, lease: null, state: { type: 'scheduled' } })
      expect([plan.reused.length, plan.again.length, others]).toEqual([2, 1, []])
      expect(fetch).toMatchObject({ state: { type: 'completed', name: 'Cached' }, number: 1, attempt: 0 })
      expect(clean).toMatchObject({ number: 2, upstream: [fetch?.id] })
      expect(await orchestrator.journal.outcomes(made.id, [clean?.id ?? ''])).toMatchObject([{ outcome: { format: 'json', text: '2' } }])
      expect(new TextDecoder().decode(await orchestrator.results.read(made.id, 'large-1'))).toBe('json\n"large"')
      expect(await orchestrator.journal.values(made.id)).toEqual([{ key: '\nnow:0', text: 'then' }])
      expect(await orchestrator.flowRuns.take(made.id, 'start', aLease())).toMatchObject({ attempt: 1, state: { type: 'running' } })
    })

    test('are made once when the same is asked again', async () => {
      const run = await endedRun()
      const request = { ...PLAIN_RERUN, id: actions.records.ids.next() }
      const first = await orchestrator.flowRuns.rerun(run.id, request)
      const again = await orchestrator.flowRuns.rerun(run.id, request)

      expect(again.run.id).toBe(first.run.id)
      expect((await orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(2)
    })

    test('as the same run lose what is to run again, and take what is supplied', async () => {
      const run = await endedRun('fail')
      const results = [{ task: 'clean', stored: { format: 'json', text: '99' } }] as const
      const { run: retried } = await orchestrator.flowRuns.rerun(run.id, { ...PLAIN_RERUN, how: 'retry', results })
      const [clean, fetch, load] = await entriesOf(retried)

      expect(retried).toMatchObject({ id: run.id, state: { name: 'AwaitingRetry' }, replayFailedFrom: 2 })
      expect([fetch?.state.name, clean?.state.name, load?.state.name]).toEqual(['Completed', 'Supplied', 'Superseded'])
      expect([fetch?.number, clean?.number, load?.number]).toEqual([1, 2, null])
      expect(load?.history.map(({ type }) => type)).toEqual(['completed'])
      expect(await orchestrator.journal.outcomes(run.id, [clean?.id ?? ''])).toMatchObject([{ outcome: { text: '99' } }])
    })

    test('are refused while they go on, and by the names of tasks that they do not have', async () => {
      const going = await actions.begin()
      const ended = await endedRun()
      const refused = { code: 'RERUN_REFUSED' }

      await expect(orchestrator.flowRuns.rerun(going.id, PLAIN_RERUN)).rejects.toMatchObject(refused)
      await expect(orchestrator.flowRuns.planRerun(ended.id, { ...PLAIN_RERUN, from: 'none' })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('its tasks are clean, fetch, load'),
      })
      await expect(orchestrator.flowRuns.rerun(ended.id, { ...PLAIN_RERUN, how: 'retry', from: 'load' })).rejects.toMatchObject(refused)
    })

    test('are explained wherever they stand', async () => {
      const run = await endedRun()
      const { run: made } = await orchestrator.flowRuns.rerun(run.id, PLAIN_RERUN)
      const waiting = await orchestrator.flowRuns.explain(made.id)
      await orchestrator.flowRuns.take(made.id, 'start', aLease())
      const running = await orchestrator.flowRuns.explain(made.id)

      expect((await orchestrator.flowRuns.explain(run.id)).reasons).toMatchObject([{ code: 'ended' }])
      expect(waiting).toMatchObject({ flowRunId: made.id, reasons: [{ code: 'needs-process', blocks: true, until: null, heldBy: [] }] })
      expect(running.reasons).toMatchObject([{ code: 'running' }])
    })

    test('and everything else may wait for maintenance, which ends as it began', async () => {
      const { maintenanceMode } = orchestrator
      const run = await actions.begin()
      const mode = await maintenanceMode.enter(null, 'disks')
      const during = await maintenanceMode.status(null)

      expect(during).toEqual({ modes: [mode], running: 1, runs: [{ flowRunId: run.id, name: run.name, since: run.state.timestamp }] })
      expect(await maintenanceMode.leave(null, 'latest')).toEqual({ wasOn: true, skipped: 0 })
      expect(await maintenanceMode.leave(null, 'none')).toEqual({ wasOn: false, skipped: 0 })
      expect((await maintenanceMode.status(null)).modes).toEqual([])
      await expect(maintenanceMode.enter('none', null)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })
  })
}
