import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../core/event.ts'
import type { Event, ResourceLabels } from '../core/event.ts'
import type { Creator, FlowRun } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import type { State } from '../core/state.ts'
import { elapsedMs, formatInstant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** An event follows the one before it when that is not longer ago. */
const FOLLOWS_WITHIN_MS = 5 * 60 * 1000
const MESSAGE_MAX = 100_000

/** The event of a state that a flow run entered: it has the state's id and its time. */
export function* emitFlowRunState(deps: Deps, told: Told[], run: FlowRun, from: State | null): Script<void> {
  const { state } = run
  const event: Event = {
    id: state.id,
    name: `prefect.flow-run.${state.name}`,
    occurredAt: state.timestamp,
    receivedAt: deps.clock.now(),
    resource: {
      [RESOURCE_ID]: `prefect.flow-run.${run.id}`,
      [RESOURCE_NAME]: run.name,
      'prefect.run-count': String(run.runCount),
      'prefect.state-message': (state.message ?? '').slice(0, MESSAGE_MAX),
      'prefect.state-name': state.name,
      'prefect.state-timestamp': formatInstant(state.timestamp),
      'prefect.state-type': typeOf(state),
    },
    related: yield* relatedTo(deps, run),
    payload: JsonText.of({
      intended: { from: from === null ? null : typeOf(from), to: typeOf(state) },
      initial_state: from === null ? null : summary(from),
      validated_state: summary(state),
    }),
    follows: from !== null && elapsedMs(from.timestamp, state.timestamp) <= FOLLOWS_WITHIN_MS ? from.id : null,
  }
  yield* deps.store.tables.events.append(event)
  told.push({ type: 'event', event })
}

/** In events, too, the protocol's types are ours in upper case. */
function typeOf({ type }: State): string {
  return type.toUpperCase()
}

function summary(state: State): Record<string, unknown> {
  const { name, message, details } = state
  return {
    type: typeOf(state),
    name,
    ...(message === null ? undefined : { message }),
    ...(state.type === 'paused' ? { pause_reschedule: String(details?.pauseReschedule ?? false) } : undefined),
  }
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

  const parts: ResourceLabels[] = [part('flow', `prefect.flow.${run.flowId}`, run.flowName)]
  if (deploymentId !== null) parts.push(part('deployment', `prefect.deployment.${deploymentId}`, deployment?.name))
  if (queue !== undefined) parts.push(part('work-queue', `prefect.work-queue.${queue.id}`, queue.name))
  if (pool !== undefined)
    parts.push({ ...part('work-pool', `prefect.work-pool.${pool.id}`, pool.name), 'prefect.work-pool.type': pool.type })
  if (run.parentTaskRunId !== null) parts.push(part('task-run', `prefect.task-run.${run.parentTaskRunId}`, task?.name))
  for (const tag of [...tags].toSorted()) parts.push(part('tag', `prefect.tag.${tag}`))
  const creator = creatorOf(createdBy)
  return creator === undefined ? parts : [...parts, creator]
}

/** Schedules are no resources of their own. */
function creatorOf(creator: Creator | null): ResourceLabels | undefined {
  const kind = creator?.type?.toLowerCase()
  if (creator === null || creator.id === null || (kind !== 'deployment' && kind !== 'automation')) return undefined
  return part('creator', `prefect.${kind}.${creator.id}`, creator.displayValue ?? undefined)
}

function part(role: string, id: string, name?: string): ResourceLabels {
  return { [RESOURCE_ID]: id, [RESOURCE_ROLE]: role, ...(name === undefined ? undefined : { [RESOURCE_NAME]: name }) }
}
