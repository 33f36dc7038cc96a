import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import { elapsedMs } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { formatEnd } from '../core/wait.ts'
import type { Pause } from '../core/wait.ts'
import type { ActiveRun, OpenCall, Resting } from './active-run.ts'
import { scopePrefixOf } from './call-identity.ts'
import type { CallIdentity } from './call-identity.ts'
import type { RunContext } from './context.ts'
import { openFuture, rejectFuture, resolveFuture } from './future.ts'
import type { FutureSource, RunFuture } from './future.ts'
import { keepOutcome, readFailure, readOutcome } from './outcome.ts'
import { recordEnd, recordStanding } from './recorded-call.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { NumberedEntry } from './replay-book.ts'
import { replayResult } from './replayed-result.ts'
import type { ReplayedCall } from './replayed-result.ts'
import { RunState } from './run-state.ts'
import { encodeError } from './stored-error.ts'
import { TaskRecord } from './task-record.ts'
import { messageOf } from './thrown.ts'

/** What the code of a flow waits for. */
export interface WaitDefinition {
  readonly kind: 'sleep' | 'pause' | 'input'
  /** When it ends, or ends in vain, if it begins now. */
  readonly endsAt: (now: Instant) => Instant
  readonly key: string | null
  readonly description: string | null
  readonly schema: StandardSchemaV1 | null
  /** The schema as whoever answers reads it; only of `input`. */
  readonly schemaText: () => Promise<string | null>
}

type Phase = 'beginning' | 'waiting' | 'ending' | 'done'

/** A sleep that is longer is said in the run's log. */
const TOLD_MS = 10_000
/** Clocks of machines that sleep are looked at again. */
const LOOK_MAX_MS = 3_600_000

/**
 * One wait of a flow: a task run in the journal, whose end is fixed when it begins. What it is for is done by the run's `WaitRoom`: it pauses the
 * run, hears of answers, and gives the process back when nothing else is left to do.
 */
export class WaitCall implements OpenCall, FutureSource<unknown>, RecordedCall, ReplayedCall<unknown> {
  readonly future: RunFuture<unknown>
  readonly definition: WaitDefinition
  readonly record: TaskRecord
  readonly identity: string
  readonly isWait = true
  readonly settled: Promise<void>
  until: Instant = 0
  /** An earlier attempt may have been answered. */
  mayBeAnswered = false
  /** Why the last answer was not taken. */
  problem: string | undefined
  readonly #active: ActiveRun
  readonly #call: CallIdentity
  readonly #timer = new AbortController()
  #phase: Phase = 'beginning'
  #state: RunState | undefined
  #schemaText: string | null = null
  #settle!: () => void

  constructor(context: RunContext, definition: WaitDefinition, taskKey: string, call: CallIdentity) {
    const { active } = context
    this.definition = definition
    this.#active = active
    this.#call = call
    this.identity = scopePrefixOf(taskKey, call.dynamicKey)
    const described = {
      flowRunId: active.run.id,
      taskKey,
      dynamicKey: call.dynamicKey,
      ordinal: call.ordinal,
      name: definition.key ?? `${definition.kind}-${call.ordinal}`,
      kind: 'task',
      tags: context.tags,
      parentTaskRunId: null,
      upstream: [],
    } as const
    const born = { attempt: active.run.attempt, createdAt: active.engine.clock.now() }
    this.record = new TaskRecord(described, born, active.engine, call.match?.entry)
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.future = openFuture<unknown>(this)
  }

  get id(): string {
    return this.record.id
  }

  get taskRunId(): string {
    return this.record.id
  }

  get name(): string {
    return this.record.name
  }

  get state(): RunState {
    if (this.#state !== undefined) return this.#state
    const { state } = this.record
    return state === undefined ? new RunState('pending') : new RunState(state.type, { name: state.name, message: state.message })
  }

  get isOpen(): boolean {
    return this.#phase === 'waiting'
  }

  get resting(): Resting | null {
    return this.isOpen ? { type: 'wait', until: this.until } : null
  }

  begin(): void {
    const active = this.#active
    active.open.add(this)
    const { match } = this.#call
    if (match?.type === 'replay') {
      this.#phase = 'ending'
      return replayResult(active, this)
    }
    const { kind } = this.definition
    const known = match?.reason === 'retry' ? undefined : this.#knownEnd()
    this.until = known ?? this.definition.endsAt(active.engine.clock.now())
    this.mayBeAnswered = match !== undefined && kind !== 'sleep'
    if (match?.reason === 'retry') this.record.renew()
    if (match === undefined) this.#keepEnd()
    this.record.wait(kind === 'sleep' ? 'Sleeping' : kind === 'pause' ? 'Paused' : 'AwaitingInput', this.until, this.message)
    const readSchema = kind === 'input' ? this.definition.schemaText() : Promise.resolve(null)
    readSchema.then(
      (text) => {
        this.#schemaText = text
        if (this.#phase === 'beginning') recordStanding(this.#active, this, () => this.#wait())
      },
      (error: unknown) => this.#cancel(messageOf(error), error),
    )
  }

  /** What a state says of it. */
  get message(): string {
    const { kind, description } = this.definition
    const time = formatEnd(this.until)
    if (kind === 'sleep') return `sleeps until ${time}`
    const what = kind === 'pause' ? `waits until it is resumed, at most until ${time}` : `waits for input, at most until ${time}`
    const named = description === null ? what : `${description} (${what})`
    return this.problem === undefined ? named : `${named}; what was given was not taken: ${this.problem}`
  }

  pause(wakeAt: Instant): Pause {
    const { record, until, definition } = this
    const schema = this.#schemaText
    return {
      waitId: record.id,
      key: definition.key ?? record.name,
      until,
      wakeAt,
      schema,
      description: definition.description,
      isAgain: this.problem !== undefined,
    }
  }

  /** The wait of an earlier attempt keeps its end, whatever became of that attempt. */
  #knownEnd(): Instant | undefined {
    const entry = this.#call.match?.entry
    if (entry === undefined) return undefined
    if (entry.retryAt !== null) return entry.retryAt
    const kept = entry.failures === 0 ? this.#active.book.value(this.#endKey) : undefined
    return kept === undefined ? undefined : Number(kept)
  }

  get #endKey(): string {
    return `wait:${this.record.id}`
  }

  #keepEnd(): void {
    const { engine, run } = this.#active
    const value = { key: this.#endKey, text: String(this.until) }
    // Refused or failed: so is what is written behind it, which tells.
    engine.journal.push({
      build: () => ({ type: 'value', flowRunId: run.id, attempt: run.attempt, value }),
      settle: () => undefined,
    })
  }

  #wait(): void {
    if (this.#phase !== 'beginning') return
    this.#phase = 'waiting'
    const { clock } = this.#active.engine
    if (this.definition.kind === 'sleep' && elapsedMs(clock.now(), this.until) > TOLD_MS) this.#active.log.info(this.message)
    this.#active.room.add(this)
    void this.#sleep()
  }

  async #sleep(): Promise<void> {
    const { clock } = this.#active.engine
    try {
      for (let now = clock.now(); now < this.until; now = clock.now())
        await clock.sleep(Math.min(LOOK_MAX_MS, Math.ceil(elapsedMs(now, this.until))), this.#timer.signal)
    } catch {
      // Answered, aborted, or its process is given back.
      return
    }
    this.#active.room.isOver(this)
  }

  /** Its process is given back, or it has ended: nothing keeps the process alive for it. */
  stopTimer(): void {
    this.#timer.abort()
  }

  complete(value: unknown): void {
    if (this.#phase !== 'waiting') return
    this.#end()
    const { results, run, definition } = this.#active
    const finish = (outcome: StoredValue | TuttiError): void => {
      this.record.outcome = outcome instanceof TuttiError ? null : outcome
      this.record.enter('completed')
      recordEnd(this.#active, this, () => {
        this.#state = new RunState('completed', { result: value })
        resolveFuture(this.future, value)
      })
    }
    const kept = keepOutcome(results, run.id, this.record, { persist: true, serializer: definition.serializer }, value)
    if (!(kept instanceof Promise)) return finish(kept)
    kept.then(finish, (error: unknown) => this.#active.break(error))
  }

  /** Its time is over and nobody came. */
  expire(): void {
    if (this.#phase !== 'waiting') return
    this.#end()
    const what = this.definition.kind === 'pause' ? 'to be resumed' : 'for its input'
    const error = new TuttiError(
      'WAIT_TIMED_OUT',
      `flow run ${this.#active.run.name} waited ${what} (${this.record.name}) until ${formatEnd(this.until)}, and nobody came`,
    )
    this.record.failures += 1
    this.record.outcome = encodeError(error)
    this.record.enter('failed', { name: 'TimedOut', message: error.message })
    recordEnd(this.#active, this, () => {
      this.#state = new RunState('failed', { name: 'TimedOut', message: error.message, error })
      rejectFuture(this.future, error)
    })
  }

  #end(): void {
    this.#phase = 'ending'
    this.stopTimer()
    this.#active.room.remove(this)
  }

  abort(reason: unknown): void {
    this.#cancel(messageOf(reason), reason)
  }

  #cancel(message: string, error: unknown): void {
    if (this.#phase === 'ending' || this.#phase === 'done') return
    const isMarked = this.#phase === 'waiting'
    this.#end()
    const settle = (): void => {
      this.#state = new RunState('cancelled', { message, error })
      rejectFuture(this.future, error)
    }
    if (!isMarked || this.#active.halt?.type === 'broken') {
      settle()
      return this.done()
    }
    this.record.enter('cancelled', { message })
    recordEnd(this.#active, this, settle)
  }

  /* ── replay ──────────────────────────────────────────────────────────────────────── */

  get replayed(): NumberedEntry {
    const { match } = this.#call
    if (match?.type !== 'replay') throw new Error(`the wait ${this.record.name} is not replayed`)
    return match.entry
  }

  get what(): string {
    return `the wait ${this.record.name}`
  }

  readReplayed(outcome: StoredValue | null): unknown {
    const { results, run } = this.#active
    return this.replayed.state.type === 'failed' ? readFailure(outcome) : readOutcome(results, run.id, outcome)
  }

  deliverReplayed(value: unknown): void {
    const { name, message, type } = this.replayed.state
    if (type === 'failed') {
      this.#state = new RunState('failed', { name, message, error: value })
      rejectFuture(this.future, value)
    } else {
      this.#state = new RunState('completed', { name, message, result: value })
      resolveFuture(this.future, value)
    }
    this.done()
  }

  replayFailed(error: unknown): void {
    rejectFuture(this.future, error)
    this.done()
  }

  /* ── the way to the store ────────────────────────────────────────────────────────── */

  notRecorded(error: unknown): void {
    this.#active.break(error)
    this.#phase = 'ending'
    this.stopTimer()
    this.#state = new RunState('crashed', { message: messageOf(error), error })
    rejectFuture(this.future, error)
    this.done()
  }

  done(): void {
    this.#phase = 'done'
    this.record.forget()
    this.#active.open.delete(this)
    this.#settle()
  }
}
