import type { ArtifactPublishing } from './artifact.ts'
import type { BlockAccess } from './block-access.ts'
import type { Explanation } from './explain.ts'
import type { Decision, FlowRun, FlowRunCommand, FlowRunPolicy } from './flow-run.ts'
import type { StoredValue } from './json.ts'
import type { Lease, LeaseHolder } from './lease.ts'
import type { LogRecord } from './log.ts'
import type { MaintenanceModeOperations } from './maintenance-mode.ts'
import type { FlowRunQuery, LogQuery, Page, TaskRunQuery } from './query.ts'
import type { RerunPlan, RerunRequest } from './rerun.ts'
import type { State, StateType } from './state.ts'
import type { CacheEntry, CallKey, Checkpoint, JournalEntry, JournalOutcome, JournalValue, TaskRun } from './task-run.ts'
import type { Instant } from './time.ts'
import type { VariableAccess } from './variable-access.ts'
import type { WaitOperations } from './wait.ts'

/**
 * The one door to state. The engine, the command and the services hold one and cannot tell whether it works on a database in this
 * process or on a server. Every operation is one transaction.
 *
 * Errors: `FLOW_RUN_NOT_FOUND`, `TASK_RUN_NOT_FOUND`, `TRANSITION_REJECTED`, `FENCED` (another attempt has taken the run over), `STORE_BUSY`, `STORE_UNREACHABLE`, `STORE_FAILED`.
 */
export interface Orchestrator {
  readonly flowRuns: FlowRunOperations
  readonly taskRuns: TaskRunOperations
  readonly journal: JournalOperations
  readonly waits: WaitOperations
  readonly logs: LogOperations
  readonly artifacts: ArtifactPublishing
  readonly blocks: BlockAccess
  readonly variables: VariableAccess
  readonly flows: FlowOperations
  readonly results: ResultOperations
  readonly maintenance: MaintenanceOperations
  readonly maintenanceMode: MaintenanceModeOperations
  /** Waits for what is under way, then lets go of the store. Calling it twice is harmless. */
  close(): Promise<void>
}

export interface RerunOperations {
  /** What `rerun` would reuse and what would run again; changes nothing. Throws `RERUN_REFUSED`. */
  planRerun(id: string, request: RerunRequest): Promise<RerunPlan>
  /**
   * Lets a run that ended go on from one of its tasks: as a new run, whose journal holds what is reused, or as the same run. Either waits for
   * whoever starts it: a worker when it has a deployment, else a process that takes it. Throws `RERUN_REFUSED`.
   */
  rerun(id: string, request: RerunRequest): Promise<Rerun>
}

export interface Rerun {
  readonly run: FlowRun
  readonly plan: RerunPlan
}

export interface FlowRunOperations extends RerunOperations {
  get(id: string): Promise<FlowRun>
  /** By id, by the beginning of an id (8 characters or more) or by name (the newest of that name). `undefined` when there is none. */
  find(reference: string): Promise<FlowRun | undefined>
  list(query: FlowRunQuery): Promise<Page<FlowRun>>
  countByState(query: FlowRunQuery): Promise<Readonly<Partial<Record<StateType, number>>>>
  states(id: string): Promise<readonly State[]>
  /** Why the run is not running, or how it stands: the reason that counts now first, never none. */
  explain(id: string): Promise<Explanation>
  /** Decides and applies one command in one transaction. A rejected or waiting decision is an answer, not an error. */
  command(id: string, command: FlowRunCommand): Promise<Decision>
  /**
   * Takes a run over: `resume` or `retry` and `start` in one transaction, so that of two processes one wins. `start` takes a run that is due.
   * Throws `TRANSITION_REJECTED` with who holds the run when this caller lost.
   */
  take(id: string, how: 'start' | 'resume' | 'retry', lease: Lease): Promise<FlowRun>
  /** Deletes the run, its sub-flow runs, task runs, states, logs and results. A run that somebody holds is refused. */
  delete(id: string): Promise<void>
  /** Renews the leases of one process in one transaction; tells of each run what its holder must know. */
  beat(beats: readonly Beat[], until: Instant): Promise<readonly BeatAnswer[]>
  /** The answers of `beat` without renewing anything: a read, cheap enough for twice a second. */
  look(beats: readonly Beat[]): Promise<readonly BeatAnswer[]>
  /** Runs whose holder is dead (or whose lease expired, for other machines) become Crashed, at most `limit` of them. Returns those changed. */
  recover(limit: number): Promise<readonly FlowRun[]>
}

export interface Beat {
  readonly flowRunId: string
  readonly attempt: number
  /** The run is paused in its process, which wants to be told when it is no more. */
  readonly isWaiting?: boolean
}

export interface BeatAnswer {
  readonly flowRunId: string
  /** `lost`: another attempt has begun, or the run has ended; user code must stop. `woken`: the pause is over. */
  readonly tell: 'go on' | 'cancel' | 'lost' | 'woken'
  readonly message: string | null
}

export interface TaskRunOperations {
  get(id: string): Promise<TaskRun>
  list(query: TaskRunQuery): Promise<Page<TaskRun>>
  countByState(flowRunId: string): Promise<Readonly<Partial<Record<StateType, number>>>>
}

/** The write path of running flows, and what they read when they start again. */
export interface JournalOperations {
  /**
   * Applies operations in order, in one transaction. Each has its own answer: one bad operation does not spoil the others, and repeating
   * a flush whose answer was lost is harmless. Rejects only when nothing was written (`STORE_BUSY`, `STORE_UNREACHABLE`, `STORE_FAILED`).
   */
  flush(operations: readonly JournalOperation[]): Promise<readonly JournalAnswer[]>
  /** Task runs of a flow run in the order of their keys, without outcomes. */
  entries(flowRunId: string, page: { readonly after: CallKey | null; readonly limit: number }): Promise<readonly JournalEntry[]>
  /** Outcomes of some task runs of a flow run, at most 500, in any order. */
  outcomes(flowRunId: string, taskRunIds: readonly string[]): Promise<readonly JournalOutcome[]>
  values(flowRunId: string): Promise<readonly JournalValue[]>
  /** The task run whose result stands under a cache key and has not expired. */
  cached(key: string, now: Instant): Promise<CachedOutcome | undefined>
}

export interface CachedOutcome extends CacheEntry {
  readonly taskRunId: string
  /** Under whose name a large outcome is kept: what `results.read` takes. */
  readonly flowRunId: string
  readonly outcome: StoredValue
}

export type JournalOperation =
  | { readonly type: 'begin'; readonly run: NewFlowRun; readonly parent: ParentCheckpoint | null }
  | {
      readonly type: 'command'
      readonly flowRunId: string
      readonly attempt: number
      readonly command: FlowRunCommand
      /** The parent's task run that stands for this run, as it is once the command is accepted. */
      readonly parent: ParentCheckpoint | null
    }
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly type: 'value'; readonly flowRunId: string; readonly attempt: number; readonly value: JournalValue }
  | { readonly type: 'log'; readonly record: LogRecord }

/** A checkpoint of another run (the parent's), written with the child's change and fenced by the parent's attempt (`checkpoint.attempt`). */
export type ParentCheckpoint = Checkpoint

export interface NewFlowRun {
  readonly id: string
  readonly flowName: string
  readonly name: string
  readonly version: string | null
  readonly entrypoint: string | null
  readonly tags: readonly string[]
  readonly parameters: StoredValue
  readonly idempotencyKey: string | null
  readonly parentTaskRunId: string | null
  readonly rootId: string
  readonly policy: FlowRunPolicy
  readonly createdAt: Instant
  /** Created and started in one step: the run is Running, attempt 1, when the answer arrives. */
  readonly lease: Lease
}

export type JournalAnswer =
  | { readonly type: 'ok' }
  /** For `begin` and `command`: the run as it is now. `decision` is `existing` when the idempotency key named an earlier run. */
  | { readonly type: 'run'; readonly decision: 'accept' | 'existing'; readonly run: FlowRun }
  | { readonly type: 'refused'; readonly code: 'FENCED' | 'TRANSITION_REJECTED' | 'STORE_FAILED'; readonly reason: string }

export interface LogOperations {
  list(query: LogQuery): Promise<Page<LogRecord>>
}

export interface FlowOperations {
  /** Flows with their newest run and how many runs they have, by name. */
  list(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<FlowSummary>>
}

export interface FlowSummary {
  readonly id: string
  readonly name: string
  readonly createdAt: Instant
  readonly runs: number
  readonly lastRun: { readonly id: string; readonly name: string; readonly state: State } | null
}

/** Large outcomes. A key belongs to one flow run and is deleted with it. */
export interface ResultOperations {
  /** Durable when it resolves. Writing the same key again with the same bytes is harmless. */
  write(flowRunId: string, key: string, bytes: Uint8Array): Promise<void>
  /** Throws `RESULT_MISSING`. */
  read(flowRunId: string, key: string): Promise<Uint8Array>
}

export interface MaintenanceOperations {
  info(): Promise<StoreInfo>
  /** Deletes what is past keeping: at most `limit` rows of each kind. Returns how many rows went. */
  retain(keep: RetentionPolicy, limit: number): Promise<number>
  vacuum(): Promise<void>
  /** Writes a consistent copy while others go on; large results go into the folder `PATH.results` beside it. Refuses to overwrite. */
  backup(path: string): Promise<void>
}

export interface RetentionPolicy {
  readonly flowRunDays: number
  readonly logDays: number
}

export interface StoreInfo {
  readonly location: string
  readonly dialect: 'sqlite' | 'postgres'
  readonly schemaVersion: number
  readonly sizeBytes: number
  readonly rows: Readonly<Record<string, number>>
  readonly settings: Readonly<Record<string, string>>
}

/** Whether a process still lives; answered by `system/`. */
export interface Liveness {
  self(): LeaseHolder
  of(holder: LeaseHolder): 'alive' | 'dead' | 'unknown'
}
