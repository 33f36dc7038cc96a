import type { Answer, PostgresConnection } from './postgres-connection.ts'
import { arrayText, distinctRuns } from './postgres-sql.ts'
import type { PostgresStatements } from './postgres-statements.ts'
import { faultOf } from './postgres-errors.ts'
import type { Script, Statement, StatementResult } from './script.ts'

/** Rows in one insert of many. */
const ROWS_MAX = 1_000

type Rows = readonly (readonly unknown[])[]

interface Waiting {
  readonly table: string
  readonly rows: (readonly unknown[])[]
}

/** The types of the columns of each table, as they are named in SQL. */
export type ColumnTypes = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * Statements of one transaction on their way. They are sent without waiting for one another; answers are waited for where a script needs
 * one. In a transaction nothing after a failed statement counts, so the first failure is the one to tell.
 */
export class PostgresTransaction {
  readonly connection: PostgresConnection
  readonly #statements: PostgresStatements
  readonly #types: () => Promise<ColumnTypes>
  #sent: Promise<Answer>[] = []
  /** Rows that wait for others of their kind. */
  readonly #waiting = new Map<string, Waiting>()

  constructor(connection: PostgresConnection, statements: PostgresStatements, types: () => Promise<ColumnTypes>) {
    this.connection = connection
    this.#statements = statements
    this.#types = types
  }

  /** Sends; a failure shows when something is waited for. */
  send(sql: string): void {
    this.#keep(this.connection.run(sql))
  }

  execute(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    const answer = this.connection.execute(this.#statements.text(sql), parameters)
    this.#keep(answer)
    return answer
  }

  /** Waits for everything that was sent. */
  async settle(): Promise<void> {
    const sent = this.#sent
    this.#sent = []
    let failure: { readonly error: unknown } | undefined
    for (const result of await Promise.allSettled(sent)) {
      if (result.status === 'fulfilled') continue
      if (failure === undefined || faultOf(failure.error) === 'after failure') failure = { error: result.reason }
    }
    if (failure !== undefined) throw failure.error
  }

  async drive<T>(script: Script<T>): Promise<T> {
    let step = script.next()
    while (step.done !== true) {
      let result: StatementResult
      try {
        const { batch } = step.value
        if (batch === undefined) result = await this.#one(step.value)
        else {
          const waits = this.#add(step.value.sql, batch)
          if (waits !== undefined) await waits
          result = NOTHING
        }
      } catch (error) {
        this.#waiting.clear()
        step = script.throw(error)
        continue
      }
      step = script.next(result)
    }
    await this.#sendWaiting()
    return step.value
  }

  async #one({ sql, parameters }: Statement): Promise<StatementResult> {
    await this.#sendWaiting()
    const answer = this.execute(sql, parameters)
    await this.settle()
    const { rows, changes } = await answer
    return { rows, changes }
  }

  /** Nobody asks how many rows these change: they wait until something is asked, and those of one statement go together. */
  #add(sql: string, rows: Rows): Promise<void> | undefined {
    const table = this.#statements.table(sql)
    // Two statements that change one table keep their order.
    const isOther = [...this.#waiting].some(([other, waiting]) => waiting.table === table && other !== sql)
    if (isOther) return this.#sendWaiting().then(() => this.#add(sql, rows))
    const waiting = this.#waiting.get(sql)
    if (waiting === undefined) this.#waiting.set(sql, { table, rows: [...rows] })
    else waiting.rows.push(...rows)
    return undefined
  }

  async #sendWaiting(): Promise<void> {
    if (this.#waiting.size === 0) return
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (const [sql, { rows }] of all) await this.#sendRows(sql, rows)
  }

  async #sendRows(sql: string, rows: Rows): Promise<void> {
    const many = rows.length > 1 ? this.#statements.many(sql) : undefined
    const types = many === undefined ? undefined : (await this.#types()).get(many.table)
    if (many === undefined || types === undefined) {
      for (const parameters of rows) void this.execute(sql, parameters)
      return
    }
    const text = many.sql(many.columns.map((column) => types.get(column) ?? 'text'))
    for (const some of distinctRuns(rows, many.distinct, ROWS_MAX)) {
      void this.execute(
        text,
        many.columns.map((_, column) => arrayText(some, column)),
      )
    }
  }

  #keep(answer: Promise<Answer>): void {
    // It is waited for later, by `settle`.
    answer.catch(() => undefined)
    this.#sent.push(answer)
  }
}

const NOTHING: StatementResult = { rows: [], changes: 0 }
