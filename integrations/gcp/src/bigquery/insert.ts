import { createHash } from 'node:crypto'
import type { Connection } from './connection.ts'
import { RowsRefusedError } from './errors.ts'
import { jobIdentity, stopSignal } from './job-identity.ts'
import { jsonRow, jsonText } from './json-values.ts'
import { describeRows } from './row-errors.ts'
import type { RowError } from './row-errors.ts'
import { spellTable } from './table-name.ts'
import type { TableName } from './table-name.ts'

export type InsertRow = Readonly<Record<string, unknown>>

export interface InsertOptions {
  /** Names each row: one that is inserted again under the same name within a minute or so is not inserted twice. Default: the call of the run and which row it is. */
  readonly id?: ((row: InsertRow, index: number) => string) | undefined
  /** Names the call instead of its table, see `key` of jobs. */
  readonly key?: string | undefined
  /** The good rows of a batch are inserted although others of it are refused; those are told at the end. */
  readonly skipInvalidRows?: boolean | undefined
  /** Values without a column are left out; without it they are errors. */
  readonly ignoreUnknownValues?: boolean | undefined
  /** Rows of one request. Default 500, which is what Google recommends. */
  readonly batchRows?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface InsertSummary {
  readonly table: string
  readonly rows: number
  /** Rows that were left out, with `skipInvalidRows`. */
  readonly badRows: readonly RowError[]
}

const BATCH_ROWS = 500
/** A request may have 10 MB. */
const BATCH_MAX_BYTES = 5_000_000

interface NamedRow {
  readonly insertId: string
  readonly json: InsertRow
}

interface Batch {
  /** Of its first row. */
  readonly start: number
  readonly rows: NamedRow[]
}

/** Streams rows into a table, a batch at a time. The ids of rows follow from the run: what is tried again is not inserted twice. */
export async function insert(
  connection: Connection,
  { table, rows }: { readonly table: TableName; readonly rows: Iterable<InsertRow> | AsyncIterable<InsertRow> },
  options: InsertOptions,
): Promise<InsertSummary> {
  const signal = stopSignal(options.signal)
  const { base } = jobIdentity('insert', options.key ?? spellTable(table))
  const name = options.id ?? ((row: InsertRow, index: number) => rowId(base, row, index))
  const badRows: RowError[] = []
  let inserted = 0
  for await (const batch of batches(rows, { name, rowsMax: options.batchRows ?? BATCH_ROWS })) {
    const refused = await insertBatch(connection, { table, batch, options, signal })
    if (refused.length > 0 && options.skipInvalidRows !== true) {
      const before = inserted === 0 ? '' : `; the ${inserted} rows before them are inserted`
      throw new RowsRefusedError(`rows for ${spellTable(table)} were refused${before}\n${describeRows(refused)}`, refused)
    }
    badRows.push(...refused)
    inserted += batch.rows.length - new Set(refused.map(({ row }) => row)).size
  }
  return { table: spellTable(table), rows: inserted, badRows }
}

/** The row itself is in it: should an attempt give other rows, none of them is taken for one that is there. */
function rowId(base: string, row: InsertRow, index: number): string {
  const hash = createHash('sha256').update(`${base}\n${index}\n${jsonText(row)}`)
  return `tutti-${hash.digest('base64url')}`
}

async function* batches(
  rows: Iterable<InsertRow> | AsyncIterable<InsertRow>,
  { name, rowsMax }: { readonly name: (row: InsertRow, index: number) => string; readonly rowsMax: number },
): AsyncGenerator<Batch> {
  let index = 0
  let bytes = 0
  let batch: Batch = { start: 0, rows: [] }
  for await (const row of rows) {
    const json = jsonRow(row)
    const size = JSON.stringify(json).length
    if (batch.rows.length >= rowsMax || (batch.rows.length > 0 && bytes + size > BATCH_MAX_BYTES)) {
      yield batch
      batch = { start: index, rows: [] }
      bytes = 0
    }
    batch.rows.push({ insertId: name(row, index), json })
    bytes += size
    index += 1
  }
  if (batch.rows.length > 0) yield batch
}

interface BatchInsert {
  readonly table: TableName
  readonly batch: Batch
  readonly options: InsertOptions
  readonly signal: AbortSignal | undefined
}

async function insertBatch(connection: Connection, { table, batch, options, signal }: BatchInsert): Promise<readonly RowError[]> {
  const { skipInvalidRows = false, ignoreUnknownValues = false } = options
  return connection.ask(
    `rows could not be inserted into ${spellTable(table)}`,
    async (client) => {
      const target = client.dataset(table.dataset, { projectId: table.project }).table(table.table)
      try {
        await target.insert(batch.rows, { raw: true, partialRetries: 0, skipInvalidRows, ignoreUnknownValues })
        return []
      } catch (error) {
        const refused = refusedRows(error, batch.start)
        if (refused.length === 0) throw error
        return refused
      }
    },
    signal,
  )
}

interface InsertAnswer {
  readonly insertErrors?: readonly {
    readonly index?: number
    readonly errors?: readonly { readonly reason?: string; readonly location?: string; readonly message?: string }[]
  }[]
}

/** Rows that were only left out because of others are not among them. */
function refusedRows(error: unknown, start: number): readonly RowError[] {
  const { response } = error as { response?: InsertAnswer } // Google's client hands on the answer with its error
  return (response?.insertErrors ?? []).flatMap(({ index = 0, errors = [] }) =>
    errors
      .filter(({ reason }) => reason !== 'stopped')
      .map(({ location, message }) => ({
        file: null,
        line: null,
        row: start + index,
        byteOffset: null,
        column: location === undefined || location === '' ? null : location,
        value: null,
        message: message ?? '',
      })),
  )
}
