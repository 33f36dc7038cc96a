import { after } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { ServiceOperations } from '../core/service-operations.ts'

/** A server that has been silent for so long has lost its turn. */
const TURN_MS = 30_000
/** How often the one that has the turn keeps it, and the others look whether it still does. */
const ASK_MS = 10_000

/** Of several servers on one database one does the work of the services. Each asks now and then, not at each tick. */
export class Turn {
  readonly #services: ServiceOperations
  readonly #holder: string
  readonly #clock: Clock
  #isOurs = false
  #askAt: Instant = 0
  #asking: Promise<void> | undefined

  constructor(services: ServiceOperations, holder: string, clock: Clock) {
    this.#services = services
    this.#holder = holder
    this.#clock = clock
  }

  async isOurs(): Promise<boolean> {
    // Services that tick at the same moment ask once.
    if (this.#clock.now() >= this.#askAt) await (this.#asking ??= this.#ask())
    return this.#isOurs
  }

  async #ask(): Promise<void> {
    try {
      const askAt = after(this.#clock.now(), ASK_MS)
      // Whatever becomes of this: a turn that could not be kept is not ours.
      this.#isOurs = false
      this.#isOurs = await this.#services.takeTurn('services', this.#holder, TURN_MS)
      this.#askAt = askAt
    } finally {
      this.#asking = undefined
    }
  }
}
