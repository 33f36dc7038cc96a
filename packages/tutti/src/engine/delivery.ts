/** A result on its way to user code. `number` is its place in the order of the run's results. */
export interface Deliverable {
  readonly number: number
  /** Asked when its turn has come. False while the result is still being fetched; later ones wait for it. `wake` tells when it is there. */
  readonly ready: boolean
  deliver(): void
}

/** Turns of the event loop that are asked for in advance. */
const TURNS_MAX = 64

/**
 * Hands results to user code one in a turn of the event loop, the smallest number first. Between two results everything that the first
 * one set going in user code has run to its next wait, so code sees the same order of results in a first run and in a replay, where
 * all of them are at hand at once.
 */
export class Delivery {
  /** A binary heap by number. */
  readonly #heap: Deliverable[] = []
  #turns = 0
  /** Whether this turn of the event loop has handed out its result. */
  #spent = false

  get pending(): number {
    return this.#heap.length
  }

  /** For a caller whose own turn user code has no part in yet (the flush that returned): the first result goes out at once. */
  offer(item: Deliverable): void {
    if (this.#heap.length > 0 || this.#spent) return this.push(item)
    this.#spent = true
    setImmediate(renew, this)
    item.deliver()
  }

  push(item: Deliverable): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.number <= item.number) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = item
    this.wake()
  }

  /** A result that was not ready has become so. */
  wake(): void {
    // Several turns at once: they run in one phase of the event loop, each with its microtasks drained behind it.
    while (this.#turns < TURNS_MAX && this.#turns < this.#heap.length) {
      this.#turns += 1
      setImmediate(takeTurn, this)
    }
  }

  /** @internal A turn that was asked for has come. */
  turn(): void {
    this.#turns -= 1
    if (this.#heap[0]?.ready !== true) return
    this.#pop()?.deliver()
    this.wake()
  }

  /** @internal The next turn may hand out a result at once again. */
  renew(): void {
    this.#spent = false
  }

  #pop(): Deliverable | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.number < heap[child]!.number) child += 1
      if (heap[child]!.number >= last.number) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}

// Functions of the module, not of each instance: what is compiled for one run serves the next.
function takeTurn(delivery: Delivery): void {
  delivery.turn()
}

function renew(delivery: Delivery): void {
  delivery.renew()
}
