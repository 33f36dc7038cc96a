import type { CollisionStrategy, DeploymentDefinition } from '../core/deployment-definition.ts'
import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { ScheduleDefinition } from '../core/schedule/definition.ts'
import type { FlowDefinition } from '../engine/definition.ts'
import type { ArchivePullStep } from './archive.ts'
import type { GitPullStep } from './git.ts'
import { flowJsonSchema } from '../engine/parameters-schema.ts'
import { jsonWithoutSecrets } from '../engine/secret-values.ts'

/** How, where, when and with which parameters a flow runs without anyone there. */
export interface DeploymentOptions<In = unknown> {
  /** Unique among the deployments of the flow. */
  readonly name: string
  readonly description?: string
  /** As you count. Without it every deploy that changes something gets a version of its own. */
  readonly version?: string
  readonly tags?: readonly string[]
  /** On top of what the flow's schema fills in; schedules and single runs may give others. */
  readonly parameters?: Partial<In>
  /** Whether parameters of a run must fit the flow's schema before the run is made. Default `true`. */
  readonly enforceParameterSchema?: boolean
  readonly schedules?: ScheduleDefinition | readonly ScheduleDefinition[]
  /** A paused deployment makes no runs by itself. Default: as it is on the server, where people may pause it; a new one is not paused. */
  readonly paused?: boolean
  /** Runs at once. With a number alone, further runs wait. */
  readonly concurrency?: number | { readonly limit: number; readonly collision?: CollisionStrategy; readonly grace?: Duration }
  /** What becomes of a run whose process died: it goes on in another one (default), or it has failed. */
  readonly onCrash?: 'resume' | 'fail'
  /** How often a run goes on after its process died, before it is Failed. Default 3. */
  readonly crashRestarts?: number
}

/** A deployment for workers of a pool. */
export interface PoolDeploymentOptions<In = unknown> extends DeploymentOptions<In> {
  readonly pool: string
  /** Default: the pool's default queue. */
  readonly queue?: string
  /** Values for the variables of the pool's job template. */
  readonly jobVariables?: Readonly<Record<string, Json>>
  /** Where workers get the code; default: the folder of the deploying project, for workers on this machine. */
  readonly code?: GitPullStep | ArchivePullStep | Readonly<Record<string, Json>>
}

/** What `flow.deployment()` gives: for `serve()` and for the list in `tutti.config.ts`. */
export class FlowDeployment {
  readonly flow: FlowDefinition
  readonly options: DeploymentOptions<never>

  constructor(flow: FlowDefinition, options: DeploymentOptions<never>) {
    this.flow = flow
    this.options = options
  }

  /** As it is written to a server: options checked, defaults filled in. */
  definition(): Promise<DeploymentDefinition> {
    return deploymentDefinition(this.flow, this.options)
  }
}

const CRASH_RESTARTS = 3

/** The deployment of a flow as it is written to a server: options checked, defaults filled in. */
export async function deploymentDefinition(flow: FlowDefinition, options: DeploymentOptions<never>): Promise<DeploymentDefinition> {
  const { name, crashRestarts = CRASH_RESTARTS, onCrash = 'resume' } = options
  if (typeof name !== 'string' || !/^[^/%&><]+$/.test(name))
    throw new TuttiError('INVALID_OPTION', `a deployment of flow ${flow.name} needs a name without / % & > <, not ${JSON.stringify(name)}`)
  if (!Number.isInteger(crashRestarts) || crashRestarts < 0)
    throw new TuttiError('INVALID_OPTION', `crashRestarts of deployment ${flow.name}/${name} is to be a whole number from 0 on`)
  const pool = 'pool' in options ? (options as PoolDeploymentOptions<never>) : undefined // the options that have a pool are those
  return {
    flowName: flow.name,
    name,
    description: options.description ?? flow.description,
    version: options.version ?? flow.version,
    tags: [...new Set([...flow.tags, ...(options.tags ?? [])])],
    parameters: jsonOf(options.parameters ?? {}, `parameters of deployment ${flow.name}/${name}`),
    parameterSchema: flow.parameters === null ? null : ((await flowJsonSchema(flow.parameters)) ?? null),
    enforceParameterSchema: options.enforceParameterSchema ?? true,
    schedules: options.schedules === undefined ? [] : [options.schedules].flat(),
    paused: options.paused ?? null,
    workPoolName: pool?.pool ?? null,
    workQueueName: pool?.queue ?? null,
    jobVariables: pool?.jobVariables ?? {},
    entrypoint: flow.entrypoint,
    path: null,
    pullSteps: pool?.code === undefined ? [] : [jsonOf(pool.code, `code of deployment ${flow.name}/${name}`)],
    concurrency: concurrencyOf(options, `concurrency of deployment ${flow.name}/${name}`),
    options: { retries: flow.retries, crashRestarts: onCrash === 'fail' ? 0 : crashRestarts },
  }
}

function concurrencyOf({ concurrency }: DeploymentOptions<never>, what: string): DeploymentDefinition['concurrency'] {
  if (concurrency === undefined) return null
  const { limit, collision = 'enqueue', grace } = typeof concurrency === 'number' ? { limit: concurrency } : concurrency
  if (!Number.isInteger(limit) || limit < 1) throw new TuttiError('INVALID_OPTION', `${what}: ${limit} is not a whole number from 1 on`)
  return { limit, collision, graceS: grace === undefined ? null : Math.round(parseDuration(grace, what) / 1000) }
}

/** Parameters travel as JSON: dates as text, which the flow's schema reads again. */
function jsonOf(value: unknown, what: string): Readonly<Record<string, Json>> {
  try {
    return JSON.parse(jsonWithoutSecrets(value, what)) as Readonly<Record<string, Json>> // an object of options
  } catch (cause) {
    if (isTuttiError(cause)) throw cause
    throw new TuttiError('INVALID_OPTION', `${what} cannot be written as JSON: ${String(cause)}`, { cause })
  }
}
