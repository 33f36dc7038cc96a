import { z } from 'zod'
import type { DeployedDeployment, DeployRequest } from '../core/deploy.ts'
import type { PlannedDeployment } from '../core/deployment-plan.ts'
import type { DeploymentJob, DeploymentVersion } from '../core/deployment-version.ts'
import { deploymentChanges, deploymentName, deploymentWire, shared } from './deployments.ts'
import { endpoint } from './endpoint.ts'
import { integerBetween, jsonOf, objectOf, timeText, uuid, wire } from './values.ts'

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

const fieldChange = z.object({ field: z.string(), was: wire.json.optional(), now: wire.json.optional() })
const plannedShape = {
  flow_name: z.string(),
  name: z.string(),
  change: z.enum(['added', 'changed', 'unchanged', 'removed']),
  fields: z.array(fieldChange),
  misfits: z.array(z.object({ schedule: z.string().nullable(), problem: z.string() })),
}
const plannedWire = z.object(plannedShape).meta({ id: 'PlannedDeployment' })
const deployedWire = z.object({ ...plannedShape, id: wire.uuid, version_number: z.int().nullable() }).meta({ id: 'DeployedDeployment' })

export type PlannedWire = z.output<typeof plannedWire>
export type DeployedWire = z.output<typeof deployedWire>

export function plannedToWire({ flowName, name, change, fields, misfits }: PlannedDeployment): PlannedWire {
  return { flow_name: flowName, name, change, fields: [...fields], misfits: [...misfits] }
}

export function deployedToWire(deployed: DeployedDeployment): DeployedWire {
  return { ...plannedToWire(deployed), id: deployed.id, version_number: deployed.versionNumber }
}

const originWire = z.object({
  commit: z.string().nullable(),
  branch: z.string().nullable(),
  author: z.string().nullable(),
  dirty: z.boolean().nullable(),
  repository_url: z.string().nullable(),
})

const versionWire = z
  .object({
    id: wire.uuid,
    deployment_id: wire.uuid,
    number: z.int(),
    version: z.string().nullable(),
    is_current: z.boolean(),
    created: wire.time,
    origin: originWire.nullable(),
    changes: z.array(fieldChange),
  })
  .meta({ id: 'DeploymentVersion' })

export type VersionWire = z.output<typeof versionWire>

export function versionToWire(version: DeploymentVersion, currentId: string | null): VersionWire {
  const { origin } = version
  return {
    id: version.id,
    deployment_id: version.deploymentId,
    number: version.number,
    version: version.version,
    is_current: version.id === currentId,
    created: timeText(version.createdAt),
    origin:
      origin === null
        ? null
        : {
            commit: origin.commit,
            branch: origin.branch,
            author: origin.author,
            dirty: origin.dirty,
            repository_url: origin.repositoryUrl,
          },
    changes: [...version.changes],
  }
}

const jobWire = z
  .object({
    entrypoint: z.string().nullable(),
    path: z.string().nullable(),
    pull_steps: wire.json,
    job_variables: wire.object,
    commit: z.string().nullable(),
    version_number: z.int().nullable(),
  })
  .meta({ id: 'DeploymentJob' })

export function jobToWire(job: DeploymentJob): z.output<typeof jobWire> {
  return {
    entrypoint: job.entrypoint,
    path: job.path,
    pull_steps: jsonOf(job.pullSteps),
    job_variables: objectOf(job.jobVariables),
    commit: job.commit,
    version_number: job.versionNumber,
  }
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

const AT_ONCE_MAX = 500
const PAGE_MAX = 200
const line = z.string().max(1_000).nullable().default(null)

const deployBody = z.strictObject({
  deployments: z
    .array(z.strictObject({ ...shared, flow_name: z.string().min(1), name: deploymentName.min(1) }).partial({ version_info: true }))
    .max(AT_ONCE_MAX),
  project: z.string().min(1).max(200).nullish(),
  prune: z.boolean().default(false),
  origin: z
    .strictObject({ commit: line, branch: line, author: line, dirty: z.boolean().nullable().default(null), repository_url: line })
    .nullish(),
})

export function deployRequest({ deployments, project, prune, origin }: z.output<typeof deployBody>, now: number): DeployRequest {
  return {
    deployments: deployments.map(({ flow_name: flowName, name, ...body }) => ({ flowName, name, changes: deploymentChanges(body, now) })),
    project: project ?? null,
    prune,
    origin:
      origin === undefined || origin === null
        ? null
        : {
            commit: origin.commit,
            branch: origin.branch,
            author: origin.author,
            dirty: origin.dirty,
            repositoryUrl: origin.repository_url,
          },
  }
}

/* ── endpoints ──────────────────────────────────────────────────────────────────────────────────── */

const page = (key: 'limit' | 'offset') =>
  key === 'limit' ? z.coerce.number().pipe(z.int().min(1).max(PAGE_MAX)).default(50) : z.coerce.number().pipe(z.int().min(0)).default(0)
const idParams = z.object({ id: uuid })
const versionParams = z.object({ id: uuid, number: z.coerce.number().pipe(z.int().min(1)) })

/** What Tutti knows of deployments beyond the protocol: as code has them, and as they were. */
export const deploys = {
  plan: endpoint({
    method: 'POST',
    path: '/deployments/plan',
    summary: 'What `deploy` would add, change and remove, field by field. Changes nothing.',
    body: deployBody,
    output: z.array(plannedWire),
    errors: ['INVALID_REQUEST'],
  }),
  deploy: endpoint({
    method: 'PUT',
    path: '/deployments/deploy',
    summary: 'Makes deployments what their code says, all or none of them; those that are so already are not touched.',
    body: deployBody,
    output: z.array(deployedWire),
    errors: ['NOT_FOUND', 'CONFLICT', 'INVALID_REQUEST'],
  }),
  putAside: endpoint({
    method: 'POST',
    path: '/deployments/{id}/put_aside',
    summary: 'Deletes a deployment so that it can be restored for 7 days; its runs stay.',
    params: idParams,
    errors: ['NOT_FOUND'],
  }),
  listPutAside: endpoint({
    method: 'POST',
    path: '/deployments/put_aside/filter',
    summary: 'Deployments that were put aside and can be restored, the last ones first.',
    body: z.preprocess((value) => value ?? {}, z.strictObject({ limit: integerBetween(1, PAGE_MAX).default(50) })),
    output: z.array(deploymentWire),
  }),
  restore: endpoint({
    method: 'POST',
    path: '/deployments/{id}/restore',
    summary: 'Brings a deployment back that was put aside.',
    params: idParams,
    output: deploymentWire,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  versions: endpoint({
    method: 'GET',
    path: '/deployments/{id}/versions',
    summary: 'What a deployment was at each deploy that changed something, the newest first.',
    params: idParams,
    query: z.object({ limit: page('limit'), offset: page('offset') }),
    output: z.array(versionWire),
    errors: ['NOT_FOUND'],
  }),
  version: endpoint({
    method: 'GET',
    path: '/deployments/{id}/versions/{number}',
    summary: 'One version of a deployment.',
    params: versionParams,
    output: versionWire,
    errors: ['NOT_FOUND'],
  }),
  promote: endpoint({
    method: 'POST',
    path: '/deployments/{id}/versions/{number}/promote',
    summary: 'Makes a version the current one: new runs are those of it.',
    params: versionParams,
    output: deploymentWire,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  jobOf: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/job',
    summary: 'With what a run of a deployment is started: that of the version it was made from.',
    params: idParams,
    output: jobWire,
    errors: ['NOT_FOUND', 'FLOW_RUN_NOT_FOUND'],
  }),
}
