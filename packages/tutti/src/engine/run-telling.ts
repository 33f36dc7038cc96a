import type { FlowRun } from '../core/flow-run.ts'
import type { ActiveRun } from './active-run.ts'
import type { FlowHook } from './definition.ts'
import type { RunState } from './run-state.ts'

/** What a caller learns while the run goes on. */
export interface RunTelling {
  begun(run: FlowRun): void
  attempt(active: ActiveRun): void
}

export function callHook(active: ActiveRun, what: string, hook: FlowHook, state: RunState): void {
  const { run, definition, parameters } = active
  active.hook(`${what} of flow ${definition.name}`, () =>
    hook({ flowRunId: run.id, name: run.name, flowName: definition.name, attempt: run.attempt, parameters, state }),
  )
}

/** Tells whoever watches this process how the run stands now. */
export function tellObservers(active: ActiveRun, error?: unknown): void {
  const { run, engine, parent, book } = active
  engine.observers.flowRun({
    id: run.id,
    name: run.name,
    flowName: run.flowName,
    parentFlowRunId: parent?.active.run.id ?? null,
    state: run.state,
    attempt: run.attempt,
    replaying: book.size,
    error,
  })
}
