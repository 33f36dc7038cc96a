import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ResultOperations } from '../core/orchestrator.ts'
import { after } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { CallScope } from './call-scope.ts'
import { runInContext } from './context.ts'
import type { RunContext } from './context.ts'
import type { FlowDefinition } from './definition.ts'
import { Delivery } from './delivery.ts'
import type { Engine } from './engine.ts'
import { Limiter } from './limiter.ts'
import type { ReplayBook } from './replay-book.ts'
import { resultsOf } from './result-storage.ts'
import type { RunLog } from './log.ts'
import type { TaskRecord } from './task-record.ts'
import { WaitRoom } from './wait-room.ts'

/** A call in flight, as its run sees it. */
export interface OpenCall {
  /** Asks it to end. It settles in bounded time. */
  abort(reason: unknown): void
  readonly settled: Promise<void>
  /** What it waits for while nothing else is left to do for it; `null` or absent: it is at work. */
  readonly resting?: Resting | null
  /** Only time or somebody outside can end it: there is no use in waiting for it at the end of a flow. */
  readonly isWait?: boolean
}

export type Resting = { readonly type: 'wait'; readonly until: Instant } | { readonly type: 'run'; readonly active: ActiveRun }

/** Why an attempt must stop: nothing more is written for it, or only its end as Cancelled. */
export type Halt =
  | { readonly type: 'cancelled'; readonly message: string }
  | { readonly type: 'timed out'; readonly error: TuttiError }
  /** The store no longer takes this attempt's writes (fenced) or failed: the run goes on elsewhere or later. */
  | { readonly type: 'broken'; readonly error: TuttiError }

/** Where a sub-flow run is called from. */
export interface ParentLink {
  readonly active: ActiveRun
  /** The task run that stands for the child inside its parent's attempt. */
  readonly record: TaskRecord
  /** The child's end is recorded and has its place in the order of the parent's results, although hooks may still run. */
  ended(): void
}

/** One attempt of a flow run in this process. */
export class ActiveRun {
  readonly engine: Engine
  readonly definition: FlowDefinition
  /** Where its large results go. */
  readonly results: ResultOperations
  readonly book: ReplayBook
  readonly parameters: unknown
  readonly scope = new CallScope('')
  readonly delivery = new Delivery()
  readonly controller = new AbortController()
  /** Calls in flight, also those nobody awaits. */
  readonly open = new Set<OpenCall>()
  /** Hooks under way: awaited before the run ends. */
  readonly hooks = new Set<Promise<void>>()
  /** The task run that stands for this run inside its parent's attempt. */
  readonly parent: ParentLink | null
  readonly log: RunLog
  readonly room: WaitRoom
  /** Resolves when the run has given its process back, with the run as it is left. */
  readonly suspended: Promise<FlowRun>
  /** What the flow function runs in. */
  readonly bodyContext: RunContext
  run: FlowRun
  /** Resolves when the attempt's end has been recorded, or given up. */
  readonly finished: Promise<void>
  #finish!: () => void
  #suspend!: (run: FlowRun) => void
  #listen: (isWaiting: boolean) => void = () => undefined
  #limiters: Limiter[] = []
  #number: number
  #trustedUntil: Instant
  #confirming: Promise<void> | undefined
  #halt: Halt | undefined
  #onHalt: ((halt: Halt) => void)[] = []
  #closed = false
  #ended = false

  constructor(options: {
    engine: Engine
    definition: FlowDefinition
    run: FlowRun
    book: ReplayBook
    parameters: unknown
    parent: ParentLink | null
    log: RunLog
  }) {
    this.engine = options.engine
    this.definition = options.definition
    this.results = resultsOf(options.engine, options.definition)
    this.run = options.run
    this.book = options.book
    this.parameters = options.parameters
    this.parent = options.parent
    this.log = options.log
    this.bodyContext = { active: this, task: null, scope: this.scope, tags: [], transaction: null }
    this.#number = options.book.numberMax
    this.#trustedUntil = this.#trustedFrom(options.engine.clock.now())
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.suspended = new Promise((resolve) => {
      this.#suspend = resolve
    })
    this.room = new WaitRoom(this)
  }

  get ended(): boolean {
    return this.#ended
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** The number of the newest result. */
  get numberTaken(): number {
    return this.#number
  }

  /** Waits that are longer give the process back. */
  get waitInProcessMs(): number {
    return this.definition.waitInProcessMs ?? this.engine.settings.waitInProcessMs
  }

  get halt(): Halt | undefined {
    return this.#halt
  }

  /** The lease was renewed by a question asked at that moment. */
  trust(at: Instant): void {
    this.#trustedUntil = Math.max(this.#trustedUntil, this.#trustedFrom(at))
  }

  /**
   * Whether the lease must still be ours. A process that was stopped for longer than a lease lasts wakes up without knowing it: then it asks
   * before it calls another function, which may have been called by whoever has the run now.
   */
  get isTrusted(): boolean {
    return this.engine.clock.now() < this.#trustedUntil
  }

  /** Asks whether the run is still ours; afterwards it is trusted again, or the attempt stops. Calls that ask at the same time share the answer. */
  confirm(): Promise<void> {
    return (this.#confirming ??= this.#ask().finally(() => {
      this.#confirming = undefined
    }))
  }

  async #ask(): Promise<void> {
    const { orchestrator, clock, settings } = this.engine
    const at = clock.now()
    try {
      const [answer] = await orchestrator.flowRuns.beat(
        [{ flowRunId: this.run.id, attempt: this.run.attempt }],
        after(at, settings.leaseExpiryMs),
      )
      const message = answer?.message ?? 'another attempt has begun'
      if (answer === undefined || answer.tell === 'lost')
        this.break(new TuttiError('FENCED', `flow run ${this.run.name} (${this.run.id}) was taken over: ${message}`))
      else if (answer.tell === 'cancel') this.stop({ type: 'cancelled', message })
      else this.trust(at)
    } catch (error) {
      this.break(error)
    }
  }

  /** Two thirds of a lease: a beat may be missed, and clocks differ. */
  #trustedFrom(at: Instant): Instant {
    return after(at, (this.engine.settings.leaseExpiryMs * 2) / 3)
  }

  /** The place of the next result in the order of results; taken when a flush is put together. */
  takeNumber(): number {
    this.#number += 1
    return this.#number
  }

  /** One limiter for each depth of nesting: a task that waits for tasks inside it never takes their place. */
  limiter(depth: number): Limiter {
    return (this.#limiters[depth] ??= new Limiter(this.definition.concurrency ?? this.engine.settings.taskConcurrency))
  }

  /** Stops the attempt: signals, and every call in flight. The first reason counts, but a broken store ends a cancellation too. */
  stop(halt: Halt): void {
    if (this.#ended || (this.#halt !== undefined && halt.type !== 'broken')) return
    this.#halt = halt
    const reason = haltReason(halt)
    // Listeners belong to the flow's code: `run()` means there what it means around them.
    runInContext(this.bodyContext, () => this.controller.abort(reason))
    for (const call of this.open) call.abort(reason)
    const listeners = this.#onHalt
    this.#onHalt = []
    for (const listener of listeners) listener(halt)
  }

  /** The store refused this attempt or failed: user code must stop, the run goes on from its journal. */
  break(error: unknown): void {
    this.stop({
      type: 'broken',
      error:
        error instanceof TuttiError
          ? error
          : new TuttiError('STORE_FAILED', `flow run ${this.run.name} (${this.run.id}) could not be recorded`, { cause: error }),
    })
  }

  onHalt(listener: (halt: Halt) => void): void {
    if (this.#halt === undefined) this.#onHalt.push(listener)
    else listener(this.#halt)
  }

  /** The function has come to its end: nothing new begins, although the run may yet be cancelled while it waits for its retry. */
  close(): void {
    this.#closed = true
  }

  /** Nothing begins while the process is being given back. */
  freeze(): void {
    this.#closed = true
    this.room.freeze()
  }

  thaw(): void {
    this.#closed = false
    this.room.thaw()
  }

  /** The process is given back: user code is left where it waits, and never goes on here. */
  suspend(run: FlowRun): void {
    this.room.leave()
    this.#suspend(run)
  }

  /** How beats are told whether the run waits. */
  onListen(listen: (isWaiting: boolean) => void): void {
    this.#listen = listen
  }

  /** Whether beats should tell when the run is Paused no longer. */
  listen(isWaiting: boolean): void {
    this.#listen(isWaiting)
  }

  /** The attempt is over. */
  end(): void {
    this.#closed = true
    this.#ended = true
    this.#finish()
  }

  /** Why a call may not begin; `undefined` when it may. */
  refusal(what: string): TuttiError | undefined {
    if (this.#halt !== undefined) return haltReason(this.#halt)
    if (!this.#closed) return undefined
    return new TuttiError('RUN_ENDED', `${what} was called after its flow run ${this.run.name} (${this.run.id}) had ended`)
  }

  /** Runs a hook beside the run; the run's end waits for it, a failing hook is logged and changes nothing. */
  hook(what: string, call: () => unknown): void {
    const under = this.#callHook(what, call).finally(() => this.hooks.delete(under))
    this.hooks.add(under)
  }

  async #callHook(what: string, call: () => unknown): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.log.error(`the hook ${what} failed:`, error)
    }
  }
}

function haltReason(halt: Halt): TuttiError {
  return halt.type === 'cancelled' ? new TuttiError('RUN_CANCELLED', halt.message) : halt.error
}
