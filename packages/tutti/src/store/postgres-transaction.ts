import type { Answer, PostgresConnection } from './postgres-connection.ts'
import { arrayText, distinctRuns } from './postgres-sql.ts'
import type { PostgresStatements } from './postgres-statements.ts'
import { faultOf } from './postgres-errors.ts'
import type { Script, Statement, StatementResult } from './script.ts'

/** Rows in one insert of many. */
const ROWS_MAX = 1_000

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
        result = step.value.batch === undefined ? await this.#one(step.value) : await this.#many(step.value.sql, step.value.batch)
      } catch (error) {
        step = script.throw(error)
        continue
      }
      step = script.next(result)
    }
    return step.value
  }

  async #one({ sql, parameters }: Statement): Promise<StatementResult> {
    const answer = this.execute(sql, parameters)
    await this.settle()
    const { rows, changes } = await answer
    return { rows, changes }
  }

  /** Nobody asks how many rows these change: the script goes on while they are on their way. */
  async #many(sql: string, batch: readonly (readonly unknown[])[]): Promise<StatementResult> {
    const many = batch.length > 1 ? this.#statements.many(sql) : undefined
    const types = many === undefined ? undefined : (await this.#types()).get(many.table)
    if (many === undefined || types === undefined) {
      for (const parameters of batch) void this.execute(sql, parameters)
      return NOTHING
    }
    const text = many.sql(many.columns.map((column) => types.get(column) ?? 'text'))
    for (const rows of distinctRuns(batch, many.distinct, ROWS_MAX)) {
      void this.execute(
        text,
        many.columns.map((_, column) => arrayText(rows, column)),
      )
    }
    return NOTHING
  }

  #keep(answer: Promise<Answer>): void {
    // It is waited for later, by `settle`.
    answer.catch(() => undefined)
    this.#sent.push(answer)
  }
}

const NOTHING: StatementResult = { rows: [], changes: 0 }
