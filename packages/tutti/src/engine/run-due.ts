import { isTuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ActiveRun } from './active-run.ts'
import { runOutside } from './context.ts'
import type { FlowDefinition } from './definition.ts'
import type { Engine } from './engine.ts'
import { runDueFlow } from './run-flow.ts'
import { messageOf } from './thrown.ts'

/** What became of a run that was due, in this process. */
export type DueEnd =
  | { readonly type: 'ended'; readonly run: FlowRun }
  /** It was cancelled meanwhile, or another process has it: nothing of it was called. */
  | { readonly type: 'left'; readonly reason: string }

/**
 * Runs a claimed run to its end here: one that is held already, or one that is started first, by its id. How user code ends is a state of the run; only what
 * keeps a run from being recorded is thrown.
 */
export async function runDue(
  engine: Engine,
  due: string | FlowRun,
  load: (run: FlowRun) => FlowDefinition | Promise<FlowDefinition>,
  onAttempt: (active: ActiveRun) => void = () => undefined,
): Promise<DueEnd> {
  const telling = { begun: () => undefined, attempt: onAttempt }
  try {
    const { run } = await runOutside(() => runDueFlow({ engine, telling }, due, load))
    return { type: 'ended', run }
  } catch (error) {
    if (isTuttiError(error, 'TRANSITION_REJECTED') || isTuttiError(error, 'FLOW_RUN_NOT_FOUND'))
      return { type: 'left', reason: messageOf(error) }
    throw error
  }
}
