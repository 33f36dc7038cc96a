/**
 * How many may be inside at once; the others wait in the order in which they came, behind those that have been inside before. Waiting costs
 * one entry in a list.
 */
export class Limiter {
  #free: number
  #waiting: Waiter[] = []
  /** Retries: what is half done goes before what has not begun. */
  #returning: Waiter[] = []
  #head = 0
  #letting = false

  constructor(limit: number) {
    this.#free = limit
  }

  /** Takes a place if one is free. */
  tryEnter(): boolean {
    if (this.#free <= 0) return false
    this.#free -= 1
    return true
  }

  /** Calls back once with a place taken, now or later. A waiter whose `gone` answers true is passed over. */
  enter(waiter: Waiter): void {
    if (this.tryEnter()) waiter.enter()
    else this.#waiting.push(waiter)
  }

  /** As `enter`, before those that have not been inside yet. */
  enterAgain(waiter: Waiter): void {
    if (this.tryEnter()) waiter.enter()
    else this.#returning.push(waiter)
  }

  leave(): void {
    this.#free += 1
    // Whoever enters may leave again before `enter` returns: the loop that is under way goes on, instead of one call inside the other.
    if (this.#letting) return
    this.#letting = true
    while (this.#free > 0) {
      const next = this.#returning.shift() ?? (this.#head < this.#waiting.length ? this.#waiting[this.#head++] : undefined)
      if (next === undefined) break
      if (next.gone()) continue
      this.#free -= 1
      next.enter()
    }
    this.#letting = false
    if (this.#head === this.#waiting.length || this.#head > 4096) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
  }
}

export interface Waiter {
  enter(): void
  /** True once the waiter has given up (its run was cancelled). */
  gone(): boolean
}
