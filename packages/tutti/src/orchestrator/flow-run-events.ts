import type { ResourceLabels } from '../core/event.ts'
import { flowRunEvent, relatedPart } from '../core/flow-run-event.ts'
import type { Creator, FlowRun } from '../core/flow-run.ts'
import type { State } from '../core/state.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** Writes and tells the event of a state that a flow run entered. */
export function* emitFlowRunState(deps: Deps, told: Told[], run: FlowRun, from: State | null): Script<void> {
  const event = flowRunEvent({ run, from, receivedAt: deps.clock.now() }, yield* relatedTo(deps, run))
  yield* deps.store.tables.events.append(event)
  told.push({ type: 'event', event })
}

/** What the run belongs to, their tags, and who made it; what is not there any more is left out, or without a name. */
function* relatedTo({ store: { tables } }: Deps, run: FlowRun): Script<readonly ResourceLabels[]> {
  const { deploymentId = null, workQueueId = null, createdBy = null } = run.dispatch ?? {}
  const flow = yield* tables.flows.get(run.flowId)
  const deployment = deploymentId === null ? undefined : yield* tables.deployments.get(deploymentId)
  const queue = workQueueId === null ? undefined : yield* tables.workQueues.get(workQueueId)
  const pool = queue === undefined ? undefined : yield* tables.workPools.get(queue.poolId)
  const task = run.parentTaskRunId === null ? undefined : yield* tables.taskRuns.get(run.parentTaskRunId)
  const tags = new Set([run, flow, deployment, task].flatMap((part) => part?.tags ?? []))

  const parts: ResourceLabels[] = [relatedPart('flow', `prefect.flow.${run.flowId}`, run.flowName)]
  if (deploymentId !== null) parts.push(relatedPart('deployment', `prefect.deployment.${deploymentId}`, deployment?.name))
  if (queue !== undefined) parts.push(relatedPart('work-queue', `prefect.work-queue.${queue.id}`, queue.name))
  if (pool !== undefined)
    parts.push({ ...relatedPart('work-pool', `prefect.work-pool.${pool.id}`, pool.name), 'prefect.work-pool.type': pool.type })
  if (run.parentTaskRunId !== null) parts.push(relatedPart('task-run', `prefect.task-run.${run.parentTaskRunId}`, task?.name))
  for (const tag of [...tags].toSorted()) parts.push(relatedPart('tag', `prefect.tag.${tag}`))
  const creator = creatorOf(createdBy)
  return creator === undefined ? parts : [...parts, creator]
}

/** Schedules are no resources of their own. */
function creatorOf(creator: Creator | null): ResourceLabels | undefined {
  const kind = creator?.type?.toLowerCase()
  if (creator === null || creator.id === null || (kind !== 'deployment' && kind !== 'automation')) return undefined
  return relatedPart('creator', `prefect.${kind}.${creator.id}`, creator.displayValue ?? undefined)
}
