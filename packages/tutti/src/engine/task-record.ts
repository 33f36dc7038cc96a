import type { Ids } from '../core/id.ts'
import type { StoredValue } from '../core/json.ts'
import { defaultStateName } from '../core/state.ts'
import type { State, StateType } from '../core/state.ts'
import { HISTORY_MAX } from '../core/task-run.ts'
import type { CacheEntry, Checkpoint, HistoryEntry, JournalEntry } from '../core/task-run.ts'
import type { Clock, Instant } from '../core/time.ts'

export interface NewTaskRecord {
  readonly flowRunId: string
  readonly taskKey: string
  readonly dynamicKey: string
  readonly ordinal: number
  readonly name: string
  readonly kind: 'task' | 'flow'
  readonly tags: readonly string[]
  readonly parentTaskRunId: string | null
  readonly upstream: readonly string[]
}

/** A task run as the engine changes it; `checkpoint()` is what goes into the journal. */
export class TaskRecord {
  readonly id: string
  readonly identity: NewTaskRecord
  readonly #attempt: number
  readonly #ids: Ids
  readonly #clock: Clock
  name: string
  childFlowRunId: string | null = null
  upstream: readonly string[]
  sequence = 0
  runCount = 0
  failures = 0
  number: number | null = null
  outcome: StoredValue | null = null
  cache: CacheEntry | null = null
  state: State | undefined
  /** `undefined`: as an earlier attempt left it; read when it is first added to. */
  #history: readonly HistoryEntry[] | undefined
  readonly #earlier: JournalEntry | undefined
  #createdAt: Instant
  #startedAt: Instant | null = null
  #endedAt: Instant | null = null

  constructor(
    identity: NewTaskRecord,
    { attempt, createdAt }: { readonly attempt: number; readonly createdAt: Instant },
    { ids, clock }: { readonly ids: Ids; readonly clock: Clock },
    earlier?: JournalEntry,
  ) {
    this.identity = identity
    this.name = earlier?.name ?? identity.name
    this.upstream = identity.upstream
    this.#attempt = attempt
    this.#ids = ids
    this.#clock = clock
    this.id = earlier?.id ?? ids.next()
    this.#createdAt = earlier?.createdAt ?? createdAt
    this.#earlier = earlier
    if (earlier === undefined) return
    this.sequence = earlier.sequence
    this.runCount = earlier.runCount
    this.failures = earlier.failures
    this.childFlowRunId = earlier.childFlowRunId
    this.state = earlier.state
    this.#startedAt = earlier.startedAt
  }

  /** Moves to a state. Its times never go back behind the state before. */
  enter(type: Exclude<StateType, 'scheduled'>, options?: { readonly name?: string | undefined; readonly message?: string | null }): void {
    const stamp = this.#stamp()
    if (type === 'running') {
      this.runCount += 1
      this.#startedAt ??= stamp.timestamp
      this.#endedAt = null
    } else if (type !== 'pending' && type !== 'paused' && type !== 'cancelling') {
      this.#startedAt ??= stamp.timestamp
      this.#endedAt = stamp.timestamp
    }
    this.state = { ...stamp, type, name: options?.name ?? defaultStateName(type), message: options?.message ?? null }
  }

  schedule(name: string, scheduledFor: Instant, message: string | null): void {
    this.state = { ...this.#stamp(), type: 'scheduled', name, scheduledFor, message }
  }

  /** Begins to wait until a certain time: from now on it takes time, as a task does that runs. */
  wait(name: string, until: Instant, message: string): void {
    this.schedule(name, until, message)
    this.#startedAt ??= this.state?.timestamp ?? null
  }

  /** Begins anew after a failure that somebody, or the task around it, asked to try again: attempts count from the start. */
  renew(): void {
    this.runCount = 0
    this.failures = 0
    this.number = null
    this.outcome = null
  }

  #stamp(): { id: string; timestamp: Instant } {
    this.sequence += 1
    const former = this.state
    const now = this.#clock.now()
    if (former === undefined) return { id: this.#ids.next(), timestamp: now }
    const entry = { id: former.id, type: former.type, name: former.name, timestamp: former.timestamp }
    const history = this.#formerStates()
    this.#history = history.length < HISTORY_MAX ? [...history, entry] : [...history.slice(1), entry]
    return { id: this.#ids.next(), timestamp: now > former.timestamp ? now : former.timestamp + 1 }
  }

  /** Lets go of what only the store needs; nothing is written after this. */
  forget(): void {
    this.outcome = null
    this.cache = null
    this.#history = []
  }

  #formerStates(): readonly HistoryEntry[] {
    return (this.#history ??= this.#earlier?.history ?? [])
  }

  checkpoint(): Checkpoint {
    const { identity } = this
    return {
      id: this.id,
      flowRunId: identity.flowRunId,
      taskKey: identity.taskKey,
      dynamicKey: identity.dynamicKey,
      ordinal: identity.ordinal,
      name: this.name,
      kind: identity.kind,
      tags: identity.tags,
      parentTaskRunId: identity.parentTaskRunId,
      childFlowRunId: this.childFlowRunId,
      upstream: this.upstream,
      sequence: this.sequence,
      attempt: this.#attempt,
      state: this.state!, // a record is written only after it has entered a state
      history: this.#formerStates(),
      runCount: this.runCount,
      failures: this.failures,
      number: this.number,
      createdAt: this.#createdAt,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      outcome: this.outcome,
      cache: this.cache,
    }
  }
}
