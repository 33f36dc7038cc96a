import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from './event.ts'
import type { Event, ResourceLabels } from './event.ts'
import type { Dispatch, FlowRun } from './flow-run.ts'
import { JsonText } from './literal-json.ts'
import type { State } from './state.ts'
import { elapsedMs, formatInstant } from './time.ts'
import type { Instant } from './time.ts'

/** An event follows the one before it when that is not longer ago. */
const FOLLOWS_WITHIN_MS = 5 * 60 * 1000
const MESSAGE_MAX = 100_000

/** What of a flow run its events tell. */
export interface RunOfEvent extends Pick<
  FlowRun,
  'id' | 'name' | 'state' | 'runCount' | 'flowId' | 'flowName' | 'tags' | 'parentTaskRunId'
> {
  readonly dispatch?: Pick<Dispatch, 'deploymentId'>
}

export interface FlowRunEntry {
  /** In the state that it entered. */
  readonly run: RunOfEvent
  /** The state before; `null` for a new run. */
  readonly from: State | null
  readonly receivedAt: Instant
}

/** What the names of these events begin with; the name of the state follows. */
export const FLOW_RUN_EVENT = 'prefect.flow-run.'
/** And the ids of what they happened to; the run's own follows. */
export const FLOW_RUN_RESOURCE = 'prefect.flow-run.'

/** The event of a state that a flow run entered: it has the state's id and its time. */
export function flowRunEvent({ run, from, receivedAt }: FlowRunEntry, related: readonly ResourceLabels[]): Event {
  const { state } = run
  return {
    id: state.id,
    name: `${FLOW_RUN_EVENT}${state.name}`,
    occurredAt: state.timestamp,
    receivedAt,
    resource: {
      [RESOURCE_ID]: `${FLOW_RUN_RESOURCE}${run.id}`,
      [RESOURCE_NAME]: run.name,
      'prefect.run-count': String(run.runCount),
      'prefect.state-message': (state.message ?? '').slice(0, MESSAGE_MAX),
      'prefect.state-name': state.name,
      'prefect.state-timestamp': formatInstant(state.timestamp),
      'prefect.state-type': typeOf(state),
    },
    related,
    payload: JsonText.of({
      intended: { from: from === null ? null : typeOf(from), to: typeOf(state) },
      initial_state: from === null ? null : summary(from),
      validated_state: summary(state),
    }),
    follows: from !== null && elapsedMs(from.timestamp, state.timestamp) <= FOLLOWS_WITHIN_MS ? from.id : null,
  }
}

/** What schedules make ahead is told once somebody takes it: a deployment that runs each minute would fill the history with plans. */
export function isPlan(run: FlowRun, from: State | null): boolean {
  return from === null && run.dispatch?.autoScheduled === true
}

/** What a run itself says it belongs to. */
export function relatedOf(run: RunOfEvent, deploymentName?: string): readonly ResourceLabels[] {
  const { deploymentId = null } = run.dispatch ?? {}
  return [
    relatedPart('flow', `prefect.flow.${run.flowId}`, run.flowName),
    ...(deploymentId === null ? [] : [relatedPart('deployment', `prefect.deployment.${deploymentId}`, deploymentName)]),
    ...(run.parentTaskRunId === null ? [] : [relatedPart('task-run', `prefect.task-run.${run.parentTaskRunId}`)]),
    ...[...run.tags].toSorted().map((tag) => relatedPart('tag', `prefect.tag.${tag}`)),
  ]
}

export function relatedPart(role: string, id: string, name?: string): ResourceLabels {
  return { [RESOURCE_ID]: id, [RESOURCE_ROLE]: role, ...(name === undefined ? undefined : { [RESOURCE_NAME]: name }) }
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
