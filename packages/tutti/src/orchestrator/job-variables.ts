import { jobVariablesProblem } from '../core/job-variables.ts'
import type { JsonText } from '../core/literal-json.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** What is wrong with job variables, by the template of the pool that the queue belongs to; without a pool nothing is. */
export function* jobProblem(
  { store: { tables } }: Deps,
  queueId: string | null,
  variables: JsonText,
  options: { readonly ignoreRequired: boolean },
): Script<string | undefined> {
  const queue = queueId === null ? undefined : yield* tables.workQueues.get(queueId)
  const pool = queue === undefined ? undefined : yield* tables.workPools.get(queue.poolId)
  return pool === undefined ? undefined : jobVariablesProblem(pool.baseJobTemplate, variables, options)
}
