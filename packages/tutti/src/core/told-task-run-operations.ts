import type { JsonText } from './literal-json.ts'
import type { Proposal, Verdict } from './proposal.ts'
import type { State } from './state.ts'
import type { CallKey, TaskRun, TaskRunPolicy } from './task-run.ts'
import type { Instant } from './time.ts'

/** A task run that a client makes over the wire: one that stands for a sub-flow run, or a background task. */
export interface NewToldTaskRun {
  /** Absent: made up. */
  readonly id?: string
  readonly name?: string
  readonly flowRunId: string | null
  readonly taskKey: string
  readonly dynamicKey: string
  readonly cacheKey: string | null
  readonly cacheExpiration: Instant | null
  readonly taskVersion: string | null
  readonly policy: TaskRunPolicy
  readonly tags: readonly string[]
  readonly labels: JsonText
  readonly taskInputs: JsonText
  /** Absent: Pending. */
  readonly state?: Proposal
}

/** What the protocol asks of task runs beyond `TaskRunOperations`. Errors: `TASK_RUN_NOT_FOUND`. */
export interface ToldTaskRunOperations {
  /** `isNew` is false when its id or its call was known. */
  create(run: NewToldTaskRun): Promise<{ readonly run: TaskRun; readonly isNew: boolean }>
  propose(
    id: string,
    proposal: Proposal,
    options: { readonly forced: boolean },
  ): Promise<{ readonly verdict: Verdict; readonly state: State; readonly isNew: boolean; readonly run: TaskRun }>
  /** Of one flow run, in the order of their keys. */
  ofFlowRun(flowRunId: string, page: { readonly after: CallKey | null; readonly limit: number }): Promise<TaskRunsOfFlowRun>
  /** Of one flow run, those whose state is of that time or later, oldest state first. Quick only where `since` is a moment ago. */
  changedSince(flowRunId: string, page: { readonly since: Instant; readonly limit: number }): Promise<TaskRunsOfFlowRun>
  rename(id: string, name: string): Promise<void>
  remove(id: string): Promise<void>
}

/** Task runs without their outcomes and the data of their states. */
export interface TaskRunsOfFlowRun {
  readonly runs: readonly TaskRun[]
  /** Of sub-flow runs that some of them stand for, by their ids. */
  readonly childNames: ReadonlyMap<string, string>
}
