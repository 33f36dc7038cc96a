import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import type { ActiveRun } from './active-run.ts'
import { messageOf } from './thrown.ts'

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

/**
 * Gives a finished call's result its old place in the order of results. It is read when its turn comes: what is held in memory is a page
 * of outcomes, not all of them.
 */
export function replayResult<T>(active: ActiveRun, { entry, what, read, deliver, failed }: ReplayedResult<T>): void {
  let result: { readonly value: T } | undefined
  let asked = false

  async function fetch(): Promise<void> {
    try {
      result = { value: await read(await active.book.outcome(entry)) }
      active.delivery.wake()
    } catch (cause) {
      active.break(
        new TuttiError('STORE_FAILED', `the stored result of ${what} (${entry.id}) could not be read: ${messageOf(cause)}`, { cause }),
      )
      failed(cause)
    }
  }

  active.delivery.push({
    number: entry.number,
    get ready(): boolean {
      if (!asked) {
        asked = true
        void fetch()
      }
      return result !== undefined
    },
    deliver: () => deliver(result!.value), // delivered only when ready
  })
}
