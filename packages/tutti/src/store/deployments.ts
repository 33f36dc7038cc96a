import { sql } from './kysely.ts'
import type { ConcurrencyOptions, Deployment, DeploymentOptions, DeploymentSchedule } from '../core/deployment.ts'
import { PROJECT_LABEL, projectOf } from '../core/deployment-plan.ts'
import type { Creator } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import type { ScheduleOptions } from '../core/schedule/definition.ts'
import type { Schedule } from '../core/schedule/schedule.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { change, hotSelect, listText, select, sqlBuilder, textList } from './statements.ts'
import type { DeploymentRow, DeploymentScheduleRow } from './tables.ts'

export interface DeploymentTable {
  get(id: string): Script<Deployment | undefined>
  byName(flowId: string, name: string): Script<Deployment | undefined>
  /** Also one that was put aside, as the next; all others here leave those out. */
  getEver(id: string): Script<Deployment | undefined>
  byNameEver(flowId: string, name: string): Script<Deployment | undefined>
  /** Those with the label of a project. */
  ofProject(project: string): Script<readonly Deployment[]>
  /** Put aside until then, the longest ago first. */
  deletedBefore(before: Instant, limit: number): Script<readonly Deployment[]>
  /** Put aside, the last ones first. */
  putAside(limit: number): Script<readonly Deployment[]>
  /** `false`: its flow has one of that name. */
  insert(deployment: Deployment): Script<boolean>
  save(deployment: Deployment): Script<void>
  /** With its schedules and versions. */
  delete(id: string): Script<void>
  /** Somebody asked for runs of these; those that were not ready are. Their `updatedAt` stays: it makes schedules be looked at again. */
  setPolled(ids: readonly string[], now: Instant): Script<void>
  /** Those of a work queue. */
  ofQueues(queueIds: readonly string[]): Script<readonly string[]>
  ofFlow(flowId: string): Script<readonly string[]>
  /** By their ids; those that are put aside are not among them. */
  names(ids: readonly string[]): Script<ReadonlyMap<string, string>>
  /** Runs of deleted queues stay, without one. */
  leaveQueues(queueIds: readonly string[]): Script<void>
  /** Ready, and nobody has asked since. */
  neglected(polledBefore: Instant): Script<readonly Deployment[]>
  setNotReady(ids: readonly string[]): Script<void>

  /** The one that was changed last comes first. */
  schedules(deploymentIds: readonly string[]): Script<readonly DeploymentSchedule[]>
  /** Those that say more than the protocol has. */
  schedulesWithOptions(): Script<readonly DeploymentSchedule[]>
  /** `false`: the deployment has one of that slug. */
  insertSchedule(schedule: DeploymentSchedule): Script<boolean>
  saveSchedule(schedule: DeploymentSchedule): Script<void>
  deleteSchedules(ids: readonly string[]): Script<void>
  /** Not paused, with active schedules, and with less ahead than they should have. */
  needingRuns(want: NeedingRuns): Script<readonly string[]>
  /** Runs that one schedule made, that were due in a span and that nobody has begun. */
  waitingRuns(
    schedule: { readonly id: string; readonly deploymentId: string },
    span: { readonly since: Instant; readonly until: Instant },
  ): Script<readonly { readonly id: string; readonly dueAt: Instant }[]>
  /** Runs that schedules made and that nobody has begun: from `from` on, or all. Returns their ids. */
  unbegunRuns(deploymentId: string, from: Instant | null): Script<readonly string[]>
}

export interface NeedingRuns {
  readonly now: Instant
  readonly minRuns: number
  readonly minTimeUs: number
  readonly updatedSince: Instant | null
  readonly afterId: string
  readonly limit: number
}

const selectDeployment = hotSelect(sqlBuilder.selectFrom('deployments').selectAll().where('id', '=', ''))

export function deploymentTable(): DeploymentTable {
  return {
    *get(id) {
      const found = yield* this.getEver(id)
      return found?.deletedAt === null ? found : undefined
    },

    *names(ids) {
      if (ids.length === 0) return new Map()
      const rows = yield* select(
        sqlBuilder
          .selectFrom('deployments')
          .select(['id', 'name'])
          .where('id', 'in', [...ids])
          .where('deleted_at', 'is', null),
      )
      return new Map(rows.map(({ id, name }) => [id, name]))
    },

    *byName(flowId, name) {
      const found = yield* this.byNameEver(flowId, name)
      return found?.deletedAt === null ? found : undefined
    },

    *getEver(id) {
      return first(yield* selectDeployment([id]))
    },

    *byNameEver(flowId, name) {
      return first(yield* select(sqlBuilder.selectFrom('deployments').selectAll().where('flow_id', '=', flowId).where('name', '=', name)))
    },

    *ofProject(project) {
      const query = sqlBuilder
        .selectFrom('deployments')
        .selectAll()
        .where('deleted_at', 'is', null)
        .where('labels', 'like', `%${PROJECT_LABEL}%`)
        .orderBy('id')
      return (yield* select(query)).map(toDeployment).filter(({ labels }) => projectOf(labels) === project)
    },

    *deletedBefore(before, limit) {
      const query = sqlBuilder.selectFrom('deployments').selectAll().where('deleted_at', '<=', before).orderBy('deleted_at').limit(limit)
      return (yield* select(query)).map(toDeployment)
    },

    *putAside(limit) {
      const query = sqlBuilder
        .selectFrom('deployments')
        .selectAll()
        .where('deleted_at', 'is not', null)
        .orderBy('deleted_at', 'desc')
        .limit(limit)
      return (yield* select(query)).map(toDeployment)
    },

    *insert(deployment) {
      const query = sqlBuilder
        .insertInto('deployments')
        .values(rowOf(deployment))
        .onConflict((conflict) => conflict.columns(['flow_id', 'name']).doNothing())
      return (yield* change(query)) > 0
    },

    *save(deployment) {
      const { id, ...columns } = rowOf(deployment)
      yield* change(sqlBuilder.updateTable('deployments').set(columns).where('id', '=', id))
    },

    *delete(id) {
      yield* change(sqlBuilder.deleteFrom('deployment_schedules').where('deployment_id', '=', id))
      yield* change(sqlBuilder.deleteFrom('deployment_versions').where('deployment_id', '=', id))
      yield* change(sqlBuilder.deleteFrom('deployments').where('id', '=', id))
    },

    *setPolled(ids, now) {
      if (ids.length === 0) return
      yield* change(
        sqlBuilder
          .updateTable('deployments')
          .set({ status: 'ready', last_polled_at: now })
          .where('id', 'in', [...ids]),
      )
    },

    *ofQueues(queueIds) {
      if (queueIds.length === 0) return []
      const rows = yield* select(
        sqlBuilder
          .selectFrom('deployments')
          .select('id')
          .where('work_queue_id', 'in', [...queueIds]),
      )
      return rows.map((row) => row.id)
    },

    *ofFlow(flowId) {
      return (yield* select(sqlBuilder.selectFrom('deployments').select('id').where('flow_id', '=', flowId))).map((row) => row.id)
    },

    *leaveQueues(queueIds) {
      if (queueIds.length === 0) return
      yield* change(
        sqlBuilder
          .updateTable('deployments')
          .set({ work_queue_id: null })
          .where('work_queue_id', 'in', [...queueIds]),
      )
    },

    *neglected(polledBefore) {
      const query = sqlBuilder
        .selectFrom('deployments')
        .selectAll()
        .where('status', '=', 'ready')
        .where('deleted_at', 'is', null)
        .where((where) => where.or([where('last_polled_at', 'is', null), where('last_polled_at', '<', polledBefore)]))
      return (yield* select(query)).map(toDeployment)
    },

    *setNotReady(ids) {
      if (ids.length === 0) return
      yield* change(
        sqlBuilder
          .updateTable('deployments')
          .set({ status: 'not-ready' })
          .where('id', 'in', [...ids]),
      )
    },

    *schedules(deploymentIds) {
      if (deploymentIds.length === 0) return []
      const query = sqlBuilder
        .selectFrom('deployment_schedules')
        .selectAll()
        .where('deployment_id', 'in', [...deploymentIds])
        .orderBy('updated_at', 'desc')
        .orderBy('id', 'desc')
      return (yield* select(query)).map(toSchedule)
    },

    *schedulesWithOptions() {
      return (yield* select(sqlBuilder.selectFrom('deployment_schedules').selectAll().where('options', 'is not', null))).map(toSchedule)
    },

    *insertSchedule(schedule) {
      const query = sqlBuilder
        .insertInto('deployment_schedules')
        .values(scheduleRow(schedule))
        .onConflict((conflict) => conflict.columns(['deployment_id', 'slug']).doNothing())
      return (yield* change(query)) > 0
    },

    *saveSchedule(schedule) {
      const { id, ...columns } = scheduleRow(schedule)
      yield* change(sqlBuilder.updateTable('deployment_schedules').set(columns).where('id', '=', id))
    },

    *deleteSchedules(ids) {
      if (ids.length === 0) return
      yield* change(sqlBuilder.deleteFrom('deployment_schedules').where('id', 'in', [...ids]))
    },

    *needingRuns({ now, minRuns, minTimeUs, updatedSince, afterId, limit }) {
      const ahead = sql`from flow_runs where flow_runs.deployment_id = deployments.id and auto_scheduled = 1
        and state_type = 'scheduled' and scheduled_for >= ${now}`
      let query = sqlBuilder
        .selectFrom('deployments')
        .select('id')
        .where('paused', '=', 0)
        .where('deleted_at', 'is', null)
        .where('id', '>', afterId)
        .where('id', 'in', sqlBuilder.selectFrom('deployment_schedules').select('deployment_id').where('active', '=', 1))
        .where(
          sql<boolean>`((select count(*) ${ahead}) < ${minRuns} or (select coalesce(max(scheduled_for), 0) ${ahead}) < ${now + minTimeUs})`,
        )
        .orderBy('id')
        .limit(limit)
      if (updatedSince !== null) query = query.where('updated_at', '>=', updatedSince)
      return (yield* select(query)).map((row) => row.id)
    },

    *waitingRuns({ id, deploymentId }, { since, until }) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select(['id', 'expected_at'])
          .where('deployment_id', '=', deploymentId)
          .where('created_by_id', '=', id)
          .where('state_type', '=', 'scheduled')
          .where('run_count', '=', 0)
          // Not the time at which one that waits for a slot looks again.
          .where('expected_at', '>=', since)
          .where('expected_at', '<', until),
      )
      return rows.map((row) => ({ id: row.id, dueAt: row.expected_at }))
    },

    *unbegunRuns(deploymentId, from) {
      let query = sqlBuilder
        .selectFrom('flow_runs')
        .select('id')
        .where('deployment_id', '=', deploymentId)
        .where('auto_scheduled', '=', 1)
        .where('state_type', '=', 'scheduled')
        .where('state_name', '<>', 'AwaitingConcurrencySlot')
        .where('run_count', '=', 0)
      if (from !== null) query = query.where('scheduled_for', '>=', from)
      return (yield* select(query)).map((row) => row.id)
    },
  }
}

function first(rows: readonly DeploymentRow[]): Deployment | undefined {
  const row = rows[0]
  return row === undefined ? undefined : toDeployment(row)
}

export function toDeployment(row: DeploymentRow): Deployment {
  const json = (text: string | null): JsonText | null => (text === null ? null : new JsonText(text))
  return {
    id: row.id,
    flowId: row.flow_id,
    name: row.name,
    description: row.description,
    version: row.version,
    paused: row.paused === 1,
    tags: textList(row.tags),
    labels: new JsonText(row.labels),
    parameters: new JsonText(row.parameters),
    parameterSchema: json(row.parameter_schema),
    enforceParameterSchema: row.enforce_parameter_schema === 1,
    jobVariables: new JsonText(row.job_variables),
    pullSteps: json(row.pull_steps),
    path: row.path,
    entrypoint: row.entrypoint,
    workQueueId: row.work_queue_id,
    storageDocumentId: row.storage_document_id,
    infrastructureDocumentId: row.infrastructure_document_id,
    concurrencyLimitId: row.concurrency_limit_id,
    // JSON columns are written by this file only.
    concurrencyOptions: row.concurrency_options === null ? null : (JSON.parse(row.concurrency_options) as ConcurrencyOptions),
    options: JSON.parse(row.options) as DeploymentOptions,
    versionId: row.version_id,
    deletedAt: row.deleted_at,
    status: row.status === 'ready' ? 'ready' : 'not-ready',
    lastPolledAt: row.last_polled_at,
    createdBy: row.created_by === null ? null : (JSON.parse(row.created_by) as Creator),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function rowOf(deployment: Deployment): DeploymentRow {
  return {
    id: deployment.id,
    flow_id: deployment.flowId,
    name: deployment.name,
    description: deployment.description,
    version: deployment.version,
    paused: deployment.paused ? 1 : 0,
    tags: listText(deployment.tags),
    labels: deployment.labels.text,
    parameters: deployment.parameters.text,
    parameter_schema: deployment.parameterSchema?.text ?? null,
    enforce_parameter_schema: deployment.enforceParameterSchema ? 1 : 0,
    job_variables: deployment.jobVariables.text,
    pull_steps: deployment.pullSteps?.text ?? null,
    path: deployment.path,
    entrypoint: deployment.entrypoint,
    work_queue_id: deployment.workQueueId,
    storage_document_id: deployment.storageDocumentId,
    infrastructure_document_id: deployment.infrastructureDocumentId,
    concurrency_limit_id: deployment.concurrencyLimitId,
    concurrency_options: deployment.concurrencyOptions === null ? null : JSON.stringify(deployment.concurrencyOptions),
    options: JSON.stringify(deployment.options),
    version_id: deployment.versionId,
    deleted_at: deployment.deletedAt,
    status: deployment.status,
    last_polled_at: deployment.lastPolledAt,
    created_by: deployment.createdBy === null ? null : JSON.stringify(deployment.createdBy),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
  }
}

function toSchedule(row: DeploymentScheduleRow): DeploymentSchedule {
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    schedule: JSON.parse(row.schedule) as Schedule, // written by `scheduleRow` only
    active: row.active === 1,
    maxScheduledRuns: row.max_scheduled_runs,
    parameters: new JsonText(row.parameters),
    slug: row.slug,
    options: row.options === null ? {} : (JSON.parse(row.options) as ScheduleOptions), // as above
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function scheduleRow(schedule: DeploymentSchedule): DeploymentScheduleRow {
  return {
    id: schedule.id,
    deployment_id: schedule.deploymentId,
    schedule: JSON.stringify(schedule.schedule),
    active: schedule.active ? 1 : 0,
    max_scheduled_runs: schedule.maxScheduledRuns,
    parameters: schedule.parameters.text,
    slug: schedule.slug,
    options: Object.keys(schedule.options).length === 0 ? null : JSON.stringify(schedule.options),
    created_at: schedule.createdAt,
    updated_at: schedule.updatedAt,
  }
}
