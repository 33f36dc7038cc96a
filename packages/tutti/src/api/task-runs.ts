import { z } from 'zod'
import { JsonText } from '../core/literal-json.ts'
import type { State } from '../core/state.ts'
import type { TaskRun, TaskRunPolicy } from '../core/task-run.ts'
import { NOTHING_TOLD } from '../core/task-run-proposal.ts'
import { elapsedMs } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { endpoint } from './endpoint.ts'
import { estimatedRunS, latenessS } from './flow-runs.ts'
import { idParams } from './shapes.ts'
import { orchestrationResult, setStateBody, stateCreate, stateToWire, stateWire } from './states.ts'
import { instant, integer, jsonObject, labels, number, objectOf, stateTypeText, tags, timeText, uuid, wire } from './values.ts'

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

const id = wire.uuid.nullable()
const time = wire.time.nullable()

export const taskRunWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    flow_run_id: id,
    task_key: z.string(),
    dynamic_key: z.string(),
    cache_key: z.string().nullable(),
    cache_expiration: time,
    task_version: z.string().nullable(),
    empirical_policy: z
      .object({
        max_retries: z.int(),
        retry_delay_seconds: z.number(),
        retries: z.int().nullable(),
        retry_delay: z.union([z.number(), z.array(z.number())]).nullable(),
        retry_jitter_factor: z.number().nullable(),
      })
      .meta({ id: 'TaskRunPolicy' }),
    tags: z.array(z.string()),
    labels: wire.object,
    state_id: id,
    task_inputs: wire.object,
    state_type: wire.stateType.nullable(),
    state_name: z.string().nullable(),
    run_count: z.int(),
    flow_run_run_count: z.int(),
    expected_start_time: time,
    next_scheduled_start_time: time,
    start_time: time,
    end_time: time,
    total_run_time: wire.seconds,
    estimated_run_time: wire.seconds,
    estimated_start_time_delta: wire.seconds,
    state: stateWire.nullable(),
  })
  .meta({ id: 'TaskRun' })

export type TaskRunWire = z.output<typeof taskRunWire>

export function taskRunToWire(run: TaskRun, now: Instant): TaskRunWire {
  const { state } = run
  const told = run.told ?? NOTHING_TOLD
  const totalRunMs = run.told === undefined ? ownRunMs(run) : told.totalRunMs
  const expectedAt = told.expectedAt ?? run.createdAt
  return {
    id: run.id,
    created: timeText(run.createdAt),
    updated: timeText(state.timestamp),
    name: run.name,
    flow_run_id: run.flowRunId,
    task_key: run.taskKey,
    dynamic_key: run.dynamicKey,
    cache_key: told.cacheKey,
    cache_expiration: timeText(told.cacheExpiration),
    task_version: told.taskVersion,
    empirical_policy: policyToWire(told.policy),
    tags: [...run.tags],
    labels: objectOf(told.labels),
    state_id: state.id,
    task_inputs: run.told === undefined ? ownInputs(run) : objectOf(told.taskInputs),
    state_type: stateTypeText(state.type),
    state_name: state.name,
    run_count: run.runCount,
    flow_run_run_count: run.told === undefined ? run.attempt : told.flowRunRunCount,
    expected_start_time: timeText(expectedAt),
    next_scheduled_start_time: state.type === 'scheduled' ? timeText(state.scheduledFor) : null,
    start_time: timeText(run.startedAt),
    end_time: timeText(run.endedAt),
    total_run_time: totalRunMs / 1000,
    estimated_run_time: estimatedRunS({ totalRunMs, state }, now),
    estimated_start_time_delta: latenessS({ startedAt: run.startedAt, expectedAt, state }, now),
    state: taskRunStateToWire(run, state),
  }
}

/** A state of a task run; one that stands for a sub-flow run names it. */
export function taskRunStateToWire(run: Pick<TaskRun, 'id' | 'flowRunId' | 'childFlowRunId'>, state: State): z.output<typeof stateWire> {
  const named = run.childFlowRunId === null ? state : { ...state, details: { childFlowRunId: run.childFlowRunId, ...state.details } }
  return stateToWire(named, { flowRunId: run.flowRunId, taskRunId: run.id })
}

/** Our own engine keeps no sum: most task runs run once. */
function ownRunMs({ startedAt, endedAt }: TaskRun): number {
  return startedAt === null || endedAt === null ? 0 : elapsedMs(startedAt, endedAt)
}

/** Our own engine knows from which task runs arguments came, not as which argument. */
function ownInputs({ upstream, parentTaskRunId }: TaskRun): Record<string, unknown> {
  return {
    ...(upstream.length === 0 ? undefined : { arguments: upstream.map((each) => ({ input_type: 'task_run', id: each })) }),
    ...(parentTaskRunId === null ? undefined : { __parents__: [{ input_type: 'task_run', id: parentTaskRunId }] }),
  }
}

function policyToWire(policy: TaskRunPolicy): TaskRunWire['empirical_policy'] {
  const { retries, retryDelayS, retryJitterFactor } = policy
  const delay = typeof retryDelayS === 'object' && retryDelayS !== null ? [...retryDelayS] : (retryDelayS as number | null) // the list is the one object
  return { max_retries: 0, retry_delay_seconds: 0, retries: retries ?? 0, retry_delay: delay ?? 0, retry_jitter_factor: retryJitterFactor }
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

const RETRY_DELAYS_MAX = 50

export const taskRunPolicy = z
  .object({
    max_retries: integer.nullish(),
    retry_delay_seconds: number.nullish(),
    retries: integer.nullish(),
    retry_delay: z.union([number, z.array(number).max(RETRY_DELAYS_MAX)]).nullish(),
    retry_jitter_factor: z
      .preprocess((value) => value, number.nullish())
      .refine((factor) => factor === null || factor === undefined || factor >= 0, {
        message: '`retry_jitter_factor` must be >= 0.',
      }),
  })
  .transform((policy): TaskRunPolicy => ({
    retries: policy.retries ?? policy.max_retries ?? null,
    retryDelayS: policy.retry_delay ?? policy.retry_delay_seconds ?? null,
    retryJitterFactor: policy.retry_jitter_factor ?? null,
  }))

const CACHE_KEY_MAX = 2000

const taskRunCreate = z.strictObject({
  id: uuid.nullish(),
  state: stateCreate.nullish(),
  name: z.string().nullish(),
  flow_run_id: uuid.nullish(),
  task_key: z.string(),
  dynamic_key: z.string(),
  cache_key: z
    .string()
    .max(CACHE_KEY_MAX, { message: `Cache key exceeded maximum allowed length of ${CACHE_KEY_MAX} characters.` })
    .nullish(),
  cache_expiration: instant.nullish(),
  task_version: z.string().nullish(),
  empirical_policy: taskRunPolicy.nullish(),
  tags: tags.nullish(),
  labels: labels.nullish(),
  task_inputs: jsonObject.nullish(),
})

export const EMPTY_OBJECT = new JsonText('{}')

export const taskRuns = {
  create: endpoint({
    method: 'POST',
    path: '/task_runs/',
    summary: 'Makes a task run; one of the same call in the same flow run is given back instead.',
    body: taskRunCreate,
    output: taskRunWire,
    status: 201,
    alsoStatus: [200],
  }),
  read: endpoint({
    method: 'GET',
    path: '/task_runs/{id}',
    summary: 'One task run.',
    params: idParams,
    output: taskRunWire,
    errors: ['TASK_RUN_NOT_FOUND'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/task_runs/{id}',
    summary: 'Renames a task run.',
    params: idParams,
    body: z.strictObject({ name: z.string().optional() }),
    errors: ['TASK_RUN_NOT_FOUND'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/task_runs/{id}',
    summary: 'Deletes a task run.',
    params: idParams,
    errors: ['TASK_RUN_NOT_FOUND'],
  }),
  setState: endpoint({
    method: 'POST',
    path: '/task_runs/{id}/set_state',
    summary: 'Proposes a state; the answer tells which one is in force.',
    params: idParams,
    body: setStateBody,
    output: orchestrationResult,
    status: 200,
    alsoStatus: [201],
    errors: ['TASK_RUN_NOT_FOUND'],
  }),
}
