/**
 * Counts the calls made at one place of the tree: in the flow's body, or inside one task run. Equal calls are told apart by their order,
 * and a call with changed arguments is found again by its place among the calls of its task.
 */
export class CallScope {
  /** Goes into the identity of every call made here, so that a call inside a task is never taken for one outside. */
  readonly prefix: string
  /** Made with the first call: most tasks call nothing. */
  #tasks: Map<string, TaskCount> | undefined
  #draws = 0

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** Which call of this task comes now, from 0. */
  nextOrdinal(taskKey: string): number {
    return this.#count(taskKey).calls++
  }

  /** Which of the calls of this task with equal arguments comes now, from 0. */
  nextOccurrence(taskKey: string, hash: string): number {
    const { equal } = this.#count(taskKey)
    const occurrence = equal.get(hash) ?? 0
    equal.set(hash, occurrence + 1)
    return occurrence
  }

  /** Which derived value (`uuid()`, `random()`, `now()`) comes now, from 0. */
  nextDraw(): number {
    return this.#draws++
  }

  #count(taskKey: string): TaskCount {
    this.#tasks ??= new Map()
    let count = this.#tasks.get(taskKey)
    if (count === undefined) this.#tasks.set(taskKey, (count = { calls: 0, equal: new Map() }))
    return count
  }
}

interface TaskCount {
  calls: number
  /** By the hash of the arguments. */
  readonly equal: Map<string, number>
}
