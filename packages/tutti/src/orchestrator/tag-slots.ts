import type { TaskRun } from '../core/task-run.ts'
import type { TaskProposalFacts } from '../core/task-run-proposal.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** Whether the limits on the tags of a task run have a slot for it. */
export function* tagSlots(_deps: Deps, _run: TaskRun): Script<TaskProposalFacts['slots']> {
  return 'none asked'
}

export function* applyTagSlots(_deps: Deps, _run: TaskRun, _what: 'take' | 'give back'): Script<void> {}
