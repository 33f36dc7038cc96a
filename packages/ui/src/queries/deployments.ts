import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer, Deployment } from './values.ts'

export type DeploymentOverview = Answer<Client['ui']['deploymentOverview']>[string]
export type DeploymentVersion = Answer<Client['deployments']['versions']>[number]
export type DeploymentSchedule = Deployment['schedules'][number]
export type Schedule = DeploymentSchedule['schedule']
export type ScheduleOptions = NonNullable<DeploymentSchedule['options']>
export type ScheduleBody = Parameters<Client['deployments']['updateSchedule']>[0]['body']
export type Backfill = Answer<Client['backfills']['read']>
export type BackfillBody = Parameters<Client['backfills']['create']>[0]['body']
export type DeploymentRunBody = NonNullable<Parameters<Client['deployments']['createFlowRun']>[0]['body']>
export type DeploymentUpdate = NonNullable<Parameters<Client['deployments']['update']>[0]['body']>

export interface DeploymentFilter {
  readonly text?: string | undefined
  readonly tags?: readonly string[]
  readonly isPaused?: boolean | undefined
}

/** Deployments by name, each with the name of its flow and how its last runs went. */
export function deploymentList(filter: DeploymentFilter) {
  return infiniteQueryOptions({
    queryKey: ['deployments', 'list', filter],
    queryFn: async ({ signal, pageParam }) => {
      const { text = '', tags = [], isPaused } = filter
      const deployments = await client().deployments.filter(
        {
          body: {
            deployments: {
              ...(text === '' ? undefined : { flow_or_deployment_name: { like_: text } }),
              ...(tags.length === 0 ? undefined : { tags: { all_: [...tags] } }),
              ...(isPaused === undefined ? undefined : { paused: { eq_: isPaused } }),
            },
            sort: 'NAME_ASC',
            limit: PAGE_ROWS,
            offset: pageParam,
          },
        },
        { signal },
      )
      const names = await flowNames(
        deployments.map(({ flow_id: id }) => id),
        signal,
      )
      return deployments.map((deployment) => ({ deployment, flowName: names.get(deployment.flow_id) ?? null }))
    },
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
    placeholderData: keepPreviousData,
  })
}

async function flowNames(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(ids)]
  if (asked.length === 0) return new Map()
  const flows = await client().flows.filter(
    { body: { flows: { id: { any_: asked } }, limit: asked.length, offset: 0, sort: 'NAME_ASC' } },
    { signal },
  )
  return new Map(flows.map(({ id, name }) => [id, name]))
}

/** The last runs of each, and the next one. Runs change more often than deployments do, so it is a question of its own. */
export function deploymentOverviews(ids: readonly string[]) {
  return queryOptions({
    queryKey: ['flow-runs', 'of-deployments', ids],
    queryFn: async ({ signal }) => {
      const parts = await Promise.all(
        chunks(ids, OVERVIEW_MAX).map((part) => client().ui.deploymentOverview({ body: { deployment_ids: [...part] } }, { signal })),
      )
      return Object.assign({}, ...parts) as Readonly<Record<string, DeploymentOverview>> // of all parts together
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
}

const OVERVIEW_MAX = 100

function chunks<Each>(list: readonly Each[], size: number): readonly (readonly Each[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size))
}

export function deployment(id: string) {
  return queryOptions({ queryKey: ['deployments', id], queryFn: ({ signal }) => client().deployments.read({ id }, { signal }) })
}

export function flowOfDeployment(flowId: string | undefined) {
  return queryOptions({
    queryKey: ['flows', flowId],
    queryFn: ({ signal }) => client().flows.read({ id: flowId ?? '' }, { signal }),
    enabled: flowId !== undefined,
  })
}

export function deploymentHolders(id: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'slots-of-deployment', id],
    queryFn: ({ signal }) => client().concurrency.holders({ deployment_id: id, max: 50 }, { signal }),
  })
}

export function queuesOfPool(pool: string | null) {
  return queryOptions({
    queryKey: ['work-pools', pool, 'queues'],
    queryFn: ({ signal }) => client().poolQueues.list({ work_pool_name: pool ?? '', body: { limit: 200, offset: 0 } }, { signal }),
    enabled: pool !== null,
  })
}

export function updateDeployment(id: string, body: DeploymentUpdate) {
  return client().deployments.update({ id, body })
}

export function pauseDeployment(id: string, isPaused: boolean) {
  return isPaused ? client().deployments.pause({ id }) : client().deployments.resume({ id })
}

export function putDeploymentAside(id: string) {
  return client().deployments.putAside({ id })
}

export function restoreDeployment(id: string) {
  return client().deployments.restore({ id })
}

export function deploymentsPutAside() {
  return queryOptions({
    queryKey: ['deployments', 'put-aside'],
    queryFn: ({ signal }) => client().deployments.listPutAside({ body: { limit: 200 } }, { signal }),
  })
}

export function runDeployment(id: string, body: DeploymentRunBody) {
  return client().deployments.createFlowRun({ id, body })
}

/** What the server finds wrong with values. */
export function validateValues(schema: object, values: object) {
  return client().ui.validate({ body: { schema, values } })
}

/* ── schedules ──────────────────────────────────────────────────────────────────────────────────── */

export function schedulePreview(schedule: ScheduleBody['schedule'] | undefined, options: ScheduleBody['options'], times: number) {
  return queryOptions({
    queryKey: ['schedule-preview', schedule, options, times],
    queryFn: ({ signal }) => client().schedules.preview({ body: { schedule: schedule!, options: options ?? null, n: times } }, { signal }), // it is enabled only with one
    enabled: schedule !== undefined && schedule !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function calendars() {
  return queryOptions({
    queryKey: ['calendars'],
    queryFn: ({ signal }) => client().calendars.list({ body: { limit: 200, offset: 0 } }, { signal }),
  })
}

export function addSchedule(id: string, body: ScheduleBody) {
  return client().deployments.addSchedules({ id, body: [body] })
}

export function updateSchedule(id: string, scheduleId: string, body: ScheduleBody) {
  return client().deployments.updateSchedule({ id, schedule_id: scheduleId, body })
}

export function removeSchedule(id: string, scheduleId: string) {
  return client().deployments.removeSchedule({ id, schedule_id: scheduleId })
}

/* ── versions ───────────────────────────────────────────────────────────────────────────────────── */

/** The newest ones, as many as a page shows. */
export function deploymentVersions(id: string) {
  return queryOptions({
    queryKey: ['deployments', id, 'versions'],
    queryFn: ({ signal }) => client().deployments.versions({ id, limit: 200, offset: 0 }, { signal }),
  })
}

export function promoteVersion(id: string, number: number) {
  return client().deployments.promote({ id, number })
}

/* ── backfills ──────────────────────────────────────────────────────────────────────────────────── */

/** How far they are changes with their runs. */
export function backfillsOfDeployment(id: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'backfills', id],
    queryFn: ({ signal }) => client().backfills.list({ body: { deployment_id: id, limit: 50, offset: 0 } }, { signal }),
  })
}

/** What would run, and of which of these times there are runs already. */
export function backfillPlan(body: BackfillBody | undefined) {
  return queryOptions({
    queryKey: ['flow-runs', 'backfill-plan', body],
    queryFn: async ({ signal }) => {
      const given = body! // it is enabled only with one
      const [all, wanted] = await Promise.all([
        client().backfills.plan({ body: { ...given, only: 'all' } }, { signal }),
        given.only === 'all' || given.only === undefined ? undefined : client().backfills.plan({ body: given }, { signal }),
      ])
      const missing = await client().backfills.plan({ body: { ...given, only: 'missing' } }, { signal })
      return { all, wanted: wanted ?? all, missing }
    },
    enabled: body !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function startBackfill(body: BackfillBody) {
  return client().backfills.create({ body })
}

export function steerBackfill(id: string, verb: 'pause' | 'resume' | 'cancel') {
  return client().backfills[verb]({ id })
}
