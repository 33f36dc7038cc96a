import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import type { ActiveRun } from './active-run.ts'

/** What to do with the result of a call that an earlier attempt finished. */
export interface ReplayedResult<T> {
  readonly entry: { readonly id: string; readonly number: number }
  /** Names the call in an error. */
  readonly what: string
  read(outcome: StoredValue | null): T | Promise<T>
  deliver(value: T): void
  /** The result could not be read; the run has been broken for that reason. */
  failed(error: unknown): void
}

/** Gives a finished call's result its old place in the order of results, and reads it meanwhile. */
export function replayResult<T>(active: ActiveRun, { entry, what, read, deliver, failed }: ReplayedResult<T>): void {
  let result: { readonly value: T } | undefined
  active.delivery.push({
    number: entry.number,
    get ready(): boolean {
      return result !== undefined
    },
    deliver: () => deliver(result!.value), // delivered only when ready
  })
  active.book
    .outcome(entry)
    .then(read)
    .then(
      (value) => {
        result = { value }
        active.delivery.wake()
      },
      (cause: unknown) => {
        active.break(new TuttiError('STORE_FAILED', `the stored result of ${what} (${entry.id}) could not be read`, { cause }))
        failed(cause)
      },
    )
}
