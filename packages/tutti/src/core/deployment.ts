import type { Condition, Listing } from './condition.ts'
import type { ConcurrencyLimit } from './concurrency.ts'
import type { Creator, FlowRunPolicy } from './flow-run.ts'
import type { JsonText } from './literal-json.ts'
import type { Proposal } from './proposal.ts'
import type { ScheduleOptions } from './schedule/definition.ts'
import type { Schedule } from './schedule/schedule.ts'
import type { Instant } from './time.ts'
import type { FlowRunView, QueueNames } from './told-flow-run.ts'

/** A flow, and how, where and with which parameters it is run. */
export interface Deployment {
  readonly id: string
  readonly flowId: string
  readonly name: string
  readonly description: string | null
  readonly version: string | null
  readonly paused: boolean
  readonly tags: readonly string[]
  readonly labels: JsonText
  readonly parameters: JsonText
  readonly parameterSchema: JsonText | null
  readonly enforceParameterSchema: boolean
  readonly jobVariables: JsonText
  readonly pullSteps: JsonText | null
  readonly path: string | null
  readonly entrypoint: string | null
  readonly workQueueId: string | null
  readonly storageDocumentId: string | null
  readonly infrastructureDocumentId: string | null
  readonly concurrencyLimitId: string | null
  readonly concurrencyOptions: ConcurrencyOptions | null
  readonly options: DeploymentOptions
  /** The version that is current; `null`: nothing has been counted yet. */
  readonly versionId: string | null
  /** When it was put aside: nobody sees it, and later it is deleted for good. */
  readonly deletedAt: Instant | null
  /** Whether somebody has asked for its runs lately. */
  readonly status: 'ready' | 'not-ready'
  readonly lastPolledAt: Instant | null
  readonly createdBy: Creator | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** What only Tutti knows of a deployment; what is absent has its default. */
export interface DeploymentOptions {
  /** How often the process that runs a failed run tries it again. Default 0. */
  readonly retries?: number
  /** How often a run whose process died goes on in another one before it is Failed. Default 0: it stays Crashed. */
  readonly crashRestarts?: number
  /** What happens when the limit is reached, where the protocol has no word for it; its own strategies stand in `ConcurrencyOptions`. */
  readonly collision?: 'cancel-running' | 'skip'
}

export interface ConcurrencyOptions {
  readonly strategy: 'enqueue' | 'cancel-new'
  /** How long a run may take to start before its slot is given to others. */
  readonly graceS: number | null
}

export interface DeploymentSchedule {
  readonly id: string
  readonly deploymentId: string
  readonly schedule: Schedule
  readonly active: boolean
  readonly maxScheduledRuns: number | null
  readonly parameters: JsonText
  /** A name of its own among the schedules of the deployment. */
  readonly slug: string | null
  readonly options: ScheduleOptions
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A deployment as the wire shows it. */
export interface DeploymentView {
  readonly deployment: Deployment
  readonly schedules: readonly DeploymentSchedule[]
  readonly queue: QueueNames | null
  readonly limit: ConcurrencyLimit | null
}

/** What is written of a deployment; keys that are absent stay as they are, or get their default. */
export interface DeploymentChanges {
  readonly description?: string | null
  readonly version?: string | null
  readonly paused?: boolean
  readonly tags?: readonly string[]
  readonly labels?: JsonText
  readonly parameters?: JsonText
  readonly parameterSchema?: JsonText | null
  readonly enforceParameterSchema?: boolean
  readonly jobVariables?: JsonText
  readonly pullSteps?: JsonText | null
  readonly path?: string | null
  readonly entrypoint?: string | null
  readonly storageDocumentId?: string | null
  readonly infrastructureDocumentId?: string | null
  readonly concurrencyOptions?: ConcurrencyOptions | null
  readonly options?: DeploymentOptions
  /** By name; `null` takes the deployment out of its pool. */
  readonly workPoolName?: string | null
  readonly workQueueName?: string | null
  /** A limit of its own; `null` removes it. */
  readonly concurrencyLimit?: number | null
  /** A limit that others use too. */
  readonly globalConcurrencyLimitId?: string | null
  readonly schedules?: readonly ScheduleChanges[]
}

/** A new schedule, or changes of one that its slug (or the one it replaces) names. */
export interface ScheduleChanges {
  readonly schedule?: Schedule
  readonly active?: boolean
  readonly maxScheduledRuns?: number | null
  readonly parameters?: JsonText
  readonly slug?: string | null
  readonly options?: ScheduleOptions
  readonly replaces?: string | null
}

/** One run of a deployment, with what differs from its defaults. */
export interface DeploymentRunRequest {
  readonly name?: string
  readonly state?: Proposal
  readonly parameters: JsonText
  readonly enforceParameterSchema?: boolean
  readonly context: JsonText
  readonly policy: FlowRunPolicy
  readonly tags: readonly string[]
  readonly labels: JsonText
  readonly idempotencyKey: string | null
  readonly parentTaskRunId: string | null
  readonly workQueueName: string | null
  readonly jobVariables: JsonText | null
  readonly infrastructureDocumentId: string | null
}

/** How far ahead runs are made. */
export interface ScheduleWindow {
  readonly start: Instant
  readonly end: Instant
  /** At least so long, and at least so many. */
  readonly minTimeS: number
  readonly minRuns: number
  readonly maxRuns: number
}

/** Errors: `NOT_FOUND`, `INVALID_REQUEST` (parameters at creation), `CONFLICT` (parameters of a change or a run). */
export interface DeploymentOperations {
  /** The deployment of that flow and name; made when it is new, else changed. */
  ensure(
    flowId: string,
    name: string,
    changes: DeploymentChanges,
    createdBy: Creator | null,
  ): Promise<{ readonly view: DeploymentView; readonly isNew: boolean }>
  read(id: string): Promise<DeploymentView>
  readByName(flowName: string, name: string): Promise<DeploymentView>
  update(id: string, changes: DeploymentChanges): Promise<void>
  remove(id: string): Promise<void>
  filter(listing: Listing): Promise<readonly DeploymentView[]>
  count(where: Condition): Promise<number>
  /** A paused deployment makes no runs by itself; those that have not begun are deleted. */
  setPaused(id: string, paused: boolean): Promise<void>
  run(
    id: string,
    request: DeploymentRunRequest,
    createdBy: Creator | null,
  ): Promise<{ readonly view: FlowRunView; readonly isNew: boolean }>
  /** Due runs, soonest first. Who asks for them shows that somebody serves the deployments. */
  due(deploymentIds: readonly string[], before: Instant | null, limit: number): Promise<readonly FlowRunView[]>
  schedules(id: string): Promise<readonly DeploymentSchedule[]>
  addSchedules(id: string, schedules: readonly ScheduleChanges[]): Promise<readonly DeploymentSchedule[]>
  updateSchedule(id: string, scheduleId: string, changes: ScheduleChanges): Promise<void>
  removeSchedule(id: string, scheduleId: string): Promise<void>
  /** Makes the runs of its schedules within a window; tells how many are new. */
  makeScheduledRuns(id: string, window: ScheduleWindow): Promise<number>
  /**
   * Deployments with active schedules that have fewer runs ahead than they should, in the order of their ids; `updatedSince`: only those
   * changed lately. A schedule that has ended needs runs for ever: whoever wants all of them goes on after the last one.
   */
  needingRuns(limit: number, updatedSince: Instant | null, afterId?: string): Promise<readonly string[]>
}
