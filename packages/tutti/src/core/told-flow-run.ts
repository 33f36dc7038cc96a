import type { Creator, FlowRun, FlowRunPolicy } from './flow-run.ts'
import type { ClientAbilities, ProposalMode } from './flow-run-proposal.ts'
import type { JsonText } from './literal-json.ts'
import type { Proposal, Verdict } from './proposal.ts'
import type { State } from './state.ts'

/** A flow run as the wire shows it: with the names of what it only refers to. */
export interface FlowRunView {
  readonly run: FlowRun
  readonly queue: QueueNames | null
}

export interface QueueNames {
  readonly id: string
  readonly name: string
  readonly poolId: string
  readonly poolName: string
}

/** A run that a client, a deployment or a schedule makes; nothing has begun yet. */
export interface NewToldFlowRun {
  readonly flowId: string
  /** Absent: a name is made up. */
  readonly name?: string
  readonly flowVersion: string | null
  readonly parameters: JsonText
  readonly context: JsonText
  readonly parentTaskRunId: string | null
  readonly policy: FlowRunPolicy
  readonly tags: readonly string[]
  /** On top of those of the flow or the deployment. */
  readonly labels: JsonText
  readonly idempotencyKey: string | null
  readonly workQueueId: string | null
  /** Instead of the id of a queue: a pool by its name, and one of its queues, else its default one. Throws `NOT_FOUND`. */
  readonly workPool?: { readonly name: string; readonly queueName: string | null }
  readonly jobVariables: JsonText | null
  readonly infrastructureDocumentId: string | null
  readonly deployment: {
    readonly id: string
    readonly version: string | null
    readonly versionId?: string | null
    readonly labels: JsonText
  } | null
  readonly autoScheduled: boolean
  readonly createdBy: Creator | null
  /** Absent: Pending, or Scheduled for now when it is of a deployment. */
  readonly state?: Proposal
}

/** Keys that are absent stay as they are. */
export interface FlowRunChanges {
  readonly name?: string
  readonly flowVersion?: string | null
  readonly parameters?: JsonText
  readonly policy?: FlowRunPolicy
  readonly tags?: readonly string[]
  readonly infrastructurePid?: string | null
  readonly jobVariables?: JsonText | null
}

export interface Proposed {
  readonly verdict: Verdict
  /** The state in force afterwards. */
  readonly state: State
  /** Whether it was entered now. */
  readonly isNew: boolean
  readonly run: FlowRun
}

/** What became of the wish to continue a paused run. */
export interface Resumed {
  readonly verdict: Verdict
  /** As it is afterwards; `null` when it was not paused. */
  readonly run: FlowRun | null
  readonly isNew: boolean
  /** The run waits for input, and this was none it can take. */
  readonly isInputWrong?: true
}

/** What the protocol asks of flow runs beyond `FlowRunOperations`. Errors: `FLOW_RUN_NOT_FOUND`. */
export interface ToldFlowRunOperations {
  /** `isNew` is false when the idempotency key named a run of the flow. Throws `CONFLICT` when there is no such flow. */
  create(run: NewToldFlowRun): Promise<{ readonly view: FlowRunView; readonly isNew: boolean }>
  read(id: string): Promise<FlowRunView>
  propose(id: string, proposal: Proposal, how: { readonly mode: ProposalMode; readonly client: ClientAbilities }): Promise<Proposed>
  resumePaused(id: string, input: JsonText | null, client: ClientAbilities): Promise<Resumed>
  update(id: string, changes: FlowRunChanges): Promise<void>
  /** Merges. */
  addLabels(id: string, labels: JsonText): Promise<void>
  /** Whatever its state: its slot is given back, its task runs, states and logs go. */
  remove(id: string): Promise<void>
}
