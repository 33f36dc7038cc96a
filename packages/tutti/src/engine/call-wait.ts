import { TuttiError } from '../core/errors.ts'
import { identifyCall } from './call-identity.ts'
import { currentContext } from './context.ts'
import type { RunFuture } from './future.ts'
import { WaitCall } from './wait-call.ts'
import type { WaitDefinition } from './wait-call.ts'

/**
 * Begins a wait in the body of a flow. Waits are told apart by their key, or by the order in which they are called, so that one which has begun
 * keeps its end although its arguments were worked out anew.
 *
 * @param what - the function that the user called, for errors.
 */
export function callWait(what: string, definition: WaitDefinition): RunFuture<unknown> {
  const context = currentContext()
  if (context === undefined) throw new TuttiError('NOT_IN_A_RUN', `${what}() was called outside of a flow`)
  const { active, task } = context
  if (task !== null)
    throw new TuttiError('WAIT_IN_TASK', `${what}() was called inside task ${task.record.name}; only the body of a flow can wait durably`)
  const refusal = active.refusal(`${what}()`)
  if (refusal !== undefined) throw refusal
  const taskKey = `wait:${definition.kind}`
  const key = definition.key ?? ''
  const described = { name: what, taskKey, key: () => key, onChange: 'run', waitFor: [], runName: () => what } as const
  const call = new WaitCall(context, definition, taskKey, identifyCall(context, described, [], null))
  call.begin()
  return call.future
}
