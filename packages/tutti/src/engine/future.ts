import type { RunState } from './run-state.ts'

/** What a future knows of the run it stands for. */
export interface FutureSource<T> {
  /** The run's id; `null` until it has one (a flow run that is still being validated). */
  readonly id: string | null
  /** The task run that stands for the call inside its flow run; `null` for a flow run that nobody called from inside another. */
  readonly taskRunId: string | null
  readonly name: string
  /** Names the call inside its flow run; the same in every attempt. */
  readonly identity: string
  readonly state: RunState<T>
}

/** Makes a future that the engine settles; the promise's own constructor signature stays what the language asks for. */
export let openFuture: <T>(source: FutureSource<T>) => RunFuture<T>
export let resolveFuture: (future: RunFuture<unknown>, value: unknown) => void
export let rejectFuture: (future: RunFuture<unknown>, error: unknown) => void

let captured: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void } | undefined

function capture(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  captured = { resolve: resolve as (value: unknown) => void, reject } // a future is settled by the engine, which knows no types
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
  #resolve!: (value: unknown) => void
  #reject!: (error: unknown) => void

  static {
    openFuture = <T>(source: FutureSource<T>): RunFuture<T> => {
      // Captured outside of the instance, which the executor cannot reach yet, and without a closure for each of perhaps 100,000 futures.
      const future = new RunFuture<T>(capture)
      future.#source = source
      future.#resolve = captured!.resolve
      future.#reject = captured!.reject
      captured = undefined
      return future
    }
    resolveFuture = (future, value) => future.#resolve(value)
    rejectFuture = (future, error) => {
      // Keeps Node from ending the process for a failure that is in the store and in the log already.
      void Promise.prototype.then.call(future, undefined, ignore)
      future.#reject(error)
    }
  }

  /** The id of the task run or flow run; `null` until it is known. */
  get id(): string | null {
    return this.#source.id
  }

  /** The task run that stands for the call inside its flow run; `null` for a flow run that was not called inside another. */
  get taskRunId(): string | null {
    return this.#source.taskRunId
  }

  get name(): string {
    return this.#source.name
  }

  /** Names the call inside its flow run; the same in every attempt. */
  get identity(): string {
    return this.#source.identity
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
}

function ignore(): void {}

/** Marks a dependency whose failure should not stop the call that takes it: the call gets the future's state instead of its result. */
export class AllowedFailure<T> {
  readonly future: RunFuture<T>
  constructor(future: RunFuture<T>) {
    this.future = future
  }
}
