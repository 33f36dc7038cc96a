import { currentContext, runInContext } from '../engine/context.ts'
import { TuttiError } from '../core/errors.ts'

/** Task runs and sub-flow runs begun inside `body` carry these tags too. */
export function tags<T>(names: readonly string[], body: () => T): T {
  const context = currentContext()
  if (context === undefined) throw new TuttiError('NOT_IN_A_RUN', 'tags() was called outside of a flow or task')
  return runInContext({ ...context, tags: [...new Set([...context.tags, ...names])] }, body)
}
