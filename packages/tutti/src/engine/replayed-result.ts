import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import type { ActiveRun } from './active-run.ts'
import type { Deliverable } from './delivery.ts'
import { messageOf } from './thrown.ts'

/** A call that an earlier attempt finished. */
export interface ReplayedCall<T> {
  readonly replayed: { readonly id: string; readonly number: number }
  /** Names the call in an error. */
  readonly what: string
  readReplayed(outcome: StoredValue | null): T | Promise<T>
  deliverReplayed(value: T): void
  /** The result could not be read; the run has been broken for that reason. */
  replayFailed(error: unknown): void
}

/**
 * Gives a finished call's result its old place in the order of results. It is read when its turn comes: what is held in memory is a page
 * of outcomes, not all of them.
 */
export function replayResult<T>(active: ActiveRun, call: ReplayedCall<T>): void {
  active.delivery.push(new Replay(active, call))
}

/** One for each of perhaps 100,000 calls: a small object without functions of its own. */
class Replay<T> implements Deliverable {
  readonly number: number
  readonly #active: ActiveRun
  readonly #call: ReplayedCall<T>
  #asked = false
  #result: { readonly value: T } | undefined

  constructor(active: ActiveRun, call: ReplayedCall<T>) {
    this.number = call.replayed.number
    this.#active = active
    this.#call = call
  }

  get ready(): boolean {
    if (!this.#asked) {
      this.#asked = true
      void this.#fetch()
    }
    return this.#result !== undefined
  }

  deliver(): void {
    this.#call.deliverReplayed(this.#result!.value) // delivered only when ready
  }

  async #fetch(): Promise<void> {
    const call = this.#call
    try {
      this.#result = { value: await call.readReplayed(await this.#active.book.outcome(call.replayed)) }
      this.#active.delivery.wake()
    } catch (cause) {
      const message = `the stored result of ${call.what} (${call.replayed.id}) could not be read: ${messageOf(cause)}`
      this.#active.break(new TuttiError('STORE_FAILED', message, { cause }))
      call.replayFailed(cause)
    }
  }
}
