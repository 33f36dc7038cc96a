import type { DeploymentOptions } from './deployment.ts'
import type { Json } from './json.ts'
import type { JsonSchema } from './parameters.ts'
import type { ScheduleDefinition } from './schedule/definition.ts'

/** What happens when a run is due and the deployment's limit is reached. */
export type CollisionStrategy = 'enqueue' | 'cancel-new' | 'cancel-running' | 'skip'

/** How a strategy is shown to clients that know two of them. */
export const NEAREST = {
  enqueue: 'enqueue',
  'cancel-new': 'cancel-new',
  'cancel-running': 'enqueue',
  skip: 'cancel-new',
} as const satisfies Record<CollisionStrategy, CollisionStrategy>

/** A deployment as code says it should be: what is written to a server, whole. */
export interface DeploymentDefinition {
  readonly flowName: string
  readonly name: string
  readonly description: string | null
  /** As its author counts; `null`: the server makes one from what changed. */
  readonly version: string | null
  readonly tags: readonly string[]
  readonly parameters: Readonly<Record<string, Json>>
  /** `null`: the flow takes anything. */
  readonly parameterSchema: JsonSchema | null
  readonly enforceParameterSchema: boolean
  readonly schedules: readonly ScheduleDefinition[]
  /** `null`: as it is on the server; a new one is not paused. */
  readonly paused: boolean | null
  /** `null`: whoever serves the deployment runs it. */
  readonly workPoolName: string | null
  readonly workQueueName: string | null
  readonly jobVariables: Readonly<Record<string, Json>>
  /** `file:export`, from `path` or from where the code was pulled to. */
  readonly entrypoint: string | null
  /** The folder with the code on the worker's machine; `null` when it is pulled. */
  readonly path: string | null
  readonly pullSteps: readonly Readonly<Record<string, Json>>[]
  readonly concurrency: { readonly limit: number; readonly collision: CollisionStrategy; readonly graceS: number | null } | null
  readonly options: DeploymentOptions
}
