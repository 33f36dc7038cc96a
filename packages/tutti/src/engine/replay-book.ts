import type { JournalOperations } from '../core/orchestrator.ts'
import type { StoredValue } from '../core/json.ts'
import { isTerminal } from '../core/state.ts'
import type { CallKey, JournalEntry } from '../core/task-run.ts'

const ENTRIES_PAGE = 1_000
const OUTCOMES_PAGE = 500

/** The state of a completed task run whose effect its transaction has undone. */
export const ROLLED_BACK = 'RolledBack'

/** A finished call, with its place in the order of results. */
export type NumberedEntry = JournalEntry & { readonly number: number }

/** What an earlier attempt left behind for one call. */
export type Match =
  /** Take the outcome, do not call the function. */
  | { readonly type: 'replay'; readonly entry: NumberedEntry }
  /** The call was begun and not finished, or must run again: the same task run goes on. */
  | { readonly type: 'again'; readonly entry: JournalEntry; readonly reason: 'unfinished' | 'retry' | 'not kept' }

/**
 * The journal of a flow run as an attempt found it: which calls were made, which are finished and in which order their results were
 * delivered. Entries are loaded once, outcomes in pages when replay comes to them. Each entry is used once.
 */
export class ReplayBook {
  /** By task key, then by dynamic key. */
  readonly #entries = new Map<string, Map<string, JournalEntry>>()
  /** By task key, then by ordinal; made when the first call of a task does not match. */
  readonly #byOrdinal = new Map<string, Map<number, JournalEntry>>()
  readonly #outcomes = new Map<string, StoredValue | null>()
  /** What was delivered, by number: outcomes are loaded ahead in this order. */
  readonly #delivered: { readonly id: string; readonly number: number }[] = []
  readonly #values = new Map<string, string>()
  /** Entries that no attempt of the run has made: it runs another run again, and was given them. By their ids. */
  readonly #given = new Map<string, JournalEntry>()
  readonly #operations: JournalOperations
  readonly #flowRunId: string
  readonly #replayFailedFrom: number
  #loading: Promise<void> | undefined
  #size = 0
  #numberMax = 0

  private constructor(operations: JournalOperations, flowRunId: string, replayFailedFrom: number) {
    this.#operations = operations
    this.#flowRunId = flowRunId
    this.#replayFailedFrom = replayFailedFrom
  }

  static empty(operations: JournalOperations, flowRunId: string): ReplayBook {
    return new ReplayBook(operations, flowRunId, 0)
  }

  static async load(operations: JournalOperations, flowRunId: string, replayFailedFrom: number): Promise<ReplayBook> {
    const book = new ReplayBook(operations, flowRunId, replayFailedFrom)
    for (const value of await operations.values(flowRunId)) book.#values.set(value.key, value.text)
    let after: CallKey | null = null
    for (;;) {
      const page: readonly JournalEntry[] = await operations.entries(flowRunId, { after, limit: ENTRIES_PAGE })
      for (const entry of page) book.#add(entry)
      const last = page.at(-1)
      if (last === undefined || page.length < ENTRIES_PAGE) break
      after = last
    }
    book.#delivered.sort((a, b) => a.number - b.number)
    return book
  }

  /** Entries found at the start. */
  get size(): number {
    return this.#size
  }

  /** The largest number delivered so far; live results go on from here. */
  get numberMax(): number {
    return this.#numberMax
  }

  #add(entry: JournalEntry): void {
    let ofTask = this.#entries.get(entry.taskKey)
    if (ofTask === undefined) this.#entries.set(entry.taskKey, (ofTask = new Map()))
    ofTask.set(entry.dynamicKey, entry)
    this.#size += 1
    if (entry.attempt === 0) this.#given.set(entry.id, entry)
    if (entry.number === null) return
    this.#delivered.push({ id: entry.id, number: entry.number })
    if (entry.number > this.#numberMax) this.#numberMax = entry.number
  }

  /** A value handed out before (`now()`), by its key. */
  value(key: string): string | undefined {
    return this.#values.get(key)
  }

  /** The entry of exactly this call, used up by asking. */
  take(taskKey: string, dynamicKey: string): Match | undefined {
    const ofTask = this.#entries.get(taskKey)
    const entry = ofTask?.get(dynamicKey)
    if (ofTask === undefined || entry === undefined) return undefined
    ofTask.delete(dynamicKey)
    return this.#judge(entry)
  }

  #judge(entry: JournalEntry): Match {
    const { type } = entry.state
    if (!isTerminal(type) || entry.number === null || type === 'crashed' || type === 'cancelled')
      return { type: 'again', entry, reason: 'unfinished' }
    const undone = type === 'failed' || entry.state.name === ROLLED_BACK
    if (undone && entry.attempt < this.#replayFailedFrom) return { type: 'again', entry, reason: 'retry' }
    if (entry.outcomeFormat === 'none') return { type: 'again', entry, reason: 'not kept' }
    return { type: 'replay', entry: entry as NumberedEntry } // as asked above
  }

  /** The unused entry of a task that stands where this call stands, its arguments being others. */
  changed(taskKey: string, ordinal: number): JournalEntry | undefined {
    const ofTask = this.#entries.get(taskKey)
    if (ofTask === undefined || ofTask.size === 0) return undefined
    let byOrdinal = this.#byOrdinal.get(taskKey)
    if (byOrdinal === undefined) {
      byOrdinal = new Map([...ofTask.values()].map((entry) => [entry.ordinal, entry]))
      this.#byOrdinal.set(taskKey, byOrdinal)
    }
    const entry = byOrdinal.get(ordinal)
    return entry !== undefined && ofTask.has(entry.dynamicKey) ? entry : undefined
  }

  /** Given entries whose calls were not made, not even inside a call that was replayed. */
  notMade(): readonly JournalEntry[] {
    return [...this.#given.values()].filter((entry) => this.#isNotMade(entry))
  }

  #isNotMade({ id, taskKey, dynamicKey, parentTaskRunId }: JournalEntry): boolean {
    if (this.#entries.get(taskKey)?.get(dynamicKey)?.id !== id) return false
    const around = parentTaskRunId === null ? undefined : this.#given.get(parentTaskRunId)
    return around === undefined || around.number === null || this.#isNotMade(around)
  }

  /** The stored outcome of a replayed entry. Pages run ahead in delivery order, so most calls find theirs loaded. */
  async outcome(entry: { readonly id: string; readonly number: number }): Promise<StoredValue | null> {
    while (!this.#outcomes.has(entry.id)) {
      this.#loading ??= this.#load(entry.number).finally(() => {
        this.#loading = undefined
      })
      await this.#loading
    }
    const outcome = this.#outcomes.get(entry.id) ?? null
    this.#outcomes.delete(entry.id)
    return outcome
  }

  async #load(fromNumber: number): Promise<void> {
    const at = lowerBound(this.#delivered, fromNumber)
    const ids = this.#delivered.slice(at, at + OUTCOMES_PAGE).map((delivered) => delivered.id)
    const page = await this.#operations.outcomes(this.#flowRunId, ids)
    for (const { taskRunId, outcome } of page) this.#outcomes.set(taskRunId, outcome)
    if (!page.some((outcome) => outcome.taskRunId === ids[0]))
      throw new Error(`the journal of flow run ${this.#flowRunId} has lost the outcome of task run ${ids[0]}`)
  }
}

/** Where the first item of at least this number stands in a list in the order of numbers. */
function lowerBound(list: readonly { readonly number: number }[], number: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.number < number) low = middle + 1
    else high = middle
  }
  return low
}
