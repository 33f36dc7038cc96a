import type { RunState } from './run-state.ts'

/** What a future knows of the run it stands for. */
export interface FutureSource<T> {
  /** The run's id; `null` until it has one (a flow run that is still being validated). */
  readonly id: string | null
  readonly name: string
  /** Names the call inside its flow run; the same in every attempt. */
  readonly identity: string
  readonly state: RunState<T>
}

/**
 * A call under way: a promise of its result that also knows its run.
 *
 * Awaiting it throws what the task threw. A future that fails while nobody awaits it does not end the process, unlike an ordinary
 * promise: the failure stands in the run's log and in its state.
 */
export class RunFuture<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  #source!: FutureSource<T>
  #watched = false

  /** The futures of this process are made here only; the promise's own constructor signature stays what the language asks for. */
  static open<T>(source: FutureSource<T>): { future: RunFuture<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
    let resolve!: (value: T) => void
    let reject!: (error: unknown) => void
    const future = new RunFuture<T>((onValue, onError) => {
      resolve = onValue
      reject = onError
    })
    future.#source = source
    // Keeps Node from ending the process for a failure that is in the store and in the log already.
    void Promise.prototype.then.call(future, undefined, ignore)
    return { future, resolve, reject }
  }

  /** The id of the task run or flow run; `null` until it is known. */
  get id(): string | null {
    return this.#source.id
  }

  get name(): string {
    return this.#source.name
  }

  /** Names the call inside its flow run; the same in every attempt. */
  get identity(): string {
    return this.#source.identity
  }

  /** Whether somebody waits for it: awaited, chained, or asked for its state. */
  get watched(): boolean {
    return this.#watched
  }

  /** The state when the run has ended. Never throws: a failure is a state. */
  state(): Promise<RunState<T>> {
    return this.then(
      () => this.#source.state,
      () => this.#source.state,
    )
  }

  /** The state as it is now, without waiting. */
  get current(): RunState<T> {
    return this.#source.state
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a future is a promise; this tells that somebody waits for it
  override then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#watched = true
    return super.then(onValue, onError)
  }
}

function ignore(): void {}

/** Marks a dependency whose failure should not stop the call that takes it: the call gets the future's state instead of its result. */
export class AllowedFailure<T> {
  readonly future: RunFuture<T>
  constructor(future: RunFuture<T>) {
    this.future = future
  }
}
