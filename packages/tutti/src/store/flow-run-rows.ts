import { actorOf, actorText } from '../core/actor.ts'
import type { Actor } from '../core/actor.ts'
import type { Dispatch, FlowRun, FlowRunPolicy } from '../core/flow-run.ts'
import type { LeaseHolder } from '../core/lease.ts'
import { JsonText } from '../core/literal-json.ts'
import type { State } from '../core/state.ts'
import { dataText, detailsText, scheduledFor, storedValue, toState } from './states.ts'
import type { FlowRunRow, StateRow } from './tables.ts'

/** The columns of a flow run, in the order in which `flowRunParameters` gives their values. */
export const FLOW_RUN_COLUMNS = [
  'id',
  'flow_id',
  'flow_name',
  'name',
  'version',
  'entrypoint',
  'tags',
  'parameters_format',
  'parameters_text',
  'idempotency_key',
  'parent_task_run_id',
  'root_id',
  'policy',
  'state_id',
  'state_type',
  'state_name',
  'state_timestamp',
  'state_message',
  'scheduled_for',
  'run_count',
  'attempt',
  'failures',
  'replay_failed_from',
  'lease_until',
  'lease_holder',
  'created_at',
  'expected_at',
  'started_at',
  'ended_at',
  'total_run_us',
  'outcome_format',
  'outcome_text',
  'updated_at',
  'state_details',
  'state_data',
  'deployment_id',
  'deployment_version',
  'deployment_version_id',
  'work_queue_id',
  'auto_scheduled',
  'created_by_id',
  'created_by_type',
  'created_by_value',
  'labels',
  'context',
  'job_variables',
  'infrastructure_document_id',
  'infrastructure_pid',
] as const satisfies readonly (keyof FlowRunRow)[]

export function flowRunParameters(run: FlowRun): readonly unknown[] {
  const { state, lease } = run
  return [
    run.id,
    run.flowId,
    run.flowName,
    run.name,
    run.version,
    run.entrypoint,
    JSON.stringify(run.tags),
    run.parameters.format,
    run.parameters.text,
    run.idempotencyKey,
    run.parentTaskRunId,
    run.rootId,
    JSON.stringify(run.policy),
    state.id,
    state.type,
    state.name,
    state.timestamp,
    state.message,
    scheduledFor(state),
    run.runCount,
    run.attempt,
    run.failures,
    run.replayFailedFrom,
    lease?.until ?? null,
    lease === null ? null : JSON.stringify(lease.holder),
    run.createdAt,
    run.expectedAt,
    run.startedAt,
    run.endedAt,
    Math.round(run.totalRunMs * 1000),
    run.outcome?.format ?? null,
    run.outcome?.text ?? null,
    run.updatedAt ?? null,
    detailsText(state),
    dataText(state),
    ...dispatchParameters(run.dispatch),
  ]
}

const NO_DISPATCH = Array.from({ length: 13 }, () => null)

function dispatchParameters(dispatch: Dispatch | undefined): readonly unknown[] {
  if (dispatch === undefined) return NO_DISPATCH
  return [
    dispatch.deploymentId,
    dispatch.deploymentVersion,
    dispatch.deploymentVersionId ?? null,
    dispatch.workQueueId,
    dispatch.autoScheduled ? 1 : 0,
    dispatch.createdBy?.id ?? null,
    dispatch.createdBy?.type ?? null,
    dispatch.createdBy?.displayValue ?? null,
    dispatch.labels.text,
    dispatch.context.text,
    dispatch.jobVariables?.text ?? null,
    dispatch.infrastructureDocumentId,
    dispatch.infrastructurePid,
  ]
}

export function toFlowRun(row: FlowRunRow): FlowRun {
  const run = {
    id: row.id,
    flowId: row.flow_id,
    flowName: row.flow_name,
    name: row.name,
    version: row.version,
    entrypoint: row.entrypoint,
    tags: JSON.parse(row.tags) as readonly string[], // JSON columns are written by this file only, here and below
    parameters: storedValue(row.parameters_format, row.parameters_text),
    idempotencyKey: row.idempotency_key,
    parentTaskRunId: row.parent_task_run_id,
    rootId: row.root_id,
    policy: JSON.parse(row.policy) as FlowRunPolicy,
    state: stateOf(row),
    runCount: row.run_count,
    attempt: row.attempt,
    failures: row.failures,
    replayFailedFrom: row.replay_failed_from,
    lease:
      row.lease_until === null || row.lease_holder === null
        ? null
        : { until: row.lease_until, holder: JSON.parse(row.lease_holder) as LeaseHolder },
    createdAt: row.created_at,
    expectedAt: row.expected_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    totalRunMs: row.total_run_us / 1000,
    outcome: row.outcome_format === null ? null : storedValue(row.outcome_format, row.outcome_text ?? ''),
  }
  if (row.labels === null && row.updated_at === null) return run
  return {
    ...run,
    ...(row.updated_at === null ? undefined : { updatedAt: row.updated_at }),
    ...(row.labels === null ? undefined : { dispatch: dispatchOf(row, row.labels) }),
  }
}

function dispatchOf(row: FlowRunRow, labels: string): Dispatch {
  const isMadeBySomebody = row.created_by_id !== null || row.created_by_type !== null
  return {
    deploymentId: row.deployment_id,
    deploymentVersion: row.deployment_version,
    ...(row.deployment_version_id === null ? undefined : { deploymentVersionId: row.deployment_version_id }),
    workQueueId: row.work_queue_id,
    autoScheduled: row.auto_scheduled === 1,
    createdBy: isMadeBySomebody ? { id: row.created_by_id, type: row.created_by_type, displayValue: row.created_by_value } : null,
    labels: new JsonText(labels),
    context: new JsonText(row.context ?? '{}'),
    jobVariables: row.job_variables === null ? null : new JsonText(row.job_variables),
    infrastructureDocumentId: row.infrastructure_document_id,
    infrastructurePid: row.infrastructure_pid,
  }
}

type CurrentState = Pick<
  FlowRunRow,
  'state_id' | 'state_type' | 'state_name' | 'state_timestamp' | 'state_message' | 'scheduled_for' | 'state_details'
> &
  // Left where nobody asks for it: it may be large.
  Partial<Pick<FlowRunRow, 'state_data'>>

/** The state that stands in the columns of a flow run or a task run. */
export function stateOf(row: CurrentState): State {
  return toState({
    id: row.state_id,
    type: row.state_type,
    name: row.state_name,
    timestamp: row.state_timestamp,
    message: row.state_message,
    scheduledFor: row.scheduled_for,
    details: row.state_details,
    data: row.state_data ?? null,
  })
}

export function stateParameters(flowRunId: string, state: State, actor: Actor | undefined): readonly unknown[] {
  return [
    state.id,
    flowRunId,
    state.type,
    state.name,
    state.timestamp,
    state.message,
    scheduledFor(state),
    detailsText(state),
    dataText(state),
    actor === undefined ? null : actorText(actor),
  ]
}

export function toHistoryState(row: StateRow): State {
  const state = toState({ ...row, scheduledFor: row.scheduled_for })
  const actor = row.actor === null ? undefined : actorOf(row.actor)
  return actor === undefined ? state : { ...state, actor }
}
