import type { FlowRun } from '../core/flow-run.ts'
import type { LogRecord } from '../core/log.ts'
import type { Orchestrator } from '../core/orchestrator.ts'
import { PAGE_LIMIT_MAX } from '../core/query.ts'
import type { Page } from '../core/query.ts'
import type { State, StateType } from '../core/state.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { RunState } from '../engine/run-state.ts'
import type { TestCall } from './recorder.ts'

/** How a flow run came out, and what was recorded of it. */
export interface TestRun<Result = unknown> {
  /** Empty when nothing was recorded: the parameters were refused, or the store was. */
  readonly id: string
  readonly flow: string
  readonly name: string
  /** As the caller was told: a `resume` that was refused is `failed`, whatever the run itself is. After a crash, as recorded. */
  readonly state: StateType
  /** The state's name: `Completed`, `TimedOut`, or one of the flow's own. */
  readonly stateName: string
  readonly message: string | null
  /** What the flow returned; `undefined` unless it completed. */
  readonly result: Result | undefined
  /** What the flow threw; `undefined` when it completed. */
  readonly error: unknown
  /** Starts of the flow so far, over all processes. */
  readonly attempts: number
  /** Calls of tasks since this `run`, `resume` or `retry` began, also in sub-flows, in the order in which they began. */
  readonly calls: readonly TestCall[]
  /** What the store holds of the flow's own task runs, in the order in which they began. */
  readonly taskRuns: readonly TaskRun[]
  readonly states: readonly State[]
  readonly logs: readonly LogRecord[]
}

export async function recordedRun<Result>(
  orchestrator: Orchestrator,
  id: string,
  seen: { readonly end: RunState<Result> | undefined; readonly calls: readonly TestCall[] },
): Promise<TestRun<Result>> {
  const run = await orchestrator.flowRuns.get(id)
  const [states, taskRuns, logs] = await Promise.all([
    orchestrator.flowRuns.states(id),
    allOf((cursor) => orchestrator.taskRuns.list({ flowRunId: id, limit: PAGE_LIMIT_MAX, ...cursor })),
    allOf((cursor) => orchestrator.logs.list({ flowRunId: id, limit: PAGE_LIMIT_MAX, ...cursor })),
  ])
  return { ...describe(run, seen.end), calls: seen.calls, states, taskRuns, logs }
}

function describe<Result>(
  run: FlowRun,
  end: RunState<Result> | undefined,
): Pick<TestRun<Result>, 'id' | 'flow' | 'name' | 'state' | 'stateName' | 'message' | 'result' | 'error' | 'attempts'> {
  // What the caller was told; a process that died was told nothing, so the record speaks.
  const state = end ?? run.state
  return {
    id: run.id,
    flow: run.flowName,
    name: run.name,
    state: state.type,
    stateName: state.name,
    message: state.message,
    result: end?.result,
    error: end?.error,
    attempts: run.attempt,
  }
}

/** A run of which the store knows nothing. */
export function unrecordedRun<Result>(flow: string, end: RunState<Result> | undefined): TestRun<Result> {
  return {
    id: '',
    flow,
    name: flow,
    state: end?.type ?? 'crashed',
    stateName: end?.name ?? 'Crashed',
    message: end?.message ?? 'the process ended before the run was recorded',
    result: end?.result,
    error: end?.error,
    attempts: 0,
    calls: [],
    taskRuns: [],
    states: [],
    logs: [],
  }
}

async function allOf<T>(list: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await list(cursor === null ? {} : { cursor })
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== null)
  return items
}
