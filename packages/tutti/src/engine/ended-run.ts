import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ResultOperations } from '../core/orchestrator.ts'
import { readFailure, readOutcome } from './outcome.ts'
import { RunState } from './run-state.ts'

/** The end of a finished run as its caller would have seen it. */
export async function endStateOf(results: ResultOperations, run: FlowRun): Promise<RunState> {
  const { name, message, type } = run.state
  if (type === 'completed') return new RunState(type, { name, message, result: await readKept(results, run) })
  if (type === 'failed') return new RunState(type, { name, message, error: readFailure(run.outcome) })
  return new RunState(type, { name, message, error: endError(run) })
}

async function readKept(results: ResultOperations, run: FlowRun): Promise<unknown> {
  if (run.outcome?.format === 'none')
    throw new TuttiError(
      'RESULT_NOT_KEPT',
      `the result of flow run ${run.name} (${run.id}) could not be stored, so it cannot be read again`,
    )
  return readOutcome(results, run.id, run.outcome)
}

/** What a caller gets who waited for a result that will never be. */
export function endError(run: FlowRun): TuttiError {
  const { type } = run.state
  if (type === 'scheduled' || type === 'paused')
    return new TuttiError(
      'RUN_SUSPENDED',
      `flow run ${run.name} (${run.id}) has given its process back: ${run.state.message ?? run.state.name}`,
    )
  const code = type === 'cancelled' ? 'RUN_CANCELLED' : 'FLOW_RUN_FAILED'
  return new TuttiError(
    code,
    `flow run ${run.name} (${run.id}) ended as ${run.state.name}${run.state.message === null ? '' : `: ${run.state.message}`}`,
  )
}
