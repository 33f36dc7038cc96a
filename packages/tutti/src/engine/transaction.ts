import type { TaskDefinition } from './definition.ts'

/** One completed call inside a transaction. */
export interface TransactionStep {
  readonly definition: TaskDefinition
  readonly result: unknown
  /** Its effect was undone: a retry of the run has to call it again. */
  withdraw(): void
}

/**
 * What a group of task runs has done, so that it can be confirmed or undone as one. Hooks run in the reverse order of the results,
 * each as a task run of its own: after a crash in the middle of an undo, what was undone is not undone again.
 */
export class Transaction {
  readonly parent: Transaction | null
  readonly #steps: TransactionStep[] = []
  readonly #values = new Map<string, unknown>()

  constructor(parent: Transaction | null) {
    this.parent = parent
  }

  /** Keeps a value for the other code of this transaction. */
  set(key: string, value: unknown): void {
    this.#values.set(key, value)
  }

  get(key: string): unknown {
    return this.#values.has(key) ? this.#values.get(key) : this.parent?.get(key)
  }

  /** A task inside the transaction has completed. */
  add(step: TransactionStep): void {
    if (step.definition.onCommit !== null || step.definition.onRollback !== null) this.#steps.push(step)
  }

  /** The steps, newest first; a nested transaction hands its own to the one around it. */
  steps(): readonly TransactionStep[] {
    return this.#steps.toReversed()
  }

  join(inner: Transaction): void {
    this.#steps.push(...inner.#steps)
  }
}
