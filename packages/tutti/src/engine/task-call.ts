import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import { LOG_LEVELS } from '../core/log.ts'
import { cacheExpiry } from '../core/cache.ts'
import { after, elapsedMs } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import type { StateType } from '../core/state.ts'
import type { ActiveRun, OpenCall } from './active-run.ts'
import { cacheKeyOf } from './cache-key.ts'
import { scopePrefixOf } from './call-identity.ts'
import type { CallIdentity } from './call-identity.ts'
import { CallScope } from './call-scope.ts'
import type { NestedCall, RunContext, TaskContext } from './context.ts'
import type { TaskDefinition } from './definition.ts'
import { dependenciesOf, resolveArguments } from './dependencies.ts'
import { openFuture, rejectFuture, resolveFuture } from './future.ts'
import type { FutureSource, RunFuture } from './future.ts'
import type { Limiter, Waiter } from './limiter.ts'
import { keepOutcome, readFailure, readOutcome, reasonNotKept, takeCached } from './outcome.ts'
import { recordEnd, recordStanding } from './recorded-call.ts'
import type { RecordedCall } from './recorded-call.ts'
import { ROLLED_BACK } from './replay-book.ts'
import type { NumberedEntry } from './replay-book.ts'
import { replayResult } from './replayed-result.ts'
import type { ReplayedCall } from './replayed-result.ts'
import { decideRetry } from './retry-decision.ts'
import { RunState } from './run-state.ts'
import { encodeError } from './stored-error.ts'
import { TaskAttempt } from './task-attempt.ts'
import { TaskRecord } from './task-record.ts'
import { messageOf, stateNameOf } from './thrown.ts'

type Phase = 'waiting' | 'queued' | 'looking up' | 'running' | 'deciding' | 'delaying' | 'ending' | 'done'

/** One call of a task: from its identity to the delivery of its result, over all its attempts in this process. */
export class TaskCall implements OpenCall, Waiter, TaskContext, FutureSource<unknown>, RecordedCall, ReplayedCall<unknown>, NestedCall {
  readonly future: RunFuture<unknown>
  readonly call: CallIdentity
  readonly depth: number
  readonly nested: Map<string, NestedCall> | null
  withdrawn = false
  readonly #definition: TaskDefinition
  readonly #active: ActiveRun
  readonly #context: RunContext
  #args: readonly unknown[]
  /** The limit of the map this call belongs to; passed before the run's own. */
  readonly #gate: Limiter | null
  #gated = false
  #phase: Phase = 'waiting'
  /** The one under way, or the last one. */
  #attempt: TaskAttempt | undefined
  #state: RunState | undefined
  #cacheKey: string | null = null
  #settle: (() => void) | undefined
  #settled: Promise<void> | undefined
  #record: TaskRecord | undefined
  readonly #calledAt: Instant
  /** The function has ended, but its place is given back only when the store has caught up. */
  #holdsPlace = false

  /** @param former - the record of a failed call of the same identity in an earlier attempt of the task around it: the same task run goes on. */
  constructor(
    active: ActiveRun,
    context: RunContext,
    definition: TaskDefinition,
    args: readonly unknown[],
    identity: CallIdentity,
    former: TaskRecord | undefined,
    gate: Limiter | null,
  ) {
    this.#active = active
    this.#context = context
    this.#definition = definition
    this.#args = args
    this.call = identity
    this.#gate = gate
    this.depth = (context.task?.depth ?? 0) + 1
    this.nested = context.task?.nested ?? (definition.retries > 0 ? new Map() : null)
    this.#calledAt = active.engine.clock.now()
    this.#record = former
    former?.renew()
    this.future = openFuture<unknown>(this)
  }

  /** Made when first needed: of 100,000 calls most wait for their place, and wait lighter without. */
  get record(): TaskRecord {
    return (this.#record ??= this.#newRecord())
  }

  #newRecord(): TaskRecord {
    const { call } = this
    const { tags, task } = this.#context
    const { taskKey, tags: own, identified } = this.#definition
    const { run, engine } = this.#active
    const described = {
      flowRunId: run.id,
      taskKey,
      dynamicKey: call.dynamicKey,
      ordinal: call.ordinal,
      name: call.match?.entry.name ?? identified.runName(this.#args, call.ordinal),
      kind: 'task',
      tags: tags.length === 0 ? own : [...new Set([...own, ...tags])],
      parentTaskRunId: task?.record.id ?? null,
      upstream: call.upstream,
    } as const
    const record = new TaskRecord(described, { attempt: run.attempt, createdAt: this.#calledAt }, engine, call.match?.entry)
    if (call.match?.type === 'again' && call.match.reason === 'retry') record.renew()
    return record
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

  get identity(): string {
    return scopePrefixOf(this.#definition.taskKey, this.call.dynamicKey)
  }

  get what(): string {
    return `task run ${this.name}`
  }

  get taskName(): string {
    return this.#definition.name
  }

  get state(): RunState {
    if (this.#state !== undefined) return this.#state
    const state = this.record.state
    return state === undefined ? new RunState('pending') : new RunState(state.type, { name: state.name, message: state.message })
  }

  get settled(): Promise<void> {
    if (this.#phase === 'done') return Promise.resolve()
    return (this.#settled ??= new Promise((resolve) => {
      this.#settle = resolve
    }))
  }

  /** The signal user code sees: that of its attempt. */
  signal(): AbortSignal {
    return this.#attempt?.signal() ?? this.#active.controller.signal
  }

  begin(): void {
    this.#active.open.add(this)
    const { match } = this.call
    if (match?.type === 'replay') return this.#replay()
    if (match?.reason === 'not kept') this.#warn('its result could not be kept, so it runs again')
    const dependencies = dependenciesOf(this.#args, this.#definition.waitFor)
    if (dependencies.length === 0) return this.#queue()
    void Promise.allSettled(dependencies).then((results) => {
      if (this.#phase !== 'waiting') return
      const failed = results.find((result) => result.status === 'rejected')
      if (failed === undefined) return this.#queue()
      const error = new TuttiError('UPSTREAM_FAILED', `task ${this.record.name} did not run: a result it depends on failed`, {
        cause: failed.reason,
      })
      this.#fail(error, { name: 'UpstreamFailed' })
    })
  }

  /* ── waiting for a place ─────────────────────────────────────────────────────────── */

  #queue(): void {
    const { match } = this.call
    // A retry that was waiting when its process died waits for the rest of its delay.
    if (match?.type === 'again' && match.reason === 'unfinished' && match.entry.retryAt !== null)
      return void this.#delay(elapsedMs(this.#active.engine.clock.now(), match.entry.retryAt))
    this.#line()
  }

  /** Stands in line: first for a place in its map, then for one in its run. */
  #line(): void {
    this.#phase = 'queued'
    const limiter = this.#active.limiter(this.depth)
    const again = this.#record !== undefined && this.#record.runCount > 0
    const gate = this.#gate
    if (gate === null && !again) return limiter.enter(this)
    const stand = (line: Limiter, waiter: Waiter): void => (again ? line.enterAgain(waiter) : line.enter(waiter))
    if (gate === null) return stand(limiter, this)
    stand(gate, {
      enter: () => {
        this.#gated = true
        stand(limiter, this)
      },
      gone: () => this.gone(),
    })
  }

  gone(): boolean {
    return this.#phase !== 'queued'
  }

  /** A place is ours: the attempt begins. */
  enter(): void {
    const { cache } = this.#definition
    if (cache !== null) return void this.#lookUp(cache)
    this.#enterAttempt()
  }

  async #lookUp(cache: NonNullable<TaskDefinition['cache']>): Promise<void> {
    const { engine } = this.#active
    this.#phase = 'looking up'
    try {
      const args = await resolveArguments(this.#args)
      this.#cacheKey = cacheKeyOf(cache, this.#definition, args, this.#active)
      const hit =
        this.#cacheKey === null || cache.refresh ? undefined : await engine.orchestrator.journal.cached(this.#cacheKey, engine.clock.now())
      if (this.#phase !== 'looking up') return
      if (hit === undefined) return this.#enterAttempt()
      const taken = await takeCached(this.#active.results, this.#active.run.id, this.record, hit)
      if (this.#phase !== 'looking up') return
      if (taken === undefined) return this.#enterAttempt()
      const { outcome, value } = taken
      this.#leave()
      this.record.outcome = outcome
      this.record.enter('completed', { name: 'Cached' })
      this.#tell(null, { cached: true })
      recordEnd(this.#active, this, () => this.#completed(this.record.state!, value))
    } catch (error) {
      if (this.#phase !== 'looking up') return
      this.#leave()
      this.#fail(error, {})
    }
  }

  /* ── one attempt ─────────────────────────────────────────────────────────────────── */

  #enterAttempt(): void {
    if (!this.#active.isTrusted) return void this.#confirm()
    this.#phase = 'running'
    const { tags, transaction } = this.#context
    this.#attempt = new TaskAttempt({ active: this.#active, task: this, scope: new CallScope(this.identity), tags, transaction })
    const { record } = this
    const from = record.state?.type ?? null
    record.enter('running', { name: record.runCount === 0 ? 'Running' : from === 'scheduled' ? 'Retrying' : 'Rerunning' })
    this.#tell(from)
    // A first attempt may begin before its mark is written: if the process dies it was never acknowledged. A later one may not, so that
    // attempts are counted even if each of them ends the process.
    if (record.runCount === 1) {
      recordStanding(this.#active, this)
      this.#call()
      return
    }
    recordStanding(this.#active, this, () => {
      if (this.#phase === 'running') this.#call()
    })
  }

  async #confirm(): Promise<void> {
    this.#phase = 'looking up'
    await this.#active.confirm()
    if (this.#phase === 'looking up') this.#enterAttempt()
  }

  #call(): void {
    const { timeoutMs, onRunning, fn } = this.#definition
    const attempt = this.#attempt! // begun right before
    for (const hook of onRunning) this.#hook('onRunning', hook)
    // One that was told to stop before it was called has its time to do so.
    if (timeoutMs !== null && attempt.toldToStop === undefined)
      attempt.endAfter(this.#active.engine.clock, timeoutMs, () => {
        if (!this.#isUnderWay(attempt)) return
        const error = new TuttiError('TASK_TIMED_OUT', `task ${this.record.name} ran longer than its timeout of ${timeoutMs} ms`)
        attempt.abort(error)
        void this.#onError(attempt, error)
      })
    attempt.run(
      () => (this.call.hasFutures ? resolveArguments(this.#args).then((args) => fn(...args)) : fn(...this.#args)),
      (value) => void this.#onValue(attempt, value),
      (error) => void this.#onError(attempt, error),
    )
  }

  /** Whether an attempt may still say how it ended: it does so once, and not after its time was up. */
  #isUnderWay(attempt: TaskAttempt): boolean {
    return this.#phase === 'running' && this.#attempt === attempt
  }

  #onValue(attempt: TaskAttempt, value: unknown): void | Promise<void> {
    if (!this.#isUnderWay(attempt)) return
    if (value instanceof RunState && !value.isCompleted) return this.#onState(attempt, value)
    this.#leave()
    this.#phase = 'ending'
    const result = value instanceof RunState ? value.result : value
    const name = value instanceof RunState ? value.name : undefined
    const message = value instanceof RunState ? value.message : null
    const kept = keepOutcome(this.#active.results, this.#active.run.id, this.record, this.#definition, result)
    if (!(kept instanceof Promise)) return this.#complete(kept, result, name, message)
    return kept.then(
      (outcome) => this.#complete(outcome, result, name, message),
      (error: unknown) => this.#fail(error, {}),
    )
  }

  /** The function returned how it ended instead of throwing: the same as if it had thrown, but under the name it gave. */
  #onState(attempt: TaskAttempt, { type, name, message, error }: RunState): void | Promise<void> {
    if (type !== 'cancelled') return this.#onError(attempt, error ?? new Error(message ?? name), name)
    this.#leave()
    this.#cancel(message ?? name, error ?? new TuttiError('TASK_CANCELLED', `task ${this.record.name} ended itself as ${name}`))
  }

  #complete(outcome: TaskRecord['outcome'] | TuttiError, result: unknown, name: string | undefined, message: string | null): void {
    if (outcome instanceof TuttiError) return this.#fail(outcome, {})
    const { record } = this
    const { cache } = this.#definition
    record.outcome = outcome
    const reason = reasonNotKept(outcome)
    if (reason !== undefined) this.#warn(`its result ${reason}: it is kept in memory only and the task runs again when the run is resumed`)
    else if (cache !== null && this.#cacheKey !== null)
      record.cache = { key: this.#cacheKey, expiresAt: cacheExpiry(cache, this.#active.engine.clock.now()) }
    record.enter('completed', { name, message })
    this.#tell('running')
    recordEnd(this.#active, this, () => {
      this.#completed(record.state!, result)
      for (const hook of this.#definition.onCompletion) this.#hook('onCompletion', hook)
    })
  }

  async #onError(attempt: TaskAttempt, error: unknown, name = stateNameOf(error)): Promise<void> {
    if (!this.#isUnderWay(attempt)) return
    this.#leave()
    if (attempt.toldToStop !== undefined) return this.#cancel(attempt.toldToStop, error)
    // What the code still throws after its time was up, or a cancellation meanwhile, must not decide a second time.
    this.#phase = 'deciding'
    const { log, engine } = this.#active
    const { failures, name: what } = this.record
    const delayMs = await decideRetry(this.#definition, { error, failures, what: `task ${what}` }, engine, log)
    if (this.#phase !== 'deciding') return
    if (delayMs === null) return this.#fail(error, { name })

    const { record } = this
    record.failures += 1
    record.schedule('AwaitingRetry', after(engine.clock.now(), delayMs), messageOf(error))
    this.#tell('running', { error })
    this.#phase = 'delaying'
    recordStanding(this.#active, this, () => {
      if (this.#phase === 'delaying') void this.#delay(delayMs)
    })
  }

  async #delay(delayMs: number): Promise<void> {
    this.#phase = 'delaying'
    try {
      await this.#active.engine.clock.sleep(Math.max(0, delayMs), this.#active.controller.signal)
    } catch {
      // The run was stopped: `abort` has settled this call already.
      return
    }
    if (this.#phase === 'delaying') this.#line()
  }

  /* ── ends ────────────────────────────────────────────────────────────────────────── */

  #fail(error: unknown, { name }: { readonly name?: string | undefined }): void {
    const { record } = this
    const from = record.state?.type ?? null
    this.#phase = 'ending'
    record.outcome = encodeError(error)
    record.enter('failed', { name, message: messageOf(error) })
    this.#tell(from, { error })
    recordEnd(this.#active, this, () => {
      this.#state = new RunState('failed', { name, message: messageOf(error), error })
      rejectFuture(this.future, error)
      for (const hook of this.#definition.onFailure) this.#hook('onFailure', hook)
    })
  }

  /** Ends as Cancelled; a call that never began leaves no row. */
  #cancel(message: string, error: unknown): void {
    const { record } = this
    const from = record.state?.type ?? null
    this.#phase = 'ending'
    const settle = (): void => {
      this.#state = new RunState('cancelled', { message, error })
      rejectFuture(this.future, error)
    }
    if (from === null || this.#active.halt?.type === 'broken') {
      settle()
      return this.done()
    }
    record.enter('cancelled', { message })
    this.#tell(from)
    recordEnd(this.#active, this, settle)
  }

  abort(reason: unknown): void {
    const { halt } = this.#active
    const message = halt === undefined ? 'its flow ended without waiting for it' : haltMessage(halt.type)
    switch (this.#phase) {
      case 'waiting':
      case 'queued':
      case 'deciding':
      case 'delaying':
        this.#leaveGate()
        return this.#cancel(message, reason)
      case 'looking up':
        this.#leave()
        return this.#cancel(message, reason)
      case 'running':
        return this.#stop(this.#attempt!, message, reason) // the phase says that there is one
      case 'ending':
      case 'done':
        return
    }
  }

  /** Asks the attempt to end, and gives it up after the grace period. */
  #stop(attempt: TaskAttempt, message: string, reason: unknown): void {
    const { halt, engine } = this.#active
    const giveUp = (): void => {
      if (!this.#isUnderWay(attempt)) return
      this.#leave()
      this.#cancel(`${message}; it did not stop when asked and was given up`, reason)
    }
    attempt.tellToStop(message, reason)
    // A broken run writes nothing more: there is no use in waiting for code whose end cannot be recorded.
    if (halt?.type === 'broken') giveUp()
    else attempt.endAfter(engine.clock, engine.settings.cancelGraceMs, giveUp, { keepAlive: true })
  }

  /* ── replay ──────────────────────────────────────────────────────────────────────── */

  #replay(): void {
    this.#phase = 'ending'
    replayResult(this.#active, this)
  }

  /** What an earlier attempt left of this call; asked only of a call that is replayed. */
  get replayed(): NumberedEntry {
    const { match } = this.call
    if (match?.type !== 'replay') throw new Error(`task run ${this.record.name} is not replayed`)
    return match.entry
  }

  readReplayed(outcome: StoredValue | null): unknown {
    // What may be undone is written once more, with its result.
    if (this.#context.transaction !== null) this.record.outcome = outcome
    const { results, run } = this.#active
    return this.replayed.state.type === 'failed' ? readFailure(outcome) : readOutcome(results, run.id, outcome)
  }

  deliverReplayed(value: unknown): void {
    const { name, message, type } = this.replayed.state
    this.#tell(null, { replayed: true })
    if (type === 'failed') {
      this.#state = new RunState('failed', { name, message, error: value })
      rejectFuture(this.future, value)
    } else {
      this.#completed(this.replayed.state, value)
    }
    this.done()
  }

  replayFailed(error: unknown): void {
    this.#cancel('the journal could not be read', error)
  }

  /* ── the way to the store ────────────────────────────────────────────────────────── */

  /** What is done and not yet written keeps its place until then. */
  answered(): void {
    this.#givePlaceBack()
  }

  /** A row the store cannot take (and only that row) is its caller's error; anything else ends the attempt. */
  notRecorded(error: unknown, isRowAlone: boolean): void {
    if (!isRowAlone) this.#active.break(error)
    this.#phase = 'ending'
    this.#state = new RunState('crashed', { message: messageOf(error), error })
    rejectFuture(this.future, error)
    this.done()
  }

  /** The transaction around this call has undone it: a retry of the run calls it again, a resumed run still finds its result. */
  #withdraw(): void {
    this.withdrawn = true
    this.record.enter('completed', { name: ROLLED_BACK })
    recordStanding(this.#active, this)
  }

  /** Hands the result to user code. */
  #completed({ name, message }: { readonly name: string; readonly message: string | null }, result: unknown): void {
    this.#context.transaction?.add({ definition: this.#definition, result, withdraw: () => this.#withdraw() })
    this.#state = new RunState('completed', { name, message, result })
    resolveFuture(this.future, result)
  }

  done(): void {
    this.#phase = 'done'
    this.#givePlaceBack()
    this.#args = []
    // Whoever keeps the future keeps its result, not what led to it; unless it may be undone, or tried again by the task around it.
    if (this.#context.transaction === null && this.#context.task === null) this.#record?.forget()
    this.#active.open.delete(this)
    this.#settle?.()
  }

  #leave(): void {
    this.#attempt?.end()
    // The store sets the pace when it cannot follow: what is done and not yet written keeps its place.
    if (this.#active.engine.journal.crowded) this.#holdsPlace = true
    else this.#active.limiter(this.depth).leave()
    this.#leaveGate()
  }

  #givePlaceBack(): void {
    if (!this.#holdsPlace) return
    this.#holdsPlace = false
    this.#active.limiter(this.depth).leave()
  }

  #leaveGate(): void {
    if (!this.#gated) return
    this.#gated = false
    this.#gate?.leave()
  }

  #hook(what: string, hook: TaskDefinition['onRunning'][number]): void {
    const { record } = this
    this.#active.hook(`${what} of task ${record.name}`, () =>
      hook({ taskRunId: record.id, flowRunId: record.identity.flowRunId, name: record.name, attempt: record.runCount, state: this.state }),
    )
  }

  #warn(message: string): void {
    this.#active.log.at(LOG_LEVELS.warn, this.#definition.name, `task ${this.record.name}: ${message}`)
  }

  #tell(from: StateType | null, more: { readonly replayed?: boolean; readonly cached?: boolean; readonly error?: unknown } = {}): void {
    const { observers } = this.#active.engine
    if (!observers.active) return
    const { record } = this
    observers.taskRun({
      id: record.id,
      flowRunId: record.identity.flowRunId,
      taskName: this.#definition.name,
      name: record.name,
      state: record.state!, // told only after a state was entered
      from,
      replayed: more.replayed ?? false,
      cached: more.cached ?? false,
      error: more.error,
      args: this.#args,
    })
  }
}

function haltMessage(type: 'cancelled' | 'timed out' | 'broken'): string {
  switch (type) {
    case 'cancelled':
      return 'the flow run was cancelled'
    case 'timed out':
      return 'the flow run ran out of time'
    case 'broken':
      return 'the flow run could no longer be recorded'
  }
}
