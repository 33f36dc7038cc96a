import { expect, test } from 'vitest'
import type { TaskRunEvent } from '../../core/observer.ts'
import type { StateType } from '../../core/state.ts'
import { aState, T0 } from '../../testing/builders.ts'
import { Progress } from './progress.ts'

type Life = readonly [states: readonly StateType[], how?: Pick<TaskRunEvent, 'replayed' | 'cached'>]

const REPLAYED = { replayed: true, cached: false }
const CACHED = { replayed: false, cached: true }

/** Progress of a run whose task runs went through these states, each from first to last. */
function after(...lives: readonly Life[]): Progress {
  const progress = new Progress('quiet-otter', T0)
  for (const [states, how = {}] of lives)
    for (const [at, type] of states.entries()) progress.add(anEvent(type, { from: states[at - 1] ?? null, ...how }))
  return progress
}

function anEvent(type: StateType, changes: Partial<TaskRunEvent>): TaskRunEvent {
  const given = { id: 'task-run', flowRunId: 'run', taskName: 'fetch', name: 'fetch-0', args: [] }
  return { ...given, state: aState(type), from: null, replayed: false, cached: false, ...changes }
}

test('each task run counts where it is now, and only what there is is told', () => {
  const progress = after(
    [['running']],
    [['running', 'scheduled']],
    [['running', 'scheduled', 'running', 'completed']],
    [['running', 'failed']],
    [['running', 'cancelled']],
  )

  expect(progress.counts()).toEqual(['1 running', '1 waiting for a retry', '1 completed', '1 failed', '1 cancelled'])
  expect(after().counts()).toEqual([])
})

test('the work of a run tells what was called from what was replayed or cached', () => {
  const progress = after(
    [['running', 'completed']],
    [['running', 'failed']],
    [['completed'], REPLAYED],
    [['failed'], REPLAYED],
    [['completed'], CACHED],
  )

  expect(progress.work()).toBe('5 tasks (2 called, 2 replayed, 1 from the cache, 2 failed)')
})

test('no task and one task are said in words that fit', () => {
  expect(after([['running']]).work()).toBe('no tasks')
  expect(after([['running', 'completed']]).work()).toBe('1 task (1 called)')
})
