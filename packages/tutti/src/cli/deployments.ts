import { TuttiError } from '../core/errors.ts'
import { suggestion } from '../core/suggestion.ts'
import { didYouMean } from './parse.ts'
import type { Answer, Client } from './server.ts'

export type DeploymentWire = Answer<'deployments', 'read'>

/** A deployment with the name of its flow, which people call it by. */
export interface NamedDeployment {
  readonly flow: string
  readonly deployment: DeploymentWire
}

/** What people write and read for a deployment. */
export const DEPLOYMENT_REFERENCE = 'flow/deployment, the name of the deployment where it is the only one, or its id'
export const deploymentArgument = { doc: `the deployment: ${DEPLOYMENT_REFERENCE}` } as const

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Names that are looked through for one that was meant. */
const NAMES_MAX = 200

/**
 * The deployment that was meant.
 *
 * @throws `NOT_FOUND` with what may have been meant; `CONFLICT` when there are several.
 */
export async function findDeployment(client: Client, reference: string): Promise<NamedDeployment> {
  return onlyOne(await withFlowNames(client, await candidates(client, reference)), reference, () => knownNames(client))
}

/** As `findDeployment`, among those that were deleted and can be restored. */
export async function findDeleted(client: Client, reference: string): Promise<NamedDeployment> {
  const all = await withFlowNames(client, await client.deployments.listPutAside({ body: { limit: NAMES_MAX } }))
  const found = all.filter(({ flow, deployment: { id, name } }) => [id, name, `${flow}/${name}`].includes(reference))
  return onlyOne(found, reference, () => Promise.resolve(all))
}

async function candidates(client: Client, reference: string): Promise<readonly DeploymentWire[]> {
  if (UUID.test(reference)) return client.deployments.filter({ body: { deployments: { id: { any_: [reference] } } } })
  const [flow = '', name, ...rest] = reference.split('/')
  if (name === undefined) return client.deployments.filter({ body: { deployments: { name: { any_: [flow] } } } })
  if (rest.length > 0) return []
  return client.deployments.filter({ body: { deployments: { name: { any_: [name] } }, flows: { name: { any_: [flow] } } } })
}

async function onlyOne(
  found: readonly NamedDeployment[],
  reference: string,
  all: () => Promise<readonly NamedDeployment[]>,
): Promise<NamedDeployment> {
  const [only, other] = found
  if (only === undefined) {
    const known = await all()
    const near = suggestion(reference, [...known.map(fullName), ...known.map(({ deployment }) => deployment.name)])
    throw new TuttiError('NOT_FOUND', `there is no deployment ${reference}${didYouMean(near)}`)
  }
  if (other === undefined) return only
  throw new TuttiError('CONFLICT', `there are ${found.length} deployments ${reference}: name one as ${found.map(fullName).join(' or ')}`)
}

async function knownNames(client: Client): Promise<readonly NamedDeployment[]> {
  return withFlowNames(client, await client.deployments.filter({ body: { limit: NAMES_MAX } }))
}

export async function withFlowNames(client: Client, deployments: readonly DeploymentWire[]): Promise<readonly NamedDeployment[]> {
  const ids = [...new Set(deployments.map(({ flow_id: id }) => id))]
  const names = new Map<string, string>()
  for (let at = 0; at < ids.length; at += NAMES_MAX) {
    const flows = await client.flows.filter({ body: { flows: { id: { any_: ids.slice(at, at + NAMES_MAX) } }, limit: NAMES_MAX } })
    for (const { id, name } of flows) names.set(id, name)
  }
  return deployments.map((deployment) => ({ flow: names.get(deployment.flow_id) ?? '?', deployment }))
}

export function fullName({ flow, deployment }: NamedDeployment): string {
  return `${flow}/${deployment.name}`
}

/** When its runs are made, for people. */
export function scheduleText({ schedule, active }: DeploymentWire['schedules'][number]): string {
  const zone = schedule.timezone === null || schedule.timezone === 'UTC' ? '' : ` ${schedule.timezone}`
  const when =
    'cron' in schedule ? `cron ${schedule.cron}` : 'rrule' in schedule ? `rrule ${schedule.rrule}` : `every ${schedule.interval} s`
  return `${when}${zone}${active ? '' : ' (off)'}`
}

/** As printed with `--json`. */
export function deploymentJson({ flow, deployment }: NamedDeployment): object {
  const { global_concurrency_limit: limit, concurrency_options: options } = deployment
  return {
    id: deployment.id,
    flow,
    name: deployment.name,
    description: deployment.description,
    version: deployment.version,
    status: deployment.status === 'READY' ? 'ready' : 'not-ready',
    paused: deployment.paused,
    tags: deployment.tags,
    labels: deployment.labels,
    pool: deployment.work_pool_name,
    queue: deployment.work_queue_name,
    entrypoint: deployment.entrypoint,
    path: deployment.path,
    pullSteps: deployment.pull_steps,
    parameters: deployment.parameters,
    parameterSchema: deployment.parameter_openapi_schema,
    enforceParameterSchema: deployment.enforce_parameter_schema,
    jobVariables: deployment.job_variables,
    concurrency:
      limit === null
        ? null
        : {
            limit: limit.limit,
            active: limit.active_slots,
            collision: collisionOf(deployment),
            graceS: options?.grace_period_seconds ?? null,
          },
    schedules: deployment.schedules.map((schedule) => ({
      id: schedule.id,
      slug: schedule.slug,
      active: schedule.active,
      schedule: schedule.schedule,
      parameters: schedule.parameters,
    })),
    createdAt: deployment.created,
    updatedAt: deployment.updated,
    polledAt: deployment.last_polled,
  }
}

export function collisionOf({ options }: DeploymentWire): string {
  return (options.collision ?? 'ENQUEUE').toLowerCase().replace('_', '-')
}
