// Task runs for tests, as a stream tells them.
import type { TaskRunRow } from '../../queries/task-runs.ts'
import { taskOf } from './segments.ts'
import type { Task } from './segments.ts'

export const T0 = Date.parse('2026-11-28T08:00:00.000Z')

export function at(ms: number): string {
  return new Date(T0 + ms).toISOString()
}

/** Ran from 0 to 100 ms and ended well, unless something else is said. */
export function aRow(given: Partial<TaskRunRow> = {}): TaskRunRow {
  return {
    id: 'a',
    name: 'load-0',
    task_key: 'load',
    dynamic_key: '0',
    kind: 'task',
    state_type: 'COMPLETED',
    state_name: 'Completed',
    state_message: null,
    state_timestamp: at(100),
    created: at(0),
    start_time: at(0),
    end_time: at(100),
    expected_start_time: null,
    run_count: 1,
    failures: 0,
    flow_run_attempt: 1,
    sequence: 1,
    upstream: [],
    parent_task_run_id: null,
    child_flow_run_id: null,
    child_flow_run_name: null,
    tags: [],
    history: [{ type: 'RUNNING', name: 'Running', timestamp: at(0) }],
    ...given,
  }
}

/** Called and begun at `from`, ended at `to`; `null`: still runs. */
export function aTask(id: string, taskKey: string, from: number, to: number | null, given: Partial<TaskRunRow> = {}): Task {
  const running = { type: 'RUNNING', name: 'Running', timestamp: at(from) } as const
  return taskOf(
    aRow({
      id,
      name: id,
      task_key: taskKey,
      created: at(from),
      start_time: at(from),
      ...(to === null
        ? { state_type: 'RUNNING', state_name: 'Running', state_timestamp: at(from), end_time: null, history: [] }
        : { state_timestamp: at(to), end_time: at(to), history: [running] }),
      ...given,
    }),
    1,
  )
}
