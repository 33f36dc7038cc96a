import type { LogRecord } from '../core/log.ts'
import type { State, StateType } from '../core/state.ts'

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

/** Observers of one process; telling them never fails the run. */
export interface Observers {
  add(observer: RunObserver): () => void
  readonly active: boolean
  flowRun(event: FlowRunEvent): void
  taskRun(event: TaskRunEvent): void
  log(record: LogRecord): void
}

export function createObservers(): Observers {
  const list = new Set<RunObserver>()

  function tell(call: (observer: RunObserver) => void): void {
    for (const observer of list) {
      try {
        call(observer)
      } catch {
        // The run matters more than who watches it; one that fails is not asked again.
        list.delete(observer)
      }
    }
  }

  return {
    add(observer) {
      list.add(observer)
      return () => void list.delete(observer)
    },
    get active() {
      return list.size > 0
    },
    flowRun: (event) => tell((observer) => observer.flowRun?.(event)),
    taskRun: (event) => tell((observer) => observer.taskRun?.(event)),
    log: (record) => tell((observer) => observer.log?.(record)),
  }
}
