import { expect, test } from 'vitest'
import { aRow, at, T0 } from './a-row.ts'
import { parseTime, taskOf } from './segments.ts'

function told(row: Parameters<typeof aRow>[0], runCount = 1) {
  const task = taskOf(aRow(row), runCount)
  return { ...task, parts: task.segments.map(({ kind, tone, from, to }) => [kind, tone, from - T0, to === null ? null : to - T0]) }
}

test('a task that ran once is one attempt', () => {
  expect(told({}).parts).toEqual([['run', 'completed', 0, 100]])
})

test('a task that waited for a slot before it began shows its wait', () => {
  const task = told({ history: [{ type: 'RUNNING', name: 'Running', timestamp: at(60) }], start_time: at(60) })

  expect(task.parts).toEqual([
    ['wait', 'pending', 0, 60],
    ['run', 'completed', 60, 100],
  ])
  expect(task.from - T0).toBe(60)
})

test('each attempt of a retried task stands by itself, and so do the waits between', () => {
  const task = told({
    run_count: 3,
    history: [
      { type: 'RUNNING', name: 'Running', timestamp: at(0) },
      { type: 'SCHEDULED', name: 'AwaitingRetry', timestamp: at(10) },
      { type: 'RUNNING', name: 'Retrying', timestamp: at(40) },
      { type: 'SCHEDULED', name: 'AwaitingRetry', timestamp: at(50) },
      { type: 'RUNNING', name: 'Retrying', timestamp: at(80) },
    ],
  })

  expect(task.parts).toEqual([
    ['run', 'failed', 0, 10],
    ['wait', 'retrying', 10, 40],
    ['run', 'failed', 40, 50],
    ['wait', 'retrying', 50, 80],
    ['run', 'retried', 80, 100],
  ])
})

test('an attempt that a crash cut off is told apart from one that failed', () => {
  const task = told({
    history: [
      { type: 'RUNNING', name: 'Running', timestamp: at(0) },
      { type: 'RUNNING', name: 'Rerunning', timestamp: at(70) },
    ],
  })

  expect(task.parts).toEqual([
    ['run', 'crashed', 0, 70],
    ['run', 'completed', 70, 100],
  ])
})

test('what an earlier attempt of the flow run had completed was replayed', () => {
  expect(told({ flow_run_attempt: 1 }, 2)).toMatchObject({ tone: 'replayed', word: 'Replayed', parts: [['run', 'replayed', 0, 100]] })
  expect(told({ flow_run_attempt: 2 }, 2).tone).toBe('completed')
})

test('a task that ended well only after other attempts is told apart from one that did at once', () => {
  expect(told({ run_count: 2 })).toMatchObject({ tone: 'retried', word: 'Retried' })
  expect(told({ run_count: 2, state_type: 'FAILED', state_name: 'Failed' }).tone).toBe('failed')
  expect(told({ run_count: 2, flow_run_attempt: 1 }, 2).tone).toBe('replayed')
})

test('a cached result takes no time, and is still a mark', () => {
  const task = told({ state_name: 'Cached', history: [], created: at(100), start_time: null })

  expect(task).toMatchObject({ tone: 'cached', parts: [['mark', 'cached', 100, 100]] })
})

test('a task that still runs has no end', () => {
  const task = told({ state_type: 'RUNNING', state_name: 'Running', state_timestamp: at(0), history: [], end_time: null })

  expect(task.parts).toEqual([['run', 'running', 0, null]])
  expect(task.to).toBeNull()
})

test('a sleep is a wait all along', () => {
  const task = told({ task_key: 'wait:sleep', history: [{ type: 'SCHEDULED', name: 'Sleeping', timestamp: at(0) }], start_time: null })

  expect(task.parts).toEqual([['wait', 'paused', 0, 100]])
  expect(task.from - T0).toBe(0)
})

test('moments keep their microseconds', () => {
  expect(parseTime('2026-11-28T08:00:00.000250Z') - T0).toBeCloseTo(0.25, 3)
})
