/**
 * Counts the calls made at one place of the tree: in the flow's body, or inside one task run. Equal calls are told apart by their order,
 * and a call with changed arguments is found again by its place among the calls of its task.
 */
export class CallScope {
  /** Goes into the identity of every call made here, so that a call inside a task is never taken for one outside. */
  readonly prefix: string
  readonly #ordinals = new Map<string, number>()
  readonly #occurrences = new Map<string, number>()
  #draws = 0

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** Which call of this task comes now, from 0. */
  nextOrdinal(taskKey: string): number {
    const ordinal = this.#ordinals.get(taskKey) ?? 0
    this.#ordinals.set(taskKey, ordinal + 1)
    return ordinal
  }

  /** Which of the equal calls comes now, from 0. */
  nextOccurrence(identity: string): number {
    const occurrence = this.#occurrences.get(identity) ?? 0
    this.#occurrences.set(identity, occurrence + 1)
    return occurrence
  }

  /** Which derived value (`uuid()`, `random()`, `now()`) comes now, from 0. */
  nextDraw(): number {
    return this.#draws++
  }
}
