import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBResultReader, DuckDBType, DuckDBValue } from '@duckdb/node-api'

export interface Bound {
  readonly values: DuckDBValue[] | Record<string, DuckDBValue>
  readonly types: DuckDBType[] | Record<string, DuckDBType>
}

const MACROS = [
  'current_datetime() as now()::timestamp',
  'safe_divide(a, b) as case when b = 0 then null else a / b end',
  'countif(c) as count(*) filter (where c)',
  'generate_uuid() as uuid()::varchar',
  'format_date(f, d) as strftime(d, f)',
  'format_timestamp(f, t) as strftime(t, f)',
  'farm_fingerprint(s) as (hash(s)::hugeint - 9223372036854775808)::bigint',
  'generate_array(a, b) as range(a, b + 1)',
]

/** DuckDB in memory with one connection: whoever needs more than one statement to be together asks for `alone`. */
export class Engine {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  static async open(): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    const engine = new Engine(instance, await instance.connect())
    await engine.run("set timezone = 'UTC'")
    await engine.run('create type FLOAT64 as DOUBLE')
    for (const macro of MACROS) await engine.run(`create macro ${macro}`)
    return engine
  }

  /** Runs after everything that asked before, and nothing else runs meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  run(sql: string, bound?: Bound): Promise<DuckDBResultReader> {
    return this.#connection.runAndReadAll(sql, bound?.values, bound?.types)
  }

  /** The first column of the first row. */
  async value(sql: string): Promise<DuckDBValue> {
    return (await this.run(sql)).getRows()[0]?.[0] ?? null
  }

  /** All of it, or nothing. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    await this.run('begin')
    try {
      const result = await work()
      await this.run('commit')
      return result
    } catch (error) {
      await this.run('rollback')
      throw error
    }
  }

  /** Names and types of what a statement would answer; throws what is wrong with it. */
  async describe(sql: string): Promise<readonly (readonly [name: string, type: string])[]> {
    const statement = await this.#connection.prepare(sql)
    try {
      return Array.from({ length: statement.columnCount }, (_, index) => [statement.columnName(index), String(statement.columnType(index))])
    } finally {
      statement.destroySync()
    }
  }

  tableNames(sql: string): readonly string[] {
    return this.#connection.getTableNames(sql, true)
  }

  /** Ends the statement that is running. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}
