import type { FlowRun } from '../core/flow-run.ts'
import type { Json } from '../core/json.ts'
import { JsonText } from '../core/literal-json.ts'
import { fillTemplate } from '../core/run-job.ts'
import type { RunJob } from '../core/run-job.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

const NO_STEPS = new JsonText('[]')

/** What a worker must know to start a run. */
export function* jobOf({ store }: Deps, run: FlowRun): Script<RunJob> {
  const { deployments, workQueues, workPools } = store.tables
  const { deploymentId = null, workQueueId = null, jobVariables = null } = run.dispatch ?? {}
  const deployment = deploymentId === null ? undefined : yield* deployments.get(deploymentId)
  const queue = workQueueId === null ? undefined : yield* workQueues.get(workQueueId)
  const pool = queue === undefined ? undefined : yield* workPools.get(queue.poolId)
  const layers = [deployment?.jobVariables, jobVariables].map((layer) => (layer?.plain() ?? null) as Json) // JSON, and so it was read
  return {
    flowName: run.flowName,
    deployment: deployment === undefined ? null : `${run.flowName}/${deployment.name}`,
    entrypoint: deployment?.entrypoint ?? run.entrypoint,
    path: deployment?.path ?? null,
    pullSteps: deployment?.pullSteps ?? NO_STEPS,
    configuration: pool === undefined ? new JsonText('{}') : JsonText.of(fillTemplate(pool.baseJobTemplate.plain() as Json, layers)),
  }
}
