import type { LogRecord } from './log.ts'
import type { State, StateType } from './state.ts'

/** Sees runs of this process as they happen. Calls are synchronous, in order, and must be cheap; an observer that throws is removed. */
export interface RunObserver {
  flowRun?(event: FlowRunEvent): void
  taskRun?(event: TaskRunEvent): void
  log?(record: LogRecord): void
}

export interface FlowRunEvent {
  readonly id: string
  readonly name: string
  readonly flowName: string
  readonly parentFlowRunId: string | null
  readonly state: State
  readonly attempt: number
  /** Journal entries found when the attempt began: what may be replayed. */
  readonly replaying: number
  readonly error?: unknown
}

export interface TaskRunEvent {
  readonly id: string
  readonly flowRunId: string
  readonly taskName: string
  readonly name: string
  readonly state: State
  readonly from: StateType | null
  /** The result came from the journal; the function was not called. */
  readonly replayed: boolean
  /** The result came from the cache. */
  readonly cached: boolean
  readonly error?: unknown
  /** What the call was given; futures as they are. */
  readonly args: readonly unknown[]
}
