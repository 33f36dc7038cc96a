import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'

/** What DuckDB may take of this machine: the months are small, and two of them may be worked on at once. */
const settings = { memory_limit: '768MB', threads: '2', preserve_insertion_order: 'false' } as const

export interface Database {
  /** Runs statements and forgets their results. */
  run(sql: string): Promise<void>
  /** Runs a query; numbers come as numbers, times as text. */
  rows<Row>(sql: string): Promise<readonly Row[]>
  /** The only row of a query that always has one. */
  row<Row>(sql: string): Promise<Row>
}

export interface OpenOptions {
  /** A file, or nothing for a database in memory. */
  readonly path?: string
  /** Where DuckDB may put what does not fit into memory. */
  readonly spill: string
  /** Interrupts the statement that runs when it aborts. */
  readonly signal?: AbortSignal
}

/** Opens a database for one piece of work and closes it afterwards. Calls with the same path in one process share the open file. */
export async function withDatabase<T>(
  { path = ':memory:', spill, signal }: OpenOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const options = { ...settings, temp_directory: spill }
  const instance = path === ':memory:' ? await DuckDBInstance.create(path, options) : await DuckDBInstance.fromCache(path, options)
  const connection = await instance.connect()
  const interrupt = (): void => connection.interrupt()
  signal?.addEventListener('abort', interrupt)
  try {
    return await work(databaseOf(connection))
  } finally {
    signal?.removeEventListener('abort', interrupt)
    connection.closeSync()
    instance.closeSync()
  }
}

/** All or nothing: commits when the work ends, rolls back when it throws. */
export async function inTransaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.run('begin')
  try {
    const result = await work()
    await database.run('commit')
    return result
  } catch (error) {
    await database.run('rollback')
    throw error
  }
}

/** Text as an SQL literal: COPY and CREATE take no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function databaseOf(connection: DuckDBConnection): Database {
  async function rows<Row>(sql: string): Promise<readonly Row[]> {
    const reader = await connection.runAndReadAll(sql)
    // The caller writes the query and its row type side by side; DuckDB has no types to offer here.
    return reader.getRowObjectsJS().map(withPlainNumbers) as Row[]
  }
  return {
    async run(sql) {
      await connection.run(sql)
    },
    rows,
    async row<Row>(sql: string) {
      const [first] = await rows<Row>(sql)
      if (first === undefined) throw new Error(`the query answered without a row: ${sql}`)
      return first
    },
  }
}

/** Counts are 64-bit in DuckDB and far below 2^53 here. */
function withPlainNumbers(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]))
}
