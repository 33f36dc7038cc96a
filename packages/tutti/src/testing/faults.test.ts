import { expect, test } from 'vitest'
import { flow } from '../sdk/flow.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from './test-tutti.ts'
import type { TestTutti } from './test-tutti.ts'

const called: string[] = []
const step = task({ name: 'step' }, async (name: string) => {
  called.push(name)
  return name
})
const three = flow({ name: 'three' }, async () => {
  const names: string[] = []
  for (const name of ['a', 'b', 'c']) names.push(await step(name))
  return names.join('')
})

/** Store calls of one run of `three` when nothing goes wrong. */
async function countCalls(): Promise<number> {
  await using tutti = await testTutti()
  await tutti.run(three)
  return tutti.faults.calls
}

/** Plays `three` once for each store call, with a fault at it, until it has ended. */
async function playEveryCall(plan: (tutti: TestTutti, at: number) => void): Promise<readonly Played[]> {
  const calls = await countCalls()
  const played: Played[] = []
  for (let at = 1; at <= calls; at++) {
    await using tutti = await testTutti()
    called.length = 0
    plan(tutti, at)
    const first = await tutti.run(three)
    tutti.faults.clear()
    if (first.id === '') await tutti.run(three)
    else if (first.state !== 'completed') await tutti.resume(three, first)
    const { items } = await tutti.orchestrator.flowRuns.list({ limit: 10 })
    played.push({ at, first: first.state, runs: items.map((run) => `${run.state.type} ${run.outcome?.text}`), calls: called.length })
  }
  return played
}

interface Played {
  readonly at: number
  readonly first: string
  /** What the store holds at the end: state and result. */
  readonly runs: readonly string[]
  /** How often the task's function was called. */
  readonly calls: number
}

const ONE_GOOD_RUN = ['completed "abc"']

test.each(['before', 'after'] as const)(
  'a process killed %s any of its store calls leaves one run that goes on, and at most the call under way is made again',
  async (when) => {
    const played = await playEveryCall((tutti, at) => tutti.faults.crash({ at, when }))

    expect(played.length).toBeGreaterThan(4)
    expect(played.filter((play) => play.calls > 4)).toEqual([])
    expect(played.filter((play) => play.runs.join() !== ONE_GOOD_RUN.join())).toEqual([])
    expect(played.slice(1, -1).map((play) => play.first)).toEqual(played.slice(1, -1).map(() => 'crashed'))
  },
)

test.each(['disk full', 'i/o error', 'busy'] as const)('a store call that fails (%s) leaves one run that goes on', async (error) => {
  const played = await playEveryCall((tutti, at) => tutti.faults.fail({ at, with: error }))

  expect(played.filter((play) => play.runs.join() !== ONE_GOOD_RUN.join())).toEqual([])
})

test('a store call whose answer is lost leaves one run that goes on', async () => {
  const played = await playEveryCall((tutti, at) => tutti.faults.loseAnswer({ at }))

  expect(played.slice(1).filter((play) => play.runs.join() !== ONE_GOOD_RUN.join())).toEqual([])
})

test('a store call that is paused goes on when it is released', async () => {
  await using tutti = await testTutti()
  const pause = tutti.faults.pause({ at: 2, kind: 'write' })

  const running = tutti.run(three)
  await pause.reached
  const held = await tutti.orchestrator.flowRuns.list({ limit: 1 })
  pause.release()

  expect(held.items[0]?.state.type).toBe('running')
  expect((await running).state).toBe('completed')
})

test('a call is counted from the moment a fault is planned', async () => {
  await using tutti = await testTutti()
  await tutti.run(three)
  tutti.faults.fail({ at: 1, with: new Error('planned late') })

  const run = await tutti.run(three)

  expect(run).toMatchObject({ id: '', state: 'failed' })
  expect(tutti.faults.calls).toBe(tutti.faults.reads + tutti.faults.writes)
})
