import { z } from 'zod'
import type {
  DeploymentChanges,
  DeploymentOptions,
  DeploymentRunRequest,
  DeploymentSchedule,
  DeploymentView,
  ScheduleChanges,
} from '../core/deployment.ts'
import type { CollisionStrategy } from '../core/deployment-definition.ts'
import { JsonText } from '../core/literal-json.ts'
import { globalLimitToWire, globalLimitWire } from './concurrency.ts'
import { endpoint } from './endpoint.ts'
import { joinedShape } from './filters.ts'
import { flowRunPolicy, flowRunWire, parameters } from './flow-runs.ts'
import { pageFields } from './page.ts'
import { scheduleIn, scheduleOptionsIn, scheduleOptionsToWire, scheduleOptionsWire, scheduleToWire, scheduleWire } from './schedules.ts'
import { count, idParams } from './shapes.ts'
import { stateCreate } from './states.ts'
import {
  instant,
  integer,
  integerBetween,
  jsonObject,
  jsonOf,
  labels,
  number,
  objectOf,
  seconds,
  tags,
  timeText,
  uuid,
  wire,
} from './values.ts'

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

const id = wire.uuid.nullable()
const count0 = integerBetween(0, 1_000)
const who = z.object({ id, type: z.string().nullable(), display_value: z.string().nullable() }).nullable()

export const deploymentScheduleWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    deployment_id: wire.uuid,
    schedule: scheduleWire,
    active: z.boolean(),
    max_scheduled_runs: z.int().nullable(),
    parameters: wire.object,
    slug: z.string().nullable(),
    options: scheduleOptionsWire.nullable(),
  })
  .meta({ id: 'DeploymentSchedule' })

export function deploymentScheduleToWire(schedule: DeploymentSchedule): z.output<typeof deploymentScheduleWire> {
  return {
    id: schedule.id,
    created: timeText(schedule.createdAt),
    updated: timeText(schedule.updatedAt),
    deployment_id: schedule.deploymentId,
    schedule: scheduleToWire(schedule.schedule),
    active: schedule.active,
    max_scheduled_runs: schedule.maxScheduledRuns,
    parameters: objectOf(schedule.parameters),
    slug: schedule.slug,
    options: scheduleOptionsToWire(schedule.options),
  }
}

/** What the protocol does not know. */
const COLLISIONS = ['ENQUEUE', 'CANCEL_NEW', 'CANCEL_RUNNING', 'SKIP'] as const
const deploymentOptions = z.strictObject({
  retries: count0.optional(),
  crash_restarts: count0.optional(),
  /** What really happens when the limit is reached; `concurrency_options` has what is nearest to it. */
  collision: z.enum(COLLISIONS).nullish(),
})

export function collisionText(strategy: CollisionStrategy): (typeof COLLISIONS)[number] {
  return strategy.toUpperCase().replace('-', '_') as (typeof COLLISIONS)[number] // the strategies in upper case
}

export const deploymentWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    version: z.string().nullable(),
    description: z.string().nullable(),
    flow_id: wire.uuid,
    paused: z.boolean(),
    schedules: z.array(deploymentScheduleWire),
    concurrency_limit: z.null(),
    global_concurrency_limit: globalLimitWire.nullable(),
    concurrency_options: z
      .object({ collision_strategy: z.enum(['ENQUEUE', 'CANCEL_NEW']), grace_period_seconds: z.int().nullable() })
      .nullable(),
    job_variables: wire.object,
    parameters: wire.object,
    tags: z.array(z.string()),
    labels: wire.object,
    work_queue_name: z.string().nullable(),
    work_queue_id: id,
    last_polled: wire.time.nullable(),
    parameter_openapi_schema: wire.json,
    path: z.string().nullable(),
    pull_steps: wire.json,
    entrypoint: z.string().nullable(),
    storage_document_id: id,
    infrastructure_document_id: id,
    created_by: who,
    updated_by: who,
    work_pool_name: z.string().nullable(),
    status: z.enum(['READY', 'NOT_READY']),
    options: deploymentOptions,
    enforce_parameter_schema: z.boolean(),
  })
  .meta({ id: 'DeploymentResponse' })

export type DeploymentWire = z.output<typeof deploymentWire>

export function deploymentToWire({ deployment, schedules, queue, limit }: DeploymentView): DeploymentWire {
  const { createdBy, concurrencyOptions: options } = deployment
  return {
    id: deployment.id,
    created: timeText(deployment.createdAt),
    updated: timeText(deployment.updatedAt),
    name: deployment.name,
    version: deployment.version,
    description: deployment.description,
    flow_id: deployment.flowId,
    paused: deployment.paused,
    schedules: schedules.map(deploymentScheduleToWire),
    concurrency_limit: null,
    global_concurrency_limit: limit === null ? null : globalLimitToWire(limit),
    concurrency_options:
      options === null
        ? null
        : { collision_strategy: options.strategy === 'enqueue' ? 'ENQUEUE' : 'CANCEL_NEW', grace_period_seconds: options.graceS },
    job_variables: objectOf(deployment.jobVariables),
    parameters: objectOf(deployment.parameters),
    tags: [...deployment.tags],
    labels: objectOf(deployment.labels),
    work_queue_name: queue?.name ?? null,
    work_queue_id: deployment.workQueueId,
    last_polled: timeText(deployment.lastPolledAt),
    parameter_openapi_schema: jsonOf(deployment.parameterSchema),
    path: deployment.path,
    pull_steps: jsonOf(deployment.pullSteps),
    entrypoint: deployment.entrypoint,
    storage_document_id: deployment.storageDocumentId,
    infrastructure_document_id: deployment.infrastructureDocumentId,
    created_by: createdBy === null ? null : { id: createdBy.id, type: createdBy.type, display_value: createdBy.displayValue },
    updated_by: null,
    work_pool_name: queue?.poolName ?? null,
    options: {
      retries: deployment.options.retries ?? 0,
      crash_restarts: deployment.options.crashRestarts ?? 0,
      collision: options === null ? null : collisionText(deployment.options.collision ?? options.strategy),
    },
    status: deployment.status === 'ready' ? 'READY' : 'NOT_READY',
    enforce_parameter_schema: deployment.enforceParameterSchema,
  }
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

const RUNS_AHEAD_MAX = 50

const scheduleBody = z.strictObject({
  schedule: scheduleIn.nullish(),
  active: z.boolean().nullish(),
  max_scheduled_runs: integerBetween(1, RUNS_AHEAD_MAX).nullish(),
  parameters: jsonObject.nullish(),
  slug: z.string().nullish(),
  options: scheduleOptionsIn.nullish(),
  replaces: z.string().nullish(),
})

export function scheduleChanges(given: z.output<typeof scheduleBody>, now: number): ScheduleChanges {
  return {
    ...(given.schedule === undefined || given.schedule === null ? undefined : { schedule: given.schedule(now) }),
    ...(given.active === undefined || given.active === null ? undefined : { active: given.active }),
    ...(given.max_scheduled_runs === undefined ? undefined : { maxScheduledRuns: given.max_scheduled_runs }),
    ...(given.parameters === undefined || given.parameters === null ? undefined : { parameters: given.parameters }),
    ...(given.slug === undefined ? undefined : { slug: given.slug }),
    ...(given.options === undefined ? undefined : { options: given.options ?? {} }),
    ...(given.replaces === undefined ? undefined : { replaces: given.replaces }),
  }
}

const concurrencyOptions = z
  .object({
    collision_strategy: z.enum(['ENQUEUE', 'CANCEL_NEW']),
    grace_period_seconds: integerBetween(60, 86_400).nullish(),
  })
  .nullish()

/** Keys that older clients still send; they say nothing any more. */
const LEGACY = ['worker_pool_queue_id', 'worker_pool_name', 'worker_pool_queue_name', 'work_pool_queue_name']

function withoutLegacy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !LEGACY.includes(key)))
}

/** What may be written of a deployment. */
export const shared = {
  version: z.string().nullish(),
  description: z.string().nullish(),
  paused: z.boolean().optional(),
  schedules: z.array(scheduleBody).optional(),
  concurrency_limit: integerBetween(1, Number.MAX_SAFE_INTEGER).nullish(),
  concurrency_options: concurrencyOptions,
  options: deploymentOptions.optional(),
  global_concurrency_limit_id: uuid.nullish(),
  parameters: parameters.nullish(),
  parameter_openapi_schema: jsonObject.nullish(),
  tags: tags.optional(),
  work_queue_name: z.string().nullish(),
  work_pool_name: z.string().nullish(),
  path: z.string().nullish(),
  job_variables: jsonObject.nullish(),
  pull_steps: z.array(z.unknown()).transform(JsonText.of).nullish(),
  entrypoint: z.string().nullish(),
  storage_document_id: uuid.nullish(),
  infrastructure_document_id: uuid.nullish(),
  enforce_parameter_schema: z.boolean().nullish(),
  version_info: z.unknown(),
}

export const deploymentName = z.string().regex(/^[^/%&><]*$/, { message: 'name must not contain any of / % & > <' })

const updateBody = z.preprocess(withoutLegacy, z.strictObject(shared).partial({ version_info: true }))

const createBody = z.preprocess(
  withoutLegacy,
  z
    .strictObject({
      ...shared,
      // May be empty, unlike other names.
      name: deploymentName,
      flow_id: uuid,
      labels: labels.nullish(),
    })
    .partial({ version_info: true }),
)

const EMPTY = new JsonText('{}')

/** What is written: keys that were given. */
export function deploymentChanges(
  body: z.output<typeof updateBody> & { readonly labels?: JsonText | null | undefined },
  now: number,
): DeploymentChanges {
  const said = <Key extends keyof DeploymentChanges>(key: Key, value: DeploymentChanges[Key] | undefined): Partial<DeploymentChanges> =>
    value === undefined ? {} : { [key]: value }
  const options = body.concurrency_options
  return {
    ...said('version', body.version),
    ...said('description', body.description),
    ...said('paused', body.paused),
    ...said('tags', body.tags),
    ...said('labels', body.labels ?? undefined),
    ...said('parameters', body.parameters === null ? EMPTY : body.parameters),
    ...said('parameterSchema', body.parameter_openapi_schema),
    ...said('enforceParameterSchema', body.enforce_parameter_schema ?? undefined),
    ...said('jobVariables', body.job_variables === null ? EMPTY : body.job_variables),
    ...said('pullSteps', body.pull_steps),
    ...said('path', body.path),
    ...said('entrypoint', body.entrypoint),
    ...said('storageDocumentId', body.storage_document_id),
    ...said('infrastructureDocumentId', body.infrastructure_document_id),
    ...said('workPoolName', body.work_pool_name),
    ...said('workQueueName', body.work_queue_name),
    ...said('concurrencyLimit', body.concurrency_limit),
    ...said('globalConcurrencyLimitId', body.global_concurrency_limit_id),
    ...said(
      'concurrencyOptions',
      options === undefined || options === null
        ? options
        : { strategy: options.collision_strategy === 'ENQUEUE' ? 'enqueue' : 'cancel-new', graceS: options.grace_period_seconds ?? null },
    ),
    ...said('options', optionsOf(body.options)),
    ...said(
      'schedules',
      body.schedules?.map((schedule) => scheduleChanges(schedule, now)),
    ),
  }
}

function optionsOf(given: z.output<typeof deploymentOptions> | undefined): DeploymentOptions | undefined {
  if (given === undefined) return undefined
  const { retries, crash_restarts: crashRestarts, collision } = given
  return {
    ...(retries === undefined ? undefined : { retries }),
    ...(crashRestarts === undefined ? undefined : { crashRestarts }),
    ...(collision === 'CANCEL_RUNNING' ? { collision: 'cancel-running' } : collision === 'SKIP' ? { collision: 'skip' } : undefined),
  }
}

const runBody = z.preprocess(
  (value) => value ?? {},
  z.strictObject({
    state: stateCreate.nullish(),
    name: z.string().nullish(),
    parameters: parameters.nullish(),
    enforce_parameter_schema: z.boolean().nullish(),
    context: jsonObject.nullish(),
    infrastructure_document_id: uuid.nullish(),
    empirical_policy: flowRunPolicy.nullish(),
    tags: tags.nullish(),
    labels: labels.nullish(),
    idempotency_key: z.string().nullish(),
    parent_task_run_id: uuid.nullish(),
    work_queue_name: z.string().nullish(),
    job_variables: jsonObject.nullish(),
  }),
)

export function runRequest(body: z.output<typeof runBody>): DeploymentRunRequest {
  return {
    ...(body.name === undefined || body.name === null ? undefined : { name: body.name }),
    ...(body.state === undefined || body.state === null ? undefined : { state: body.state }),
    ...(body.enforce_parameter_schema === undefined || body.enforce_parameter_schema === null
      ? undefined
      : { enforceParameterSchema: body.enforce_parameter_schema }),
    parameters: body.parameters ?? EMPTY,
    context: body.context ?? EMPTY,
    policy: body.empirical_policy ?? { retries: 0, crashRestarts: 0 },
    tags: body.tags ?? [],
    labels: body.labels ?? EMPTY,
    idempotencyKey: body.idempotency_key ?? null,
    parentTaskRunId: body.parent_task_run_id ?? null,
    workQueueName: body.work_queue_name ?? null,
    jobVariables: body.job_variables ?? null,
    infrastructureDocumentId: body.infrastructure_document_id ?? null,
  }
}

/* ── endpoints ──────────────────────────────────────────────────────────────────────────────────── */

const keys = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools', 'work_pool_queues')
const SORTS = ['NAME_ASC', 'NAME_DESC', 'CREATED_DESC', 'UPDATED_DESC'] as const
const sort = z.preprocess((value) => value ?? SORTS[0], z.enum(SORTS))
const body = <Shape extends z.ZodRawShape>(shape: Shape) => z.preprocess((value) => value ?? {}, z.object(shape))
const BULK_RUNS_MAX = 100
const BULK_MAX = 50

export const deployments = {
  create: endpoint({
    method: 'POST',
    path: '/deployments/',
    summary: 'Makes a deployment, or writes the one of that flow and name anew.',
    body: createBody,
    output: deploymentWire,
    status: 201,
    alsoStatus: [200],
    errors: ['CONFLICT', 'NOT_FOUND', 'INVALID_REQUEST'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/deployments/{id}',
    summary: 'One deployment.',
    params: idParams,
    output: deploymentWire,
    errors: ['NOT_FOUND'],
  }),
  readByName: endpoint({
    method: 'GET',
    path: '/deployments/name/{flow_name}/{deployment_name}',
    summary: 'The deployment of a flow by both names.',
    params: z.object({ flow_name: z.string(), deployment_name: z.string() }),
    output: deploymentWire,
    errors: ['NOT_FOUND'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/deployments/{id}',
    summary: 'Changes what the body names of a deployment.',
    params: idParams,
    body: updateBody,
    errors: ['NOT_FOUND', 'CONFLICT', 'INVALID_REQUEST'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/deployments/{id}',
    summary: 'Deletes a deployment; its runs stay.',
    params: idParams,
    errors: ['NOT_FOUND'],
  }),
  filter: endpoint({
    method: 'POST',
    path: '/deployments/filter',
    summary: 'Deployments that meet conditions.',
    body: body({ ...keys, ...pageFields, sort }),
    output: z.array(deploymentWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/deployments/count',
    summary: 'How many deployments meet conditions.',
    body: body(keys),
    output: count,
  }),
  paginate: endpoint({
    method: 'POST',
    path: '/deployments/paginate',
    summary: 'One page of deployments, and how many there are.',
    body: body({ ...keys, limit: pageFields.limit, page: z.preprocess((value) => value ?? 1, number).pipe(z.int().min(1)), sort }),
    output: z.object({ results: z.array(deploymentWire), count, limit: z.int(), pages: z.int(), page: z.int() }),
  }),
  bulkDelete: endpoint({
    method: 'POST',
    path: '/deployments/bulk_delete',
    summary: 'Deletes deployments that meet conditions.',
    body: body({
      deployments: keys.deployments,
      limit: z.preprocess((value) => value ?? BULK_MAX, number).pipe(z.int().min(1).max(BULK_MAX)),
    }),
    output: z.object({ deleted: z.array(wire.uuid) }),
  }),
  due: endpoint({
    method: 'POST',
    path: '/deployments/get_scheduled_flow_runs',
    summary: 'Due runs of deployments, soonest first; asking for them makes the deployments ready.',
    body: z.object({ deployment_ids: z.array(uuid), scheduled_before: instant.nullish(), limit: pageFields.limit }),
    output: z.array(flowRunWire),
  }),
  schedule: endpoint({
    method: 'POST',
    path: '/deployments/{id}/schedule',
    summary: 'Makes the runs of the deployment’s schedules now.',
    params: idParams,
    body: body({
      start_time: instant.nullish(),
      end_time: instant.nullish(),
      min_time: seconds.nullish(),
      min_runs: integer.nullish(),
      max_runs: integer.nullish(),
    }),
    output: z.null(),
    errors: ['NOT_FOUND'],
  }),
  pause: endpoint({
    method: 'POST',
    path: '/deployments/{id}/pause_deployment',
    summary: 'Makes no more runs by itself; those that have not begun are deleted.',
    params: idParams,
    output: z.null(),
    errors: ['NOT_FOUND'],
  }),
  resume: endpoint({
    method: 'POST',
    path: '/deployments/{id}/resume_deployment',
    summary: 'Makes runs by its schedules again.',
    params: idParams,
    output: z.null(),
    errors: ['NOT_FOUND'],
  }),
  createFlowRun: endpoint({
    method: 'POST',
    path: '/deployments/{id}/create_flow_run',
    summary: 'One run of the deployment, with its defaults.',
    params: idParams,
    body: runBody,
    output: flowRunWire,
    status: 201,
    alsoStatus: [200],
    errors: ['NOT_FOUND', 'CONFLICT', 'BAD_REQUEST'],
  }),
  createFlowRuns: endpoint({
    method: 'POST',
    path: '/deployments/{id}/create_flow_run/bulk',
    summary: 'Many runs of the deployment; each succeeds or fails by itself.',
    params: idParams,
    body: z.array(runBody),
    output: z.object({
      results: z.array(
        z.object({ flow_run_id: wire.uuid.nullable(), status: z.enum(['CREATED', 'FAILED']), error: z.string().nullable() }),
      ),
    }),
    errors: ['NOT_FOUND', 'BAD_REQUEST'],
  }),
  workQueueCheck: endpoint({
    method: 'GET',
    path: '/deployments/{id}/work_queue_check',
    summary: 'Work queues that would take the deployment’s runs by their filters: none has one any more.',
    params: idParams,
    output: z.array(z.unknown()),
    errors: ['NOT_FOUND'],
  }),
  schedules: endpoint({
    method: 'GET',
    path: '/deployments/{id}/schedules',
    summary: 'The schedules of a deployment.',
    params: idParams,
    output: z.array(deploymentScheduleWire),
    errors: ['NOT_FOUND'],
  }),
  addSchedules: endpoint({
    method: 'POST',
    path: '/deployments/{id}/schedules',
    summary: 'Adds schedules to a deployment.',
    params: idParams,
    body: z.array(scheduleBody),
    output: z.array(deploymentScheduleWire),
    status: 201,
    errors: ['NOT_FOUND', 'CONFLICT', 'INVALID_REQUEST'],
  }),
  updateSchedule: endpoint({
    method: 'PATCH',
    path: '/deployments/{id}/schedules/{schedule_id}',
    summary: 'Changes a schedule; runs it has made ahead are made anew.',
    params: z.object({ id: uuid, schedule_id: uuid }),
    body: scheduleBody,
    errors: ['NOT_FOUND', 'CONFLICT', 'INVALID_REQUEST'],
  }),
  removeSchedule: endpoint({
    method: 'DELETE',
    path: '/deployments/{id}/schedules/{schedule_id}',
    summary: 'Deletes a schedule with the runs that have not begun.',
    params: z.object({ id: uuid, schedule_id: uuid }),
    errors: ['NOT_FOUND'],
  }),
}

export { BULK_RUNS_MAX }
