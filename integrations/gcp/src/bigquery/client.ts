import type { BigQuery as GoogleBigQuery } from '@google-cloud/bigquery'
import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import { accessTo } from '../credentials.ts'
import type { GoogleCredentials } from '../credentials.ts'
import { endpointOf } from '../endpoints.ts'
import type { EndpointOptions } from '../endpoints.ts'
import { Bucket } from '../storage/bucket.ts'
import { Connection } from './connection.ts'
import { bigQueryError } from './errors.ts'
import { estimate } from './estimate.ts'
import type { Estimate, EstimateOptions } from './estimate.ts'
import { extract } from './extract.ts'
import type { ExtractOptions, ExtractSummary } from './extract.ts'
import { insert } from './insert.ts'
import type { InsertOptions, InsertRow, InsertSummary } from './insert.ts'
import { load } from './load.ts'
import type { LoadOptions, LoadSummary } from './load.ts'
import { query } from './query.ts'
import type { QueryOptions, QueryResult } from './query.ts'
import { recordLoad, recordQuery } from './record.ts'
import type { Recording } from './record.ts'
import { readPauses } from './retries.ts'
import type { PauseOptions, Pauses } from './retries.ts'
import type { RowSchema } from './row-schema.ts'
import type { LoadSource } from './sources.ts'
import { spellTable } from './table-name.ts'
import type { TableName } from './table-name.ts'
import { Tables } from './tables.ts'
import type { DatasetOptions, DropDatasetOptions, DropOptions, TableChanges, TableInfo, TableOptions } from './tables.ts'

export interface BigQueryFields extends EndpointOptions {
  /** Default: those of the machine. */
  readonly credentials?: GoogleCredentials | undefined
  /** The project whose jobs they are, and who pays; else that of the credentials. */
  readonly project?: string | undefined
  /** Where tables without a dataset are. */
  readonly dataset?: string | undefined
  /** Where jobs run, as `EU` or `europe-west3`. Default: BigQuery finds it from the tables. */
  readonly location?: string | undefined
  /** Address of an emulator of Cloud Storage, which lines of bad rows are looked up in; `STORAGE_EMULATOR_HOST` says the same. */
  readonly storageEmulator?: string | undefined
  /** A query that would be billed for more bytes fails, and costs nothing. A call may say another limit. */
  readonly maximumBytesBilled?: number | undefined
  /** How long is waited between two looks at a job: from 100 ms, growing to 5 s. */
  readonly poll?: PauseOptions | undefined
  /** How long is waited before a request or a job that failed of something that passes is tried again: from 500 ms, growing to 15 s; 6 tries. */
  readonly retry?: (PauseOptions & { readonly tries?: number | undefined }) | undefined
  /** Within it a request must be answered, or it is made again. Default 2 minutes. */
  readonly requestTimeout?: Duration | undefined
  /** The pieces that local files are uploaded in; each is held in memory. A multiple of 256 KiB, default 8 MiB. */
  readonly pieceBytes?: number | undefined
  /** Where the costs of jobs that a run starts are kept: `artifact` (default), `log` or `none`. */
  readonly record?: Recording | undefined
}

const POLL: Pauses = { firstMs: 100, longestMs: 5_000 }
const RETRY: Pauses = { firstMs: 500, longestMs: 15_000 }
const TRIES = 6
const REQUEST_TIMEOUT_MS = 120_000
/** What the service asks for. */
const PIECE_BYTES_UNIT = 256 * 1024
const PIECE_BYTES = 8 * 1024 * 1024

/** Loads, queries and changes tables. Jobs that it starts in a run are found again by the next attempt of the run: nothing is loaded twice. */
export class BigQueryClient {
  readonly #fields: BigQueryFields
  readonly #connection: Connection
  readonly #tables: Tables
  readonly #pauses: Pauses
  readonly #recording: Recording

  constructor(fields: BigQueryFields = {}) {
    const {
      credentials,
      location,
      poll,
      retry,
      project,
      record = 'artifact',
      requestTimeout = REQUEST_TIMEOUT_MS,
      pieceBytes = PIECE_BYTES,
    } = fields
    if (!Number.isInteger(pieceBytes) || pieceBytes < PIECE_BYTES_UNIT || pieceBytes % PIECE_BYTES_UNIT !== 0) {
      throw bigQueryError('BIGQUERY_INVALID', `pieceBytes: ${pieceBytes} is not a multiple of 256 KiB`)
    }
    const access = accessTo(endpointOf('bigquery', fields), credentials)
    const timeoutMs = parseDuration(requestTimeout, 'requestTimeout')
    const rules = { triesMax: retry?.tries ?? TRIES, timeoutMs, pauses: readPauses(retry, 'retry', RETRY) }
    this.#fields = fields
    this.#pauses = readPauses(poll, 'poll', POLL)
    this.#recording = record
    this.#connection = new Connection(project === undefined ? access : { ...access, projectId: async () => project }, {
      location,
      rules,
      pieceBytes,
    })
    this.#tables = new Tables(this.#connection, fields.dataset)
  }

  projectId(): Promise<string> {
    return this.#connection.projectId()
  }

  /** Google's own client, for what is not offered here. */
  client(): Promise<GoogleBigQuery> {
    return this.#connection.client()
  }

  /**
   * Loads rows into a table and waits until they are there. In a run, a load is done once however often the run is tried again.
   *
   * Throws `gcp/BIGQUERY_ROWS_REFUSED` with the file and line of what could not be read; then nothing was loaded.
   */
  async load(table: string, source: LoadSource, options: LoadOptions = {}): Promise<LoadSummary> {
    const { credentials, storageEmulator } = this.#fields
    const openBucket = (bucket: string): Bucket => new Bucket({ bucket, credentials, emulator: storageEmulator })
    const exists = (name: TableName): Promise<boolean> => this.#tables.tableExists(spellTable(name))
    const request = { table: await this.#tables.name(table), source, pauses: this.#pauses, openBucket, exists }
    const summary = await load(this.#connection, request, options)
    const { expiresAfter } = options
    if (expiresAfter !== undefined) await this.#tables.alterTable(table, { expiresAfter })
    await recordLoad(summary, options.record ?? this.#recording)
    return summary
  }

  /**
   * Runs a statement and waits for its end; rows are fetched as they are gone through.
   *
   * @example
   * const trips = await bigquery.query<{ day: string; n: number }>('SELECT … WHERE day >= @from', { params: { from }, types: { from: 'DATE' } })
   * for await (const { day, n } of trips) …
   */
  query<Row>(sql: string, options: QueryOptions & { readonly schema: RowSchema<Row> }): Promise<QueryResult<Row>>
  query<Row = Record<string, unknown>>(sql: string, options?: QueryOptions): Promise<QueryResult<Row>>
  async query<Row>(sql: string, options: QueryOptions & { readonly schema?: RowSchema<Row> } = {}): Promise<QueryResult<Row>> {
    const { schema, ...given } = options
    const { maximumBytesBilled = this.#fields.maximumBytesBilled, dataset = this.#fields.dataset } = given
    const destination = given.destination === undefined ? undefined : await this.#tables.name(given.destination.table)
    const request = { sql, options: { ...given, maximumBytesBilled, dataset }, schema, destination, pauses: this.#pauses }
    const result = await query(this.#connection, request)
    await recordQuery(result.summary, given.record ?? this.#recording)
    return result
  }

  /** What a query would read and, with a price, cost. Nothing is run. */
  estimate(sql: string, options: EstimateOptions = {}): Promise<Estimate> {
    return estimate(this.#connection, sql, { dataset: this.#fields.dataset, ...options })
  }

  /**
   * Streams rows into a table, where queries see them at once. For many rows a load is cheaper.
   *
   * Throws `gcp/BIGQUERY_ROWS_REFUSED` that names the rows which were not taken.
   */
  async insert(table: string, rows: Iterable<InsertRow> | AsyncIterable<InsertRow>, options: InsertOptions = {}): Promise<InsertSummary> {
    return insert(this.#connection, { table: await this.#tables.name(table), rows }, options)
  }

  /** Writes a table to Cloud Storage; more than 1 GB needs a `*` in the address, which becomes the number of the file. */
  async extract(table: string, uris: string | readonly string[], options: ExtractOptions = {}): Promise<ExtractSummary> {
    const list = typeof uris === 'string' ? [uris] : uris
    return extract(this.#connection, { table: await this.#tables.name(table), uris: list, pauses: this.#pauses }, options)
  }

  /** Answers whether it was made: what is there stays as it is. */
  createDataset(name: string, options: DatasetOptions = {}): Promise<boolean> {
    return this.#tables.createDataset(name, options)
  }

  /** Answers whether it was there. */
  dropDataset(name: string, options: DropDatasetOptions = {}): Promise<boolean> {
    return this.#tables.dropDataset(name, options)
  }

  datasetExists(name: string): Promise<boolean> {
    return this.#tables.datasetExists(name)
  }

  /** Names of the tables of a dataset, at most 1000. */
  listTables(dataset?: string): Promise<readonly string[]> {
    return this.#tables.listTables(dataset)
  }

  /** Answers whether it was made: what is there stays as it is. */
  createTable(table: string, options: TableOptions): Promise<boolean> {
    return this.#tables.createTable(table, options)
  }

  /** Adds columns, and changes what is said about a table. For everything else there is `ALTER TABLE` by `query()`. */
  alterTable(table: string, changes: TableChanges): Promise<TableInfo> {
    return this.#tables.alterTable(table, changes)
  }

  /** Answers whether it was there. */
  dropTable(table: string, options: DropOptions = {}): Promise<boolean> {
    return this.#tables.dropTable(table, options)
  }

  tableExists(table: string): Promise<boolean> {
    return this.#tables.tableExists(table)
  }

  describeTable(table: string): Promise<TableInfo> {
    return this.#tables.describeTable(table)
  }
}
