/** One SQL statement on its way to a database. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** Whether rows are wanted; a statement without them only tells how many rows it changed. */
  readonly rows: boolean
  /** Instead of `parameters`: those of many executions, one after the other. Changes are not counted. */
  readonly batch?: readonly (readonly unknown[])[]
}

export interface StatementResult {
  readonly rows: readonly Row[]
  readonly changes: number
}

export type Row = Readonly<Record<string, unknown>>

/**
 * The body of a transaction: it yields statements and is sent their results. An embedded database runs it to its end without ever
 * yielding to other code; a remote one awaits each statement. The same body serves both.
 */
export type Script<T> = Generator<Statement, T, StatementResult>
