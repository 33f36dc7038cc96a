import type { Condition, ConditionNoun, Listing } from './condition.ts'
import type { Flow } from './flow.ts'
import type { LogRecord } from './log.ts'
import type { RunGraph } from './run-graph.ts'
import type { State, StateType } from './state.ts'
import type { TaskRun } from './task-run.ts'
import type { Instant } from './time.ts'
import type { FlowRunView } from './told-flow-run.ts'

/** Lists, counts and histories as the protocol asks for them: any of its conditions, one page at a time. */
export interface ListingOperations {
  flows(listing: Listing): Promise<readonly Flow[]>
  flowRuns(listing: Listing): Promise<readonly FlowRunView[]>
  taskRuns(listing: Listing): Promise<readonly TaskRun[]>
  logs(listing: Listing): Promise<readonly LogRecord[]>
  count(noun: ConditionNoun, where: Condition): Promise<number>
  flowRunHistory(where: Condition, request: HistoryRequest): Promise<readonly FlowRunHistory[]>
  taskRunHistory(where: Condition, request: HistoryRequest): Promise<readonly FlowRunHistory[]>
  /** Seconds, in the middle of all runs; `null` when there is none. */
  lateness(where: Condition): Promise<number | null>
  flowRunState(id: string): Promise<{ readonly flowRunId: string; readonly state: State } | undefined>
  taskRunState(id: string): Promise<{ readonly run: TaskRun; readonly state: State } | undefined>
  /** Oldest first. */
  taskRunStates(taskRunId: string): Promise<{ readonly run: TaskRun; readonly states: readonly State[] } | undefined>
  /** Throws `BAD_REQUEST` when the run has more nodes than can be drawn. */
  graph(flowRunId: string): Promise<RunGraph>
}

/** From `start` on, before `end`, in steps of `intervalUs` microseconds. */
export interface HistoryRequest {
  readonly start: Instant
  readonly end: Instant
  readonly intervalUs: number
}

/** Runs of one state in one interval, counted from 0. */
export interface FlowRunHistory {
  readonly bucket: number
  readonly stateType: StateType
  readonly stateName: string
  readonly runs: number
  readonly ranUs: number
  readonly lateUs: number
}
