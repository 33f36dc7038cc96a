import type { DeploymentChanges, DeploymentView } from './deployment.ts'
import type { FieldChange } from './deployment-plan.ts'
import { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'

/** Where the code of a deployment came from, as git tells it; each part as far as it is known. */
export interface CodeOrigin {
  readonly commit: string | null
  readonly branch: string | null
  readonly author: string | null
  /** Whether there were changes that no commit has. */
  readonly dirty: boolean | null
  readonly repositoryUrl: string | null
}

/** A deployment as one deploy left it. Runs start with the one they were made from. */
export interface DeploymentVersion {
  readonly id: string
  readonly deploymentId: string
  /** From 1 on, by one more at each deploy that changes something. */
  readonly number: number
  /** As its author counts. */
  readonly version: string | null
  readonly origin: CodeOrigin | null
  /** What it changed of the one before. */
  readonly changes: readonly FieldChange[]
  /** All that it takes to have the deployment like this again: `DeploymentChanges` as JSON. */
  readonly snapshot: JsonText
  readonly createdAt: Instant
}

/** With what, and where, a run is started. */
export interface DeploymentJob {
  readonly entrypoint: string | null
  readonly path: string | null
  readonly pullSteps: JsonText | null
  readonly jobVariables: JsonText
  readonly commit: string | null
  /** `null`: of a deployment that has no versions. */
  readonly versionNumber: number | null
}

/** All of a deployment that can be written again. */
export function snapshotOf({ deployment, schedules, queue, limit }: DeploymentView): JsonText {
  const changes: DeploymentChanges = {
    description: deployment.description,
    version: deployment.version,
    tags: deployment.tags,
    parameters: deployment.parameters,
    parameterSchema: deployment.parameterSchema,
    enforceParameterSchema: deployment.enforceParameterSchema,
    jobVariables: deployment.jobVariables,
    pullSteps: deployment.pullSteps,
    path: deployment.path,
    entrypoint: deployment.entrypoint,
    storageDocumentId: deployment.storageDocumentId,
    infrastructureDocumentId: deployment.infrastructureDocumentId,
    concurrencyOptions: deployment.concurrencyOptions,
    options: deployment.options,
    workPoolName: queue?.poolName ?? null,
    workQueueName: queue?.name ?? null,
    ...limitChange(deployment.id, limit),
    schedules: schedules.map(({ id: _id, deploymentId: _of, createdAt: _made, updatedAt: _changed, ...schedule }) => schedule),
  }
  return JsonText.of(changes)
}

/** One of its own is made again; one of others is only named. */
function limitChange(deploymentId: string, limit: DeploymentView['limit']): DeploymentChanges {
  if (limit === null) return { concurrencyLimit: null }
  return limit.name === ownLimitName(deploymentId) ? { concurrencyLimit: limit.limit } : { globalConcurrencyLimitId: limit.id }
}

export function ownLimitName(deploymentId: string): string {
  return `deployment:${deploymentId}`
}

const TEXTS = ['parameters', 'parameterSchema', 'jobVariables', 'pullSteps'] as const

/** What to write so that a deployment is as it was in the snapshot. */
export function changesOfSnapshot(snapshot: JsonText): DeploymentChanges {
  const literal = snapshot.toJSON() as Readonly<Record<string, unknown>> // written by `snapshotOf`, as all below
  const texts = TEXTS.map((key) => [key, literal[key] === null ? null : JsonText.of(literal[key])] as const)
  const plain = snapshot.plain() as DeploymentChanges
  const spelled = literal['schedules'] as readonly { readonly parameters: unknown }[]
  return {
    ...plain,
    ...Object.fromEntries(texts),
    schedules: (plain.schedules ?? []).map((schedule, at) => ({ ...schedule, parameters: JsonText.of(spelled[at]?.parameters ?? {}) })),
  }
}
