import { expect, test } from 'vitest'
import { testTutti } from '../../src/testing/index.ts'
import type { FaultError, TestRun, TestTutti } from '../../src/testing/index.ts'
import { FAULT_FLOW_RESULT, faultFlow } from './fault-flow.ts'

// Faults on cue at every store call of a flow: whatever goes wrong, the run can go on, and finished tasks are not called again.

interface Played {
  /** The store call at which something went wrong. */
  readonly at: number
  /** What the caller of the flow was told. */
  readonly told: { readonly state: string; readonly message: string }
  /** How the run ended once the store was well again: states and result of all runs of the flow in the store. */
  readonly end: readonly string[]
  /** Sub-flow runs by state. */
  readonly children: readonly string[]
  /** Task runs by state, over all runs. */
  readonly unfinished: readonly string[]
  /** Functions that started again although their result had been acknowledged. */
  readonly repeated: readonly string[]
}

async function callsOfOneRun(): Promise<number> {
  await using tutti = await testTutti()
  const run = await tutti.run(faultFlow().flow)
  expect(run).toMatchObject({ state: 'completed', result: FAULT_FLOW_RESULT })
  return tutti.faults.calls
}

/** Plays the flow once for each store call, with a fault from that call on, and brings it to its end when the store is well again. */
async function playEveryCall(plan: (tutti: TestTutti, at: number) => void): Promise<readonly Played[]> {
  const calls = await callsOfOneRun()
  const played: Played[] = []
  for (let at = 1; at <= calls; at++) played.push(await play(at, plan))
  expect(played.length).toBeGreaterThan(9)
  return played
}

async function play(at: number, plan: (tutti: TestTutti, at: number) => void): Promise<Played> {
  await using tutti = await testTutti()
  const { flow, repeated } = faultFlow()
  plan(tutti, at)
  const first = await tutti.run(flow)
  tutti.faults.clear()
  await goOn(tutti, flow, first)
  const { items } = await tutti.orchestrator.flowRuns.list({ limit: 100 })
  const taskRuns = await tutti.orchestrator.taskRuns.list({ limit: 100 })
  return {
    at,
    told: { state: first.state, message: first.message ?? '' },
    end: items.filter((run) => run.parentTaskRunId === null).map((run) => `${run.state.type} ${run.outcome?.text}`),
    children: items.filter((run) => run.parentTaskRunId !== null).map((run) => run.state.type),
    unfinished: taskRuns.items.filter((run) => run.state.type !== 'completed').map((run) => `${run.name} ${run.state.type}`),
    repeated: [...repeated],
  }
}

/** What a person does: run it again when nothing was recorded, else resume it, or retry it when it failed. */
async function goOn(tutti: TestTutti, flow: ReturnType<typeof faultFlow>['flow'], run: TestRun<number>): Promise<void> {
  if (run.state === 'completed') return
  const { items } = await tutti.orchestrator.flowRuns.list({ limit: 1, level: 'roots' })
  const recorded = items[0]
  if (recorded === undefined) return void (await tutti.run(flow))
  if (recorded.state.type === 'completed') return
  // A crash that could not be recorded is found when the process has ended.
  if (recorded.lease !== null) await tutti.crash()
  const left = await tutti.orchestrator.flowRuns.get(recorded.id)
  await (left.state.type === 'failed' ? tutti.retry(flow, left) : tutti.resume(flow, left))
}

/** Plays that did not come to the one good end. */
function notWell(played: readonly Played[]): readonly Played[] {
  return played.filter(
    ({ end, children, unfinished, repeated }) =>
      end.join() !== `completed ${FAULT_FLOW_RESULT}` || children.join() !== 'completed' || unfinished.length > 0 || repeated.length > 0,
  )
}

const ERRORS: Record<string, { readonly error: FaultError; readonly message: RegExp }> = {
  'a full disk': { error: 'disk full', message: /disk is full/ },
  'a failing disk': { error: 'i/o error', message: /disk I\/O error/ },
  'a locked file': { error: 'busy', message: /locked/ },
}

test.each(Object.entries(ERRORS))(
  '%s at any store call leaves a run that goes on, and the message says so',
  async (_name, { error, message }) => {
    const played = await playEveryCall((tutti, at) => tutti.faults.fail({ at, with: error }))

    expect(notWell(played)).toEqual([])
    expect(played.filter(({ told }) => told.state !== 'completed' && !message.test(told.message))).toEqual([])
  },
)

test.each(Object.entries(ERRORS))('%s from any store call on leaves a run that goes on', async (_name, { error, message }) => {
  const played = await playEveryCall((tutti, at) => tutti.faults.fail({ at, with: error, times: 1_000 }))

  expect(notWell(played)).toEqual([])
  expect(played.filter(({ told }) => told.state === 'completed' || !message.test(told.message))).toEqual([])
})

test('a store call that is committed although its caller is told otherwise leaves one run that goes on', async () => {
  const played = await playEveryCall((tutti, at) => tutti.faults.loseAnswer({ at }))

  expect(notWell(played)).toEqual([])
})

test.each(['before', 'after'] as const)('a process that is killed %s any of its store calls leaves a run that goes on', async (when) => {
  const played = await playEveryCall((tutti, at) => tutti.faults.crash({ at, when }))

  expect(notWell(played)).toEqual([])
})

test('a process that is killed again and again, each time one store call later, gets to the end', async () => {
  await using tutti = await testTutti()
  const { flow, repeated } = faultFlow()
  tutti.faults.crash({ at: 2, when: 'after' })
  let run = await tutti.run(flow)
  for (let at = 3; run.state !== 'completed' && at < 100; at++) {
    tutti.faults.clear()
    tutti.faults.crash({ at, when: at % 2 === 0 ? 'after' : 'before' })
    run = await tutti.resume(flow, run)
  }

  expect(run).toMatchObject({ state: 'completed', result: FAULT_FLOW_RESULT })
  expect(repeated).toEqual([])
})

test.each([
  ['fails', (tutti: TestTutti, at: number) => tutti.faults.fail({ at })],
  ['is committed although its caller is told otherwise', (tutti: TestTutti, at: number) => tutti.faults.loseAnswer({ at })],
] as const)('a store call of a resumed run that %s leaves a run that goes on in the same process', async (_name, plan) => {
  for (let at = 1; at <= 8; at++) {
    await using tutti = await testTutti()
    const { flow, repeated } = faultFlow()
    tutti.faults.crash({ at: 7, when: 'after' })
    const crashed = await tutti.run(flow)
    plan(tutti, at)

    const resumed = await tutti.resume(flow, crashed)
    tutti.faults.clear()
    const { state, lease, outcome } = await tutti.orchestrator.flowRuns.get(crashed.id)
    const again =
      state.type === 'failed'
        ? await tutti.retry(flow, crashed)
        : state.type === 'completed'
          ? undefined
          : await tutti.resume(flow, crashed)
    const end = again === undefined ? outcome?.text : String(again.result)

    expect({ at, lease, end, repeated }).toEqual({ at, lease: null, end: String(FAULT_FLOW_RESULT), repeated: [] })
    expect(resumed.message ?? '').toMatch(at === 1 || resumed.state !== 'completed' ? /disk I\/O error/ : /^$/)
  }
})
