import type { StoredValue } from './json.ts'
import type { JsonText } from './literal-json.ts'
import type { StateDetails } from './state-details.ts'
import type { State, StateType } from './state.ts'
import type { Instant } from './time.ts'

/** One call of a task inside a flow run. Its identity is (flow run, task key, dynamic key). */
export interface TaskRun {
  readonly id: string
  /** `null`: a background task, which belongs to no flow run. */
  readonly flowRunId: string | null
  /** Names the task: its name, and what tells two tasks of one name apart. */
  readonly taskKey: string
  /** Names the call: hash of the arguments and which of the equal calls it is. */
  readonly dynamicKey: string
  /** Which call of its task this was, counted in the order of calls: finds the entry that a call with changed arguments stands for. */
  readonly ordinal: number
  readonly name: string
  /** `flow`: stands for a sub-flow run inside its parent. */
  readonly kind: 'task' | 'flow'
  readonly tags: readonly string[]
  /** The task run inside which this one was called. */
  readonly parentTaskRunId: string | null
  readonly childFlowRunId: string | null
  /** Task runs whose futures this call took as arguments or waited for. */
  readonly upstream: readonly string[]
  /** Counts the writes of this task run; a repeated or overtaken write changes nothing. */
  readonly sequence: number
  /** The attempt of the flow run that wrote last; 0: none did, the task run was given to a flow run that runs another one again. */
  readonly attempt: number
  readonly state: State
  /** Former states, oldest first, shortened to the newest 50. */
  readonly history: readonly HistoryEntry[]
  readonly runCount: number
  /** Attempts that failed since the task run began or was last asked to run again; compared with the task's retries. */
  readonly failures: number
  /** Position in the order in which results reached user code; `null` until one did. Replay keeps this order. */
  readonly number: number | null
  readonly createdAt: Instant
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** The result when Completed, the error when Failed. */
  readonly outcome: StoredValue | null
  /** What a foreign client told of its task run; absent for those of our own engine. */
  readonly told?: ToldTaskRun
}

/** A task run inside a flow run, as our own engine makes them. */
export type OwnTaskRun = TaskRun & { readonly flowRunId: string }

export interface HistoryEntry {
  readonly id: string
  readonly type: StateType
  readonly name: string
  readonly timestamp: Instant
  readonly message?: string
  readonly details?: StateDetails
  readonly data?: JsonText
}

/** Facts of a task run that only the protocol knows. Times in the run itself are the columns of every task run. */
export interface ToldTaskRun {
  readonly cacheKey: string | null
  readonly cacheExpiration: Instant | null
  readonly taskVersion: string | null
  readonly policy: TaskRunPolicy
  readonly labels: JsonText
  readonly taskInputs: JsonText
  readonly flowRunRunCount: number
  readonly expectedAt: Instant | null
  readonly totalRunMs: number
}

/** How the server retries a task run whose states are proposed to it. */
export interface TaskRunPolicy {
  readonly retries: number | null
  /** Seconds; of a list each attempt takes its own, the last one serves all others. */
  readonly retryDelayS: number | readonly number[] | null
  readonly retryJitterFactor: number | null
}

export const HISTORY_MAX = 50

/** What the engine writes: the whole task run as it is now, and the cache entry its result makes. */
export interface Checkpoint extends OwnTaskRun {
  readonly cache: CacheEntry | null
}

/** A result that later calls with the same key may take, in any flow run. */
export interface CacheEntry {
  readonly key: string
  /** `null`: never. */
  readonly expiresAt: Instant | null
}

/** What the engine needs at start of every task run of its run; outcomes come in pages, on demand. */
export type JournalEntry = Omit<OwnTaskRun, 'outcome' | 'told'> & {
  readonly outcomeFormat: StoredValue['format'] | null
  /** When the retry is due that the task run waited for as it, or its process, stopped. */
  readonly retryAt: Instant | null
}

/** Names a call inside its flow run. */
export interface CallKey {
  readonly taskKey: string
  readonly dynamicKey: string
}

export interface JournalOutcome {
  readonly taskRunId: string
  readonly outcome: StoredValue | null
}

/** A value handed to user code once and for good (`now()`), told apart by its scope and ordinal. */
export interface JournalValue {
  readonly key: string
  readonly text: string
}
