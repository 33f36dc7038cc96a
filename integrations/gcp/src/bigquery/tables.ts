import type { Dataset, Table } from '@google-cloud/bigquery'
import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import type { Connection } from './connection.ts'
import { tableConsoleLink } from './console-link.ts'
import { bigQueryError } from './errors.ts'
import { isStatus } from './failures.ts'
import { fieldsOf } from './schema.ts'
import type { Schema } from './schema.ts'
import { readTableName, spellTable } from './table-name.ts'
import type { TableName } from './table-name.ts'
import { clusteringOf, partitioningOf } from './table-options.ts'
import type { TableLayout } from './table-options.ts'
import type { DatasetResource, Field, TableResource } from './wire.ts'

export interface DatasetOptions {
  /** Where its tables lie. Default: the location of the client, else US. It cannot be changed. */
  readonly location?: string | undefined
  readonly description?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Tables that are made in it are dropped after so long, unless they say otherwise. */
  readonly tablesExpireAfter?: Duration | undefined
  /** Default `keep`: what is there stays as it is. */
  readonly ifExists?: 'keep' | 'fail' | undefined
}

export interface TableOptions extends TableLayout {
  readonly schema: Schema
  readonly description?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly expiresAfter?: Duration | undefined
  /** Default `keep`: what is there stays as it is. */
  readonly ifExists?: 'keep' | 'fail' | undefined
}

/** What is changed about a table; what is left out stays, and `null` takes away. */
export interface TableChanges {
  /** Columns that it lacks. They must not be NOT NULL: there are rows without them. */
  readonly addColumns?: Schema | undefined
  readonly description?: string | null | undefined
  readonly labels?: Readonly<Record<string, string | null>> | undefined
  readonly expiresAfter?: Duration | null | undefined
}

export interface TableInfo {
  readonly name: string
  readonly columns: readonly Field[]
  readonly rows: number
  readonly bytes: number
  readonly description: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly expiresAt: Date | null
  /** The column it is partitioned by, if it is. */
  readonly partitionedBy: string | null
  readonly clusteredBy: readonly string[]
  readonly location: string
  readonly consoleUrl: string
}

const TABLES_MAX = 1_000
/** How often a change is made anew because somebody else has changed the table at the same time. */
const CHANGES_MAX = 5

/** Datasets and tables themselves. */
export class Tables {
  readonly #connection: Connection
  readonly #dataset: string | undefined

  constructor(connection: Connection, dataset: string | undefined) {
    this.#connection = connection
    this.#dataset = dataset
  }

  async name(table: string): Promise<TableName> {
    return readTableName(table, { project: await this.#connection.projectId(), dataset: this.#dataset })
  }

  async createDataset(name: string, options: DatasetOptions): Promise<boolean> {
    const { description, labels, tablesExpireAfter, ifExists = 'keep', location = this.#connection.location } = options
    const resource: DatasetResource = {
      ...(location !== undefined && { location }),
      ...(description !== undefined && { description }),
      ...(labels !== undefined && { labels: { ...labels } }),
      ...(tablesExpireAfter !== undefined && { defaultTableExpirationMs: String(parseDuration(tablesExpireAfter, 'tablesExpireAfter')) }),
    }
    return unless(409, ifExists === 'keep', () =>
      this.#connection.ask(`the dataset ${name} could not be created`, (client) => client.createDataset(name, resource)),
    )
  }

  async dropDataset(name: string, { withTables = false, ifMissing = 'ignore' }: DropDatasetOptions): Promise<boolean> {
    return unless(404, ifMissing === 'ignore', () =>
      this.#onDataset(name, `the dataset ${name} could not be dropped`, (dataset) => dataset.delete({ force: withTables })),
    )
  }

  datasetExists(name: string): Promise<boolean> {
    return unless(404, true, () => this.#onDataset(name, `the dataset ${name} could not be read`, (dataset) => dataset.getMetadata()))
  }

  async listTables(dataset: string | undefined): Promise<readonly string[]> {
    const name = dataset ?? this.#dataset
    if (name === undefined) throw bigQueryError('BIGQUERY_INVALID', 'tables of which dataset? Name it, or give the client a `dataset`')
    const [tables] = await this.#onDataset(name, `the tables of ${name} could not be listed`, (found) =>
      found.getTables({ maxResults: TABLES_MAX, autoPaginate: false }),
    )
    return tables.map(({ id }) => id ?? '')
  }

  async createTable(text: string, options: TableOptions): Promise<boolean> {
    const name = await this.name(text)
    const { schema, description, labels, expiresAfter, ifExists = 'keep' } = options
    const resource = {
      schema: { fields: fieldsOf(schema) },
      ...(description !== undefined && { description }),
      ...(labels !== undefined && { labels: { ...labels } }),
      ...(expiresAfter !== undefined && { expirationTime: expirationTime(expiresAfter) }),
      ...partitioningOf(options),
      ...clusteringOf(options),
    }
    return unless(409, ifExists === 'keep', () =>
      this.#onDataset(
        name.dataset,
        `the table ${spellTable(name)} could not be created`,
        (dataset) => dataset.createTable(name.table, resource),
        name.project,
      ),
    )
  }

  async alterTable(text: string, changes: TableChanges): Promise<TableInfo> {
    const name = await this.name(text)
    const what = `the table ${spellTable(name)} could not be changed`
    for (let tries = 1; ; tries += 1) {
      const before = await this.#read(name)
      try {
        const patch = { ...patchOf(before, changes), ...(before.etag !== undefined && { etag: before.etag }) }
        // Google's types know no null, which takes away.
        await this.#onTable(name, what, (table) => table.setMetadata(patch as object))
        return infoOf(name, await this.#read(name))
      } catch (error) {
        if (!isStatus(error, 412) || tries >= CHANGES_MAX) throw error
      }
    }
  }

  async dropTable(text: string, { ifMissing = 'ignore' }: DropOptions): Promise<boolean> {
    const name = await this.name(text)
    return unless(404, ifMissing === 'ignore', () =>
      this.#onTable(name, `the table ${spellTable(name)} could not be dropped`, (table) => table.delete()),
    )
  }

  async tableExists(text: string): Promise<boolean> {
    const name = await this.name(text)
    return unless(404, true, () => this.#read(name))
  }

  async describeTable(text: string): Promise<TableInfo> {
    const name = await this.name(text)
    return infoOf(name, await this.#read(name))
  }

  async #read(name: TableName): Promise<TableResource> {
    const [resource] = await this.#onTable(name, `the table ${spellTable(name)} could not be read`, (table) => table.getMetadata())
    return resource as TableResource // as the API documents it
  }

  #onTable<T>(name: TableName, what: string, act: (table: Table) => Promise<T>): Promise<T> {
    // A partition is a part of its table.
    const [table = ''] = name.table.split('$')
    return this.#onDataset(name.dataset, what, (dataset) => act(dataset.table(table)), name.project)
  }

  #onDataset<T>(name: string, what: string, act: (dataset: Dataset) => Promise<T>, project?: string): Promise<T> {
    return this.#connection.ask(what, (client) => act(client.dataset(name, { ...(project !== undefined && { projectId: project }) })))
  }
}

export interface DropOptions {
  readonly ifMissing?: 'ignore' | 'fail' | undefined
}

export interface DropDatasetOptions extends DropOptions {
  /** Its tables are dropped with it; without it a dataset that has any is refused. */
  readonly withTables?: boolean | undefined
}

/** Whether it was done; `false` where it answered what is expected. */
async function unless(status: number, isExpected: boolean, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (isExpected && isStatus(error, status)) return false
    throw error
  }
}

function patchOf(
  before: TableResource,
  { addColumns, description, labels, expiresAfter }: TableChanges,
): Readonly<Record<string, unknown>> {
  const present = before.schema?.fields ?? []
  const added = addColumns === undefined ? [] : fieldsOf(addColumns).filter(({ name }) => present.every((field) => field.name !== name))
  return {
    ...(added.length > 0 && { schema: { fields: [...present, ...added] } }),
    ...(description !== undefined && { description }),
    ...(labels !== undefined && { labels }),
    ...(expiresAfter !== undefined && { expirationTime: expiresAfter === null ? null : expirationTime(expiresAfter) }),
  }
}

function expirationTime(after: Duration): string {
  return String(Date.now() + parseDuration(after, 'expiresAfter'))
}

function infoOf(name: TableName, resource: TableResource): TableInfo {
  const { schema, numRows, numBytes, description, labels = {}, expirationTime: expires, timePartitioning, clustering, location } = resource
  return {
    name: spellTable(name),
    columns: schema?.fields ?? [],
    rows: Number(numRows ?? 0),
    bytes: Number(numBytes ?? 0),
    description: description ?? null,
    labels,
    expiresAt: expires === undefined ? null : new Date(Number(expires)),
    partitionedBy: timePartitioning === undefined ? null : (timePartitioning.field ?? '_PARTITIONTIME'),
    clusteredBy: clustering?.fields ?? [],
    location: location ?? '',
    consoleUrl: tableConsoleLink(name),
  }
}
