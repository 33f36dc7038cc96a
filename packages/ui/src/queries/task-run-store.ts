// The task runs of one flow run, as a stream tells them: rows by id, the newest of each, changes shown together.

/** What the store has to know of a row. */
export interface Sequenced {
  readonly id: string
  /** Counts the writes of this row: a lower one came late. */
  readonly sequence: number
}

export interface StoredRows<Row extends Sequenced> {
  /** In the order in which they were first told. A new list whenever something changed. */
  readonly rows: readonly Row[]
  /** Always the same map: look at it together with `rows`. */
  readonly byId: ReadonlyMap<string, Row>
  /** Everything there was when the stream began has been told. */
  readonly isWhole: boolean
  /** How many there were then, once it is known. */
  readonly total: number | undefined
  /** What keeps the stream away, as long as it does. */
  readonly error: unknown
}

/** Shows what is new when it is time, which may depend on how many rows have to be arranged for it. */
export type Schedule = (show: () => void, rows: number) => void

/** Collects rows and shows them at most once per turn of `schedule`. */
export class RowStore<Row extends Sequenced> {
  readonly #schedule: Schedule
  readonly #byId = new Map<string, Row>()
  readonly #positions = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #waiting = new Map<string, Row>()
  #isAsked = false
  #isWhole = false
  #total: number | undefined = undefined
  #error: unknown = undefined
  #shown: StoredRows<Row>

  constructor(schedule: Schedule) {
    this.#schedule = schedule
    this.#shown = { rows: [], byId: this.#byId, isWhole: false, total: undefined, error: undefined }
  }

  read = (): StoredRows<Row> => this.#shown

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      const known = this.#waiting.get(row.id) ?? this.#byId.get(row.id)
      if (known === undefined || known.sequence < row.sequence) this.#waiting.set(row.id, row)
    }
    if (this.#waiting.size > 0 || this.#error !== undefined) {
      this.#error = undefined
      this.#ask()
    }
  }

  /** So many there are in all; told before all of them are. */
  expect(total: number): void {
    this.#total = total
  }

  whole(): void {
    if (this.#isWhole && this.#error === undefined) return
    this.#isWhole = true
    this.#error = undefined
    this.#ask()
  }

  fail(error: unknown): void {
    this.#error = error
    this.#ask()
  }

  #ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    this.#schedule(() => {
      this.#isAsked = false
      this.#show()
    }, this.#shown.rows.length)
  }

  #show(): void {
    const rows = this.#waiting.size === 0 ? this.#shown.rows : this.#merged()
    this.#shown = { rows, byId: this.#byId, isWhole: this.#isWhole, total: this.#total, error: this.#error }
    for (const listener of this.#listeners) listener()
  }

  #merged(): readonly Row[] {
    const rows = [...this.#shown.rows]
    for (const row of this.#waiting.values()) {
      const position = this.#positions.get(row.id)
      if (position === undefined) this.#positions.set(row.id, rows.push(row) - 1)
      else rows[position] = row
      this.#byId.set(row.id, row)
    }
    this.#waiting = new Map()
    return rows
  }
}
