import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sqlName } from './catalog.ts'
import type { Catalog, TableName } from './catalog.ts'
import type { Engine } from './engine.ts'
import { columnsOf, engineType, nameOf, quoteName, quoteText } from './fields.ts'
import type { Field } from './fields.ts'
import { rowProblems } from './row-checks.ts'
import type { ITableDataInsertAllRequest, ITableDataInsertAllResponse } from './wire.ts'

type Row = NonNullable<ITableDataInsertAllRequest['rows']>[number]
type Errors = NonNullable<ITableDataInsertAllResponse['insertErrors']>

/** Rows that stream into tables. An id of a row that was seen before is stored no second time. */
export class StreamedRows {
  readonly #engine: Engine
  readonly #catalog: Catalog
  readonly #folder: string
  readonly #seen = new Set<string>()

  constructor(engine: Engine, catalog: Catalog, folder: string) {
    this.#engine = engine
    this.#catalog = catalog
    this.#folder = folder
  }

  async insert(table: TableName, body: ITableDataInsertAllRequest): Promise<ITableDataInsertAllResponse> {
    const fields = (await this.#catalog.table(table)).schema?.fields ?? []
    const rows = body.rows ?? []
    const errors: Errors = rows.flatMap((row, index) => {
      const problems = rowProblems(row.json ?? {}, fields, body.ignoreUnknownValues ?? false)
      if (problems.length === 0) return []
      return [{ index, errors: problems.map(({ field, message }) => ({ reason: 'invalid', location: field, debugInfo: '', message })) }]
    })
    const bad = new Set(errors.map(({ index }) => index))
    const isRefused = bad.size > 0 && body.skipInvalidRows !== true
    if (isRefused) {
      const stopped = rows.flatMap((_, index) =>
        bad.has(index) ? [] : [{ index, errors: [{ reason: 'stopped', location: '', debugInfo: '', message: '' }] }],
      )
      return { kind: 'bigquery#tableDataInsertAllResponse', insertErrors: [...errors, ...stopped] }
    }
    await this.#store(
      table,
      fields,
      rows.filter((_, index) => !bad.has(index)),
    )
    return { kind: 'bigquery#tableDataInsertAllResponse', ...(errors.length > 0 && { insertErrors: errors }) }
  }

  async #store(table: TableName, fields: readonly Field[], rows: readonly Row[]): Promise<void> {
    const fresh = rows.filter(({ insertId }) => {
      if (insertId === undefined) return true
      const id = `${table.datasetId}.${table.tableId}.${insertId}`
      if (this.#seen.has(id)) return false
      this.#seen.add(id)
      return true
    })
    if (fresh.length === 0) return
    const file = path.join(this.#folder, randomUUID())
    await writeFile(file, fresh.map(({ json }) => JSON.stringify(json)).join('\n'))
    const columns = columnsOf(fields, (field) => (field.type === 'BYTES' ? 'VARCHAR' : engineType(field)))
    const names = fields.map((field) => quoteName(nameOf(field)))
    const values = fields.map((field, index) => (field.type === 'BYTES' ? `from_base64(${names[index]})` : names[index]))
    await this.#engine.run(
      `insert into ${sqlName(table)} (${names.join(', ')}) select ${values.join(', ')}
       from read_json(${quoteText(file)}, format = 'newline_delimited', columns = ${columns})`,
    )
    await rm(file)
  }
}
