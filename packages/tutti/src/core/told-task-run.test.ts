import { expect, test } from 'vitest'
import fc from 'fast-check'
import type { State } from './state.ts'
import { withReport } from './told-task-run.ts'
import type { TaskRunReport } from './told-task-run.ts'
import type { TaskRun } from './task-run.ts'

const T0 = 1_800_000_000_000_000

function aReport(type: 'pending' | 'running' | 'completed', at: number, more: Partial<TaskRunReport> = {}): TaskRunReport {
  const state: State = { id: `${type}-${at}`, type, name: type, timestamp: T0 + at, message: null }
  return { id: 'run-1', flowRunId: 'flow-run-1', state, taskKey: 'add-1', dynamicKey: '0', ...more }
}

const told = [
  aReport('pending', 0, { name: 'add-0', runCount: 0 }),
  aReport('running', 10, { runCount: 1, startedAt: T0 + 10 }),
  aReport('completed', 20, { runCount: 1, endedAt: T0 + 20, totalRunMs: 0.01 }),
]

function all(reports: readonly TaskRunReport[]): TaskRun | undefined {
  return reports.reduce<TaskRun | undefined>((run, report) => withReport(run, report) ?? run, undefined)
}

test('the first report makes the run, later ones move it on', () => {
  const run = all(told)

  expect(run).toMatchObject({ name: 'add-0', runCount: 1, startedAt: T0 + 10, endedAt: T0 + 20, state: { type: 'completed' } })
  expect(run?.history.map(({ type }) => type)).toEqual(['pending', 'running'])
})

test('what is told twice changes nothing', () => {
  const run = all(told)

  expect(told.map((report) => withReport(run, report))).toEqual([undefined, undefined, undefined])
})

test('in whatever order and however often states are told, the run stands where the latest is, with the others behind it', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6 }), (order) => {
      const run = all(order.map((at) => told[at]!))

      expect(run?.state.type).toBe('completed')
      expect(run?.history.map(({ type }) => type)).toEqual(['pending', 'running'])
    }),
  )
})

test('what a report does not say stays as it was', () => {
  const named = withReport(undefined, aReport('pending', 0, { name: 'add-0', tags: ['a'] }))

  expect(withReport(named, aReport('running', 10))).toMatchObject({ name: 'add-0', tags: ['a'] })
})
