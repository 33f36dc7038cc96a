import type { Engine } from './engine.ts'
import { engineType, fieldOf, nameOf, quoteName, quoteText } from './fields.ts'
import type { Field } from './fields.ts'
import { duplicate, invalid, notFound, Refusal } from './refusal.ts'
import type { IDataset, ITable, ITableReference } from './wire.ts'

/** One table, or one partition of it (`trips$20210131`). */
export interface TableName {
  readonly projectId: string
  readonly datasetId: string
  readonly tableId: string
  readonly partition: string | null
}

export interface Placement {
  readonly write: string
  readonly create: string
  /** The new columns of an existing table that the job may add. */
  readonly mayAddFields: boolean
  readonly schema: readonly Field[]
  /** Partitioning, clustering and so on of a table that is made. */
  readonly properties: ITable
}

/** Datasets and tables: the rows are DuckDB's, what BigQuery knows beyond it is kept beside them. */
export class Catalog {
  readonly #engine: Engine
  readonly #datasets = new Map<string, IDataset>()
  readonly #tables = new Map<string, ITable>()
  #changes = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  // ---- datasets

  datasets(): readonly IDataset[] {
    return [...this.#datasets.values()]
  }

  dataset(projectId: string, datasetId: string): IDataset {
    const dataset = this.#datasets.get(datasetId)
    if (dataset === undefined) throw notFound(`Dataset ${projectId}:${datasetId}`)
    return dataset
  }

  async createDataset(projectId: string, body: IDataset): Promise<IDataset> {
    const datasetId = body.datasetReference?.datasetId ?? ''
    if (!/^\w{1,1024}$/.test(datasetId)) throw invalid(`Invalid dataset ID "${datasetId}".`)
    if (this.#datasets.has(datasetId)) throw duplicate(`Dataset ${projectId}:${datasetId}`)
    await this.#engine.run(`create schema ${quoteName(datasetId)}`)
    const made = { ...body, kind: 'bigquery#dataset', id: `${projectId}:${datasetId}`, location: body.location ?? 'US' }
    return this.#keepDataset(datasetId, { ...made, datasetReference: { projectId, datasetId } })
  }

  changeDataset(projectId: string, datasetId: string, changes: IDataset): IDataset {
    return this.#keepDataset(datasetId, { ...this.dataset(projectId, datasetId), ...changes })
  }

  async dropDataset(
    { projectId, datasetId }: { readonly projectId: string; readonly datasetId: string },
    withTables: boolean,
  ): Promise<void> {
    this.dataset(projectId, datasetId)
    const tables = await this.tableIds(datasetId)
    if (tables.length > 0 && !withTables) throw new Refusal(400, 'resourceInUse', `Dataset ${projectId}:${datasetId} is still in use`)
    await this.#engine.run(`drop schema ${quoteName(datasetId)} cascade`)
    this.#datasets.delete(datasetId)
    for (const tableId of tables) this.#tables.delete(`${datasetId}.${tableId}`)
  }

  #keepDataset(datasetId: string, dataset: IDataset): IDataset {
    const kept = { ...dataset, etag: this.#nextEtag(), lastModifiedTime: String(Date.now()) }
    this.#datasets.set(datasetId, kept)
    return kept
  }

  // ---- tables

  async tableIds(datasetId: string): Promise<readonly string[]> {
    const rows = await this.#engine.run(
      `select table_name from information_schema.tables where table_schema = ${quoteText(datasetId)} order by 1`,
    )
    return rows.getRows().map(([name]) => String(name))
  }

  async has(table: TableName): Promise<boolean> {
    return (await this.tableIds(table.datasetId)).includes(table.tableId)
  }

  async fields(table: TableName): Promise<readonly Field[]> {
    const known = new Map((this.#tables.get(keyOf(table))?.schema?.fields ?? []).map((field) => [field.name, field]))
    const rows = await this.#engine.run(`describe ${sqlName(table)}`)
    return rows.getRows().map(([name, type]) => {
      const field = fieldOf(String(name), String(type))
      return { ...field, ...known.get(field.name), name: String(name) }
    })
  }

  async table(table: TableName): Promise<ITable> {
    if (!(await this.has(table))) throw notFound(`Table ${spelled(table)}`)
    const { projectId, datasetId, tableId } = table
    const rows = await this.#engine.value(`select count(*) from ${sqlName(table)}`)
    const fields = await this.fields(table)
    return {
      kind: 'bigquery#table',
      type: 'TABLE',
      ...this.#tables.get(keyOf(table)),
      id: `${projectId}:${datasetId}.${tableId}`,
      tableReference: { projectId, datasetId, tableId },
      schema: { fields: [...fields] },
      numRows: String(rows),
      numBytes: String(await this.sizeBytes(table)),
      location: this.#datasets.get(datasetId)?.location ?? 'US',
    }
  }

  /** As BigQuery counts: 8 bytes for numbers and times, 1 for booleans, 2 and its length for a text. */
  async sizeBytes(table: TableName): Promise<number> {
    const parts = (await this.fields(table)).map((field) => {
      if (field.type === 'STRING' && field.mode !== 'REPEATED') return `coalesce(2 + strlen(${quoteName(nameOf(field))}), 0)`
      return field.type === 'BOOLEAN' ? '1' : '8'
    })
    return Number(await this.#engine.value(`select coalesce(sum(${parts.join(' + ')}), 0) from ${sqlName(table)}`))
  }

  async createTable(table: TableName, fields: readonly Field[], properties: ITable = {}): Promise<void> {
    this.dataset(table.projectId, table.datasetId)
    if (!/^[\p{L}\p{N}_ -]{1,1024}$/u.test(table.tableId)) throw invalid(`Invalid table ID "${table.tableId}".`)
    if (await this.has(table)) throw duplicate(`Table ${spelled(table)}`)
    if (fields.length === 0) throw invalid('No schema specified on job or table.')
    const columns = fields.map((field) => `${quoteName(nameOf(field))} ${engineType(field)}${isRequired(field) ? ' not null' : ''}`)
    await this.#engine.run(`create table ${sqlName(table)} (${columns.join(', ')})`)
    this.#keepTable(table, { creationTime: String(Date.now()), ...properties, schema: { fields: [...fields] } })
  }

  /** Columns may be added and descriptions changed; what is there keeps its type. */
  async changeTable(table: TableName, changes: ITable, ifMatch: string | undefined): Promise<ITable> {
    const before = await this.table(table)
    if (ifMatch !== undefined && ifMatch !== before.etag) throw new Refusal(412, 'conditionNotMet', 'Precondition check failed.')
    const { schema, ...properties } = changes
    if (schema?.fields !== undefined) await this.#changeFields(table, schema.fields)
    const merged = { ...this.#tables.get(keyOf(table)), ...properties, ...(schema !== undefined && { schema }) }
    this.#keepTable(table, Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)))
    return this.table(table)
  }

  async #changeFields(table: TableName, fields: readonly Field[]): Promise<void> {
    const present = await this.fields(table)
    for (const field of present) {
      const next = fields.find(({ name }) => name === field.name)
      if (next === undefined)
        throw invalid(`Provided Schema does not match Table ${spelled(table)}. Field ${field.name} is missing in new schema`)
      if (engineType(next) !== engineType(field)) {
        throw invalid(
          `Provided Schema does not match Table ${spelled(table)}. Field ${field.name} has changed type from ${field.type} to ${next.type}`,
        )
      }
    }
    for (const field of fields.filter(({ name }) => present.every((known) => known.name !== name))) {
      if (isRequired(field))
        throw invalid(
          `Provided Schema does not match Table ${spelled(table)}. Cannot add required fields to an existing schema. (field: ${field.name})`,
        )
      await this.#engine.run(`alter table ${sqlName(table)} add column ${quoteName(nameOf(field))} ${engineType(field)}`)
    }
  }

  async dropTable(table: TableName): Promise<void> {
    if (!(await this.has(table))) throw notFound(`Table ${spelled(table)}`)
    await this.#engine.run(`drop table ${sqlName(table)}`)
    this.#tables.delete(keyOf(table))
  }

  #keepTable(table: TableName, properties: ITable): void {
    this.#tables.set(keyOf(table), { ...properties, etag: this.#nextEtag(), lastModifiedTime: String(Date.now()) })
  }

  #nextEtag(): string {
    this.#changes += 1
    return `etag-${this.#changes}`
  }

  // ---- rows

  /** Puts what a relation holds into a table as the dispositions of its job say, all of it or nothing. Answers how many rows. */
  async place(table: TableName, relation: string, { write, create, mayAddFields, schema, properties }: Placement): Promise<number> {
    this.dataset(table.projectId, table.datasetId)
    const isThere = await this.has(table)
    if (!isThere && create === 'CREATE_NEVER') throw notFound(`Table ${spelled(table)}`)
    if (isThere && write === 'WRITE_EMPTY' && Number(await this.#engine.value(`select count(*) from ${sqlName(table)}`)) > 0) {
      throw duplicate(`Table ${spelled(table)}`)
    }
    const before = this.#tables.get(keyOf(table))
    try {
      await this.#engine.together(async () => {
        if (isThere && write === 'WRITE_TRUNCATE') await this.#empty(table)
        if (!(await this.has(table))) await this.createTable(table, schema, { ...before, ...properties })
        else await this.#fit(table, schema, mayAddFields)
        const names = schema.map((field) => quoteName(nameOf(field))).join(', ')
        await this.#engine.run(`insert into ${sqlName(table)} (${names}) select ${names} from ${relation}`)
      })
    } catch (error) {
      if (before === undefined) this.#tables.delete(keyOf(table))
      else this.#tables.set(keyOf(table), before)
      throw error
    }
    return Number(await this.#engine.value(`select count(*) from ${relation}`))
  }

  async #empty(table: TableName): Promise<void> {
    if (table.partition === null) return this.dropTable(table)
    const field = this.#tables.get(keyOf(table))?.timePartitioning?.field
    if (field === undefined) throw invalid(`Table ${spelled(table)} is not partitioned by a column`)
    const format = ['%Y', '%Y%m', '%Y%m%d', '%Y%m%d%H'][table.partition.length / 2 - 2] ?? '%Y%m%d'
    await this.#engine.run(
      `delete from ${sqlName(table)} where strftime(${quoteName(field)}, ${quoteText(format)}) = ${quoteText(table.partition)}`,
    )
  }

  async #fit(table: TableName, schema: readonly Field[], mayAddFields: boolean): Promise<void> {
    const present = await this.fields(table)
    const added = schema.filter(({ name }) => present.every((field) => field.name !== name))
    if (added.length > 0 && !mayAddFields) {
      throw invalid(`Provided Schema does not match Table ${spelled(table)}. Cannot add fields (field: ${added[0]?.name})`)
    }
    for (const field of schema) {
      const known = present.find(({ name }) => name === field.name)
      if (known !== undefined && engineType(known) !== engineType(field)) {
        throw invalid(
          `Provided Schema does not match Table ${spelled(table)}. Field ${field.name} has changed type from ${known.type} to ${field.type}`,
        )
      }
    }
    if (added.length > 0) {
      await this.#changeFields(table, [...present, ...added])
      this.#keepTable(table, { ...this.#tables.get(keyOf(table)), schema: { fields: [...present, ...added] } })
    }
  }
}

export function tableName(projectId: string, { datasetId = '', tableId = '' }: ITableReference): TableName {
  const [name = '', partition = null] = tableId.split('$')
  return { projectId, datasetId, tableId: name, partition }
}

export const sqlName = ({ datasetId, tableId }: TableName): string => `${quoteName(datasetId)}.${quoteName(tableId)}`
export const spelled = ({ projectId, datasetId, tableId }: TableName): string => `${projectId}:${datasetId}.${tableId}`
export const isRequired = (field: Field): boolean => field.mode?.toUpperCase() === 'REQUIRED'
const keyOf = ({ datasetId, tableId }: TableName): string => `${datasetId}.${tableId}`
