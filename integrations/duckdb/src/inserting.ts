// Rows of JavaScript become rows of a table: a list of structs is one parameter, unpacked by the database.
import type { DuckDBType } from '@duckdb/node-api'
import type { Connection } from './connection.ts'
import { DuckDbError } from './errors.ts'
import { common, toTyped } from './parameters.ts'
import { quoted, quotedColumn } from './sql-text.ts'

export interface InsertOptions {
  /** Types of the columns of a table that is made by this, in DuckDB's words. Others are those of the first rows. */
  readonly types?: Readonly<Record<string, string>>
  /** Rows of one statement. Default 2,000. */
  readonly batchRows?: number
  readonly signal?: AbortSignal
}

const BATCH_ROWS = 2_000

interface Inserting {
  readonly table: string
  readonly rows: Iterable<object> | AsyncIterable<object>
  readonly options: InsertOptions
  readonly signal: AbortSignal | undefined
}

export async function insertRows(connection: Connection, { table, rows, options, signal }: Inserting): Promise<number> {
  const name = quoted(table)
  const { batchRows = BATCH_ROWS, types = {} } = options
  if (!Number.isSafeInteger(batchRows) || batchRows < 1)
    throw new DuckDbError('duckdb/option', `batchRows must be a whole number from 1, not ${batchRows}`)
  let count = 0
  let batch: object[] = []
  let wholeColumns: ReadonlySet<string> | undefined

  async function send(): Promise<void> {
    if (batch.length === 0) return
    if (wholeColumns === undefined) {
      const columns = columnsOf(connection, batch, types).map(([column, type]) => `${quotedColumn(column)} ${type}`)
      await connection.run({ text: `create table if not exists ${name} (${columns.join(', ')})`, parameters: [] }, { signal })
      wholeColumns = await wholeColumnsOf(connection, name)
    }
    checkWhole(batch, count, wholeColumns)
    const select = 'select unnest(row) from (select unnest($1) as row)'
    await connection.run({ text: `insert into ${name} by name ${select}`, parameters: [batch] }, { signal })
    count += batch.length
    batch = []
  }

  for await (const row of rows) {
    batch.push(row)
    if (batch.length >= batchRows) await send()
  }
  await send()
  return count
}

function columnsOf(
  { library }: Connection,
  rows: readonly object[],
  types: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const typed = rows.map((row, index) => toTyped(library, row, `row ${index + 1}`))
  const type = common(library, typed, 'the rows')
  if (!(type instanceof library.DuckDBStructType)) throw new DuckDbError('duckdb/parameter', 'rows are objects with the columns as members')
  return type.entryNames.map((name) => [name, types[name] ?? columnType(type.typeForEntry(name))])
}

/** Of numbers that are whole so far the next may be large, and of nothing but nulls any text may follow. */
function columnType(type: DuckDBType): string {
  const text = String(type)
  return text === 'INTEGER' ? 'BIGINT' : text.replaceAll('SQLNULL', 'VARCHAR')
}

async function wholeColumnsOf(connection: Connection, name: string): Promise<ReadonlySet<string>> {
  const result = await connection.run({ text: `select * from ${name} limit 0`, parameters: [] })
  const types = result.columnTypes()
  return new Set(result.columnNames().filter((_, index) => /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(String(types[index]))))
}

/** DuckDB would round without a word. */
function checkWhole(rows: readonly object[], before: number, wholeColumns: ReadonlySet<string>): void {
  for (const [index, row] of rows.entries()) {
    for (const [column, value] of Object.entries(row)) {
      if (typeof value !== 'number' || Number.isInteger(value) || !wholeColumns.has(column)) continue
      throw new DuckDbError(
        'duckdb/parameter',
        `row ${before + index + 1}: ${value} is not whole, as column "${column}" is: types: { ${column}: 'DOUBLE' }`,
        {
          line: before + index + 1,
          column,
        },
      )
    }
  }
}
