import { afterEach, beforeEach, expect, test } from 'vitest'
import { CrashHome, RESULT, STEPS } from './crash-home.ts'
import { WINDOWS, windows } from './windows.ts'
import type { Window } from './windows.ts'

let home: CrashHome

beforeEach(() => {
  home = new CrashHome()
})

afterEach(() => home.close())

/** In which of the tasks to die: the third one is in the middle of a map; the flow's own end comes after that of its sub-flow. */
function timeOf(window: Window): number {
  return window === 'before-end' ? 2 : 3
}

test.each(windows.map((window) => [WINDOWS[window], window] as const))('killed %s, a run goes on and ends right', async (_text, window) => {
  const killed = await home.run({ resume: null, killAt: { window, time: timeOf(window) } })
  const committed = home.committed()
  const callsBefore = home.lines('calls').length
  const crashed = home.rootRun()
  const diedIn = home.lastWindow

  const resumed = await home.run({ resume: crashed?.id ?? '', killAt: null })

  expect(killed.signal).toBe('SIGKILL')
  expect(diedIn).toBe(window)
  expect(resumed).toMatchObject({ code: 0 })
  expect(home.lines('result')).toEqual([RESULT])
  const calledAgain = home.lines('calls').slice(callsBefore)
  expect(calledAgain.filter((step) => committed.has(step))).toEqual([])
  expect(home.calledAfterCommit()).toEqual([])
  expect(home.lost()).toEqual([])
  const { flowRuns, taskRuns } = home.stored()
  expect(flowRuns.map(({ flow, state }) => `${flow} ${state}`)).toEqual(['work completed', 'inner completed'])
  expect(
    taskRuns
      .filter(({ kind }) => kind === 'task')
      .map(({ name, state }) => `${name} ${state}`)
      .toSorted(),
  ).toEqual(STEPS.map((step) => `${step} completed`).toSorted())
})

test.each([
  ['before-mark', 2],
  ['after-mark', 2],
  ['in-function', 2],
  ['before-commit', 2],
  ['after-commit', 1],
] as const)('killed in the window %s, the function of the first task is started %i times in all', async (window, calls) => {
  await home.run({ resume: null, killAt: { window, time: 1 } })

  await home.run({ resume: home.rootRun()?.id ?? '', killAt: null })

  expect(home.lines('calls').filter((step) => step === 'first')).toHaveLength(calls)
  expect(home.lines('result')).toEqual([RESULT])
})

test('a run that is killed in every one of its lives goes on from where it was each time', async () => {
  let resume: string | null = null
  for (const window of windows) {
    const { signal } = await home.run({ resume, killAt: { window, time: 1 } })
    expect(signal).toBe('SIGKILL')
    resume = home.rootRun()?.id ?? null
  }

  const last = await home.run({ resume, killAt: null })

  expect(last.code).toBe(0)
  expect(home.lines('result')).toEqual([RESULT])
  expect(home.rootRun()).toMatchObject({ state: 'completed', attempt: windows.length + 1 })
})
