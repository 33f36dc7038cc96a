import type { FlowRun } from '../core/flow-run.ts'
import type { Json } from '../core/json.ts'
import { JsonText } from '../core/literal-json.ts'
import { COMMIT_LABEL, fillTemplate } from '../core/run-job.ts'
import type { RunJob } from '../core/run-job.ts'
import type { Script } from '../store/port.ts'
import { deploymentOf } from './deployment-versions.ts'
import type { Deps } from './deps.ts'

const NO_STEPS = new JsonText('[]')

/** What a worker must know to start a run. */
export function* jobOf(deps: Deps, run: FlowRun): Script<RunJob> {
  const { workQueues, workPools } = deps.store.tables
  const { workQueueId = null, jobVariables = null, labels } = run.dispatch ?? {}
  const deployment = yield* deploymentOf(deps, run)
  const commit = (labels?.plain() as Readonly<Record<string, unknown>> | undefined)?.[COMMIT_LABEL] // an object, and so it was read
  const queue = workQueueId === null ? undefined : yield* workQueues.get(workQueueId)
  const pool = queue === undefined ? undefined : yield* workPools.get(queue.poolId)
  const layers = [deployment?.jobVariables, jobVariables].map((layer) => (layer?.plain() ?? null) as Json) // JSON, and so it was read
  return {
    flowName: run.flowName,
    deployment: deployment === undefined ? null : `${run.flowName}/${deployment.name}`,
    entrypoint: deployment?.entrypoint ?? run.entrypoint,
    path: deployment?.path ?? null,
    pullSteps: deployment?.pullSteps ?? NO_STEPS,
    commit: typeof commit === 'string' ? commit : null,
    configuration: pool === undefined ? new JsonText('{}') : JsonText.of(fillTemplate(pool.baseJobTemplate.plain() as Json, layers)),
  }
}
