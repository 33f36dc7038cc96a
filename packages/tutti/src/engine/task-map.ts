import { TuttiError } from '../core/errors.ts'
import type { RunFuture } from './future.ts'
import type { RunState } from './run-state.ts'

const MAP = Symbol.for('tutti.map')

/** Wraps an argument of `map` that is the same for every item, also when it is a list itself. */
export class Unmapped<T> {
  readonly value: T
  constructor(value: T) {
    this.value = value
  }
}

/**
 * The calls of one `map`: a promise of all results in the order of the list. When some calls fail the others go on to their end, then
 * the promise rejects with `MAP_FAILED`, whose `results` and `errors` keep both.
 */
export class TaskMap<T> extends Promise<T[]> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  readonly futures!: readonly RunFuture<T>[]

  static of<T>(futures: readonly RunFuture<T>[], taskName: string): TaskMap<T> {
    const map = new TaskMap<T>((resolve, reject) => {
      void Promise.allSettled(futures).then((settled) => {
        const failed = settled.filter((result) => result.status === 'rejected')
        if (failed.length === 0) resolve(settled.map((result) => (result as PromiseFulfilledResult<T>).value)) // none was rejected
        else
          reject(
            new MapError(
              taskName,
              settled,
              failed.map((result) => result.reason as unknown),
            ),
          )
      })
    })
    void Object.defineProperties(map, { futures: { value: futures }, [MAP]: { value: true } })
    // A failure stands in the log and in the states already; a map that nobody awaits must not end the process.
    void Promise.prototype.then.call(map, undefined, () => undefined)
    return map
  }

  /** The state of every call when all have ended. Never throws. */
  settled(): Promise<readonly RunState<T>[]> {
    return Promise.all(this.futures.map((future) => future.state()))
  }
}

/** Some calls of a map failed. `results` has one entry for each item, in order, as `Promise.allSettled` gives them. */
export class MapError extends TuttiError {
  readonly results: readonly PromiseSettledResult<unknown>[]
  readonly errors: readonly unknown[]

  constructor(taskName: string, results: readonly PromiseSettledResult<unknown>[], errors: readonly unknown[]) {
    const first = errors[0]
    super(
      'MAP_FAILED',
      `${errors.length} of ${results.length} calls of task ${taskName} failed, the first with: ${first instanceof Error ? first.message : String(first)}`,
      {
        cause: first,
      },
    )
    this.results = results
    this.errors = errors
  }
}

export function isTaskMap(value: object): value is TaskMap<unknown> {
  return Object.hasOwn(value, MAP)
}
