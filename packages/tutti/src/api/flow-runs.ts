import { z } from 'zod'
import type { FlowRun, FlowRunPolicy } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import { isTerminal } from '../core/state.ts'
import { elapsedMs } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import type { FlowRunView } from '../core/told-flow-run.ts'
import { endpoint } from './endpoint.ts'
import { idParams } from './shapes.ts'
import { orchestrationResult, setStateBody, stateCreate, stateToWire, stateWire } from './states.ts'
import { integer, jsonObject, jsonOf, labels, number, objectOf, stateTypeText, tags, timeText, uuid, wire } from './values.ts'

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

const id = wire.uuid.nullable()
const time = wire.time.nullable()

const flowRunPolicyWire = z
  .object({
    max_retries: z.int(),
    retry_delay_seconds: z.number(),
    retries: z.int().nullable(),
    retry_delay: z.number().nullable(),
    pause_keys: z.array(z.string()).nullable(),
    resuming: z.boolean().nullable(),
    retry_type: z.enum(['in_process', 'reschedule']).nullable(),
  })
  .meta({ id: 'FlowRunPolicy' })

export const flowRunWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    flow_id: wire.uuid,
    state_id: id,
    deployment_id: id,
    deployment_version: z.string().nullable(),
    work_queue_id: id,
    work_queue_name: z.string().nullable(),
    flow_version: z.string().nullable(),
    parameters: wire.object,
    idempotency_key: z.string().nullable(),
    context: wire.object,
    empirical_policy: flowRunPolicyWire,
    tags: z.array(z.string()),
    labels: wire.object,
    parent_task_run_id: id,
    state_type: wire.stateType.nullable(),
    state_name: z.string().nullable(),
    run_count: z.int(),
    expected_start_time: time,
    next_scheduled_start_time: time,
    start_time: time,
    end_time: time,
    total_run_time: wire.seconds,
    estimated_run_time: wire.seconds,
    estimated_start_time_delta: wire.seconds,
    auto_scheduled: z.boolean(),
    infrastructure_document_id: id,
    infrastructure_pid: z.string().nullable(),
    created_by: z.object({ id, type: z.string().nullable(), display_value: z.string().nullable() }).nullable().meta({ id: 'CreatedBy' }),
    work_pool_id: id,
    work_pool_name: z.string().nullable(),
    state: stateWire.nullable(),
    job_variables: wire.object.nullable(),
  })
  .meta({ id: 'FlowRunResponse' })

export type FlowRunWire = z.output<typeof flowRunWire>

export function flowRunToWire({ run, queue }: FlowRunView, now: Instant): FlowRunWire {
  const { state, dispatch } = run
  const createdBy = dispatch?.createdBy ?? null
  return {
    id: run.id,
    created: timeText(run.createdAt),
    updated: timeText(Math.max(run.updatedAt ?? 0, state.timestamp)),
    name: run.name,
    flow_id: run.flowId,
    state_id: state.id,
    deployment_id: dispatch?.deploymentId ?? null,
    deployment_version: dispatch?.deploymentVersion ?? null,
    work_queue_id: dispatch?.workQueueId ?? null,
    work_queue_name: queue?.name ?? null,
    flow_version: run.version,
    parameters: parametersOf(run),
    idempotency_key: run.idempotencyKey,
    context: objectOf(dispatch?.context ?? EMPTY),
    empirical_policy: policyToWire(run.policy),
    tags: [...run.tags],
    labels: objectOf(dispatch?.labels ?? EMPTY),
    parent_task_run_id: run.parentTaskRunId,
    state_type: stateTypeText(state.type),
    state_name: state.name,
    run_count: run.runCount,
    expected_start_time: timeText(run.expectedAt),
    next_scheduled_start_time: state.type === 'scheduled' ? timeText(state.scheduledFor) : null,
    start_time: timeText(run.startedAt),
    end_time: timeText(run.endedAt),
    total_run_time: run.totalRunMs / 1000,
    estimated_run_time: estimatedRunS(run, now),
    estimated_start_time_delta: latenessS(run, now),
    auto_scheduled: dispatch?.autoScheduled ?? false,
    infrastructure_document_id: dispatch?.infrastructureDocumentId ?? null,
    infrastructure_pid: dispatch?.infrastructurePid ?? null,
    created_by: createdBy === null ? null : { id: createdBy.id, type: createdBy.type, display_value: createdBy.displayValue },
    work_pool_id: queue?.poolId ?? null,
    work_pool_name: queue?.poolName ?? null,
    state: stateToWire(state, { flowRunId: run.id, taskRunId: run.parentTaskRunId }),
    job_variables: dispatch === undefined || dispatch.jobVariables === null ? null : objectOf(dispatch.jobVariables),
  }
}

const EMPTY = new JsonText('{}')

/** Parameters of runs of our own engine may be more than JSON can say; then their stored form is shown. */
function parametersOf({ parameters: { format, text } }: FlowRun): Record<string, unknown> {
  if (format !== 'json') return { format, text }
  const value = new JsonText(text)
  return text.startsWith('{') ? objectOf(value) : { value: jsonOf(value) }
}

/** Time spent in Running so far, in seconds. */
export function estimatedRunS({ totalRunMs, state }: Pick<FlowRun, 'totalRunMs' | 'state'>, now: Instant): number {
  const running = state.type === 'running' ? Math.max(0, elapsedMs(state.timestamp, now)) : 0
  return (totalRunMs + running) / 1000
}

/** How much later than expected a run began, or how long it is overdue, in seconds. */
export function latenessS(
  { startedAt, expectedAt, state }: Pick<FlowRun, 'startedAt' | 'state'> & { readonly expectedAt: Instant | null },
  now: Instant,
): number {
  if (expectedAt === null) return 0
  if (startedAt !== null) return Math.max(0, startedAt - expectedAt) / 1_000_000
  return isTerminal(state.type) ? 0 : Math.max(0, now - expectedAt) / 1_000_000
}

function policyToWire(policy: FlowRunPolicy): z.output<typeof flowRunPolicyWire> {
  return {
    max_retries: 0,
    retry_delay_seconds: 0,
    retries: policy.retries,
    retry_delay: policy.retryDelayS ?? null,
    pause_keys: [...(policy.pauseKeys ?? [])],
    resuming: policy.resuming ?? false,
    retry_type: policy.retryType ?? null,
  }
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

export const flowRunPolicy = z
  .object({
    max_retries: integer.nullish(),
    retry_delay_seconds: number.nullish(),
    retries: integer.nullish(),
    retry_delay: number.nullish(),
    pause_keys: z.array(z.string()).nullish(),
    resuming: z.boolean().nullish(),
    retry_type: z.enum(['in_process', 'reschedule']).nullish(),
  })
  .transform((policy): FlowRunPolicy => ({
    retries: policy.retries ?? policy.max_retries ?? 0,
    crashRestarts: 0,
    retryDelayS: policy.retry_delay ?? policy.retry_delay_seconds ?? null,
    pauseKeys: [...new Set(policy.pause_keys ?? [])],
    resuming: policy.resuming ?? false,
    retryType: policy.retry_type ?? null,
  }))

const PARAMETERS_BYTES_MAX = 524_288

export const parameters = jsonObject.refine((value) => bytesOf(value.text) <= PARAMETERS_BYTES_MAX, {
  message: `parameters must not be longer than ${PARAMETERS_BYTES_MAX} bytes of JSON`,
})

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

const flowRunCreate = z.strictObject({
  state: stateCreate.nullish(),
  name: z.string().nullish(),
  flow_id: uuid,
  flow_version: z.string().nullish(),
  parameters: parameters.nullish(),
  context: jsonObject.nullish(),
  parent_task_run_id: uuid.nullish(),
  infrastructure_document_id: uuid.nullish(),
  empirical_policy: flowRunPolicy.nullish(),
  tags: tags.nullish(),
  labels: labels.nullish(),
  idempotency_key: z.string().nullish(),
  work_pool_name: z.string().nullish(),
  work_queue_name: z.string().nullish(),
  job_variables: jsonObject.nullish(),
  deployment_id: uuid.nullish(),
})

const flowRunUpdate = z.strictObject({
  name: z.string().nullish(),
  flow_version: z.string().nullish(),
  parameters: parameters.optional(),
  empirical_policy: flowRunPolicy.optional(),
  tags: tags.optional(),
  infrastructure_pid: z.string().nullish(),
  job_variables: jsonObject.nullish(),
})

export const flowRuns = {
  create: endpoint({
    method: 'POST',
    path: '/flow_runs/',
    summary: 'Makes a flow run; an idempotency key that was used before gives the run it named.',
    body: flowRunCreate,
    output: flowRunWire,
    status: 201,
    alsoStatus: [200],
    errors: ['CONFLICT'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}',
    summary: 'One flow run.',
    params: idParams,
    output: flowRunWire,
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/flow_runs/{id}',
    summary: 'Changes what the body names of a flow run.',
    params: idParams,
    body: flowRunUpdate,
    errors: ['FLOW_RUN_NOT_FOUND', 'BAD_REQUEST', 'INVALID_REQUEST'],
  }),
  addLabels: endpoint({
    method: 'PATCH',
    path: '/flow_runs/{id}/labels',
    summary: 'Adds labels to a flow run.',
    params: idParams,
    body: labels,
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/flow_runs/{id}',
    summary: 'Deletes a flow run with its task runs, states and logs.',
    params: idParams,
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
  resume: endpoint({
    method: 'POST',
    path: '/flow_runs/{id}/resume',
    summary: 'Continues a paused flow run, with the input it waits for.',
    params: idParams,
    body: z.preprocess((value) => value ?? {}, z.object({ run_input: jsonObject.nullish() })),
    output: orchestrationResult,
    status: 200,
    alsoStatus: [201],
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
  setState: endpoint({
    method: 'POST',
    path: '/flow_runs/{id}/set_state',
    summary: 'Proposes a state; the answer tells which one is in force.',
    params: idParams,
    body: setStateBody,
    output: orchestrationResult,
    status: 200,
    alsoStatus: [201],
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
}
