import type { DuckDBMaterializedResult } from '@duckdb/node-api'
import type { Connection, OnProgress } from './connection.ts'
import { DuckDbError } from './errors.ts'
import type { Parameters } from './parameters.ts'
import { signalOf } from './run-signal.ts'
import { quoted } from './sql-text.ts'
import type { SqlParts } from './sql-text.ts'
import { isSchema } from './standard-schema.ts'
import type { SchemaIssue, StandardSchema } from './standard-schema.ts'
import { converterOf } from './values.ts'
import type { ValueOptions } from './values.ts'

/** A row when its type is not told. */
export type AnyRow = Record<string, unknown>

export interface RowsOptions {
  /** More rows are an error: they would all be in memory. Default a million. */
  readonly rowsMax?: number
  /** Ends the statement. The signal of the run that this code is in does so too. */
  readonly signal?: AbortSignal
  /** Told four times a second while the statement runs. */
  readonly onProgress?: OnProgress
}

export interface StreamOptions extends Omit<RowsOptions, 'rowsMax'> {
  /** Rows in memory at once. Default 10,000. */
  readonly chunkRows?: number
}

const ROWS_MAX = 1_000_000
const CHUNK_ROWS = 10_000
const ISSUES_SHOWN = 3

/**
 * A statement that has not run yet: `rows()`, `row()`, `value()`, `stream()`, `chunks()` or `run()` runs it. Awaiting it is `rows()`.
 * Within a template it stands for its own text and parameters.
 */
export class Query<Row = AnyRow> implements PromiseLike<readonly Row[]> {
  readonly text: string
  readonly parameters: Parameters
  readonly #connection: Connection
  readonly #values: ValueOptions

  constructor(
    connection: Connection,
    values: ValueOptions,
    { text, parameters }: { readonly text: string; readonly parameters: Parameters },
  ) {
    this.#connection = connection
    this.#values = values
    this.text = text
    this.parameters = parameters
  }

  /** Every row. With a schema each is checked, and what the schema makes of it is what comes back. */
  rows<Output>(schema: StandardSchema<Output>, options?: RowsOptions): Promise<Output[]>
  rows<Type = Row>(options?: RowsOptions): Promise<Type[]>
  async rows(first?: StandardSchema | RowsOptions, second?: RowsOptions): Promise<unknown[]> {
    const [schema, options = {}] = isSchema(first) ? [first, second] : [undefined, first]
    const result = await this.#run(options)
    const rowsMax = options.rowsMax ?? ROWS_MAX
    if (result.rowCount > rowsMax)
      throw new DuckDbError('duckdb/too-many-rows', `the query answered ${result.rowCount} rows, and at most ${rowsMax} are taken`)
    const rows = toRows(this.#connection, this.#values, result)
    return schema === undefined ? rows : await checked(schema, rows, 0)
  }

  /** The only row: fewer or more are an error. */
  row<Output>(schema: StandardSchema<Output>, options?: RowsOptions): Promise<Output>
  row<Type = Row>(options?: RowsOptions): Promise<Type>
  async row(first?: StandardSchema | RowsOptions, second?: RowsOptions): Promise<unknown> {
    const rows = isSchema(first) ? await this.rows(first, second) : await this.rows(first)
    if (rows.length !== 1)
      throw new DuckDbError('duckdb/row', `one row was expected, and the query answered ${rows.length}: ${this.text.trim()}`)
    return rows[0]
  }

  /** The only value of the only row. */
  async value<Value = unknown>(options?: RowsOptions): Promise<Value> {
    const values = Object.values(await this.row<AnyRow>(options))
    if (values.length !== 1)
      throw new DuckDbError('duckdb/row', `one column was expected, and the query answered ${values.length}: ${this.text.trim()}`)
    return values[0] as Value // the caller writes the query and its type side by side
  }

  /**
   * The rows one by one, a part of them in memory at a time. The answer is put together first and waits in the database, on its disk if it is
   * large: an error comes before the first row, and other statements may run in between.
   */
  stream<Output>(schema: StandardSchema<Output>, options?: StreamOptions): AsyncIterableIterator<Output>
  stream<Type = Row>(options?: StreamOptions): AsyncIterableIterator<Type>
  stream(first?: StandardSchema | StreamOptions, second?: StreamOptions): AsyncIterableIterator<unknown> {
    return oneByOne(isSchema(first) ? this.chunks(first, second) : this.chunks<unknown>(first))
  }

  /** As `stream()`, by lists of rows. */
  chunks<Output>(schema: StandardSchema<Output>, options?: StreamOptions): AsyncGenerator<Output[], void, undefined>
  chunks<Type = Row>(options?: StreamOptions): AsyncGenerator<Type[], void, undefined>
  async *chunks(first?: StandardSchema | StreamOptions, second?: StreamOptions): AsyncGenerator<unknown[], void, undefined> {
    const [schema, options = {}] = isSchema(first) ? [first, second] : [undefined, first]
    const signal = signalOf(options.signal)
    const chunkRows = options.chunkRows ?? CHUNK_ROWS
    if (!Number.isSafeInteger(chunkRows) || chunkRows < 1)
      throw new DuckDbError('duckdb/option', `chunkRows must be a whole number from 1, not ${chunkRows}`)
    // The streams of DuckDB's C interface end without a word when the query fails half-way: here it has ended before the first row is read.
    const table = quoted(`tutti_stream_${crypto.randomUUID().replaceAll('-', '')}`)
    const made = await this.#connection.run(
      { text: `create temp table ${table} as ${withoutEnd(this.text)}`, parameters: this.parameters },
      { ...options, signal },
    )
    const count = Number(made.getChunk(0).getColumnValues(0)[0])
    try {
      const empty = await this.#connection.run({ text: `select * from ${table} limit 0`, parameters: [] }, { signal })
      const hasOwnRowid = empty.columnNames().some((name) => name.toLowerCase() === 'rowid')
      for (let seen = 0; seen < count; seen += chunkRows) {
        // Rows of a new table are numbered without a gap, and found by their number at once.
        const part = hasOwnRowid ? `limit ${chunkRows} offset ${seen}` : `where rowid >= ${seen} and rowid < ${seen + chunkRows}`
        const text = `select * from ${table} ${part}`
        const rows = toRows(this.#connection, this.#values, await this.#connection.run({ text, parameters: [] }, { signal }))
        if (rows.length !== Math.min(chunkRows, count - seen))
          throw new DuckDbError('duckdb/failed', `rows ${seen + 1} to ${seen + chunkRows} of ${count} could not be read`)
        yield schema === undefined ? rows : await checked(schema, rows, seen)
      }
    } finally {
      await this.#connection.run({ text: `drop table if exists ${table}`, parameters: [] }).catch(ignoreEnded)
    }
  }

  /** Runs it for what it does. Answers with the number of rows that it wrote or removed. */
  async run(options: Omit<RowsOptions, 'rowsMax'> = {}): Promise<{ readonly rowsChanged: number }> {
    const result = await this.#run(options)
    return { rowsChanged: result.rowsChanged === 0 ? countOf(result) : result.rowsChanged }
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a statement that is awaited without `.run()` would otherwise never run, without a word
  then<A = readonly Row[], B = never>(
    onDone?: ((rows: readonly Row[]) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.rows<Row>().then(onDone, onFailed)
  }

  async #run(options: Omit<RowsOptions, 'rowsMax'>): Promise<DuckDBMaterializedResult> {
    return await this.#connection.run(this, { ...options, signal: signalOf(options.signal) })
  }
}

/** What `create table … as` tells, which DuckDB does not count as changes. */
function countOf(result: DuckDBMaterializedResult): number {
  return result.rowCount === 1 && result.columnNames().join() === 'Count' ? Number(result.getChunk(0).getColumnValues(0)[0]) : 0
}

/** The parts of a query within another one. */
export function partsOfQuery(value: unknown): SqlParts | undefined {
  if (!(value instanceof Query)) return undefined
  const { text, parameters } = value
  if (!Array.isArray(parameters) || /\?/.test(text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '')))
    throw new DuckDbError('duckdb/parameter', `a query within another has its parameters by ${'`${…}`'} or $1, $2: ${text.trim()}`)
  return { text: withoutEnd(text), values: parameters as readonly unknown[] } // of the type of parameters that are no record
}

export function withoutEnd(text: string): string {
  return text.trim().replace(/(?:\s*;)+$/, '')
}

/** A stream that ends because its database was closed has nothing left to remove. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof DuckDbError && error.code === 'duckdb/closed')) throw error
}

function toRows({ library }: Connection, values: ValueOptions, result: DuckDBMaterializedResult): AnyRow[] {
  const names = result.deduplicatedColumnNames()
  const types = result.columnTypes()
  const converters = names.map((name, index) => converterOf(library, types[index]!, values, name))
  const rows: AnyRow[] = []
  for (let number = 0; number < result.chunkCount; number += 1) {
    const chunk = result.getChunk(number)
    const columns = converters.map((convert, index) => chunk.getColumnValues(index).map(convert))
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const object: AnyRow = {}
      for (let column = 0; column < names.length; column += 1) object[names[column]!] = columns[column]![row]
      rows.push(object)
    }
  }
  return rows
}

async function checked(schema: StandardSchema, rows: readonly unknown[], before: number): Promise<unknown[]> {
  const out: unknown[] = []
  for (const [index, row] of rows.entries()) {
    const answer = await schema['~standard'].validate(row)
    if (answer.issues !== undefined) throw badRow(before + index + 1, answer.issues)
    out.push(answer.value)
  }
  return out
}

function badRow(number: number, issues: readonly SchemaIssue[]): DuckDbError {
  const told = issues.slice(0, ISSUES_SHOWN).map(({ path, message }) => `${pathText(path)}${message}`)
  const more = issues.length > ISSUES_SHOWN ? `; and ${issues.length - ISSUES_SHOWN} more` : ''
  const [first] = issues
  const column = first?.path === undefined ? '' : pathText(first.path.slice(0, 1)).replace(/: $/, '')
  return new DuckDbError('duckdb/row', `row ${number} is not as the schema says: ${told.join('; ')}${more}`, {
    line: number,
    ...(column !== '' && { column }),
  })
}

function pathText(path: SchemaIssue['path']): string {
  if (path === undefined || path.length === 0) return ''
  return `${path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}: `
}

/** An async generator would wait three times for each row; a million rows would take seconds. */
function oneByOne<T>(chunks: AsyncGenerator<T[], void, undefined>): AsyncIterableIterator<T> {
  let rows: readonly T[] = []
  let at = 0
  async function nextChunk(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const next = await chunks.next()
      if (next.done === true) return { done: true, value: undefined }
      if (next.value.length === 0) continue
      rows = next.value
      at = 1
      return { done: false, value: rows[0]! }
    }
  }
  return {
    next: () => (at < rows.length ? Promise.resolve({ done: false, value: rows[at++]! }) : nextChunk()),
    async return() {
      rows = []
      await chunks.return()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
