import { after } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'

/** Nobody told of work for so long: it may have been made elsewhere. */
const LOOK_ANYWAY_MS = 60_000

/** When there may be something to do again: at a known time, when somebody tells of work, or after a while in any case. */
export class Alarm {
  readonly #clock: Clock
  #at: Instant
  #rung: Instant | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.now()
  }

  ring(): void {
    this.#rung ??= this.#clock.now()
  }

  isDue(): boolean {
    return this.#rung !== undefined || this.#clock.now() >= this.#at
  }

  /** Before the work, so that what rings meanwhile is heard; tells since when there has been some. */
  hush(): Instant {
    const since = this.#rung ?? this.#at
    this.#rung = undefined
    this.set(null)
    return since
  }

  /** To the time of the next work, where it is known. */
  set(next: Instant | null): void {
    const anyway = after(this.#clock.now(), LOOK_ANYWAY_MS)
    this.#at = next === null ? anyway : Math.min(next, anyway)
  }
}
