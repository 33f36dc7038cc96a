import type { BigQuery, Job as JobHandle } from '@google-cloud/bigquery'
import type { Connection } from './connection.ts'
import { consoleLink } from './console-link.ts'
import { bigQueryError } from './errors.ts'
import { jobIdentity, stopSignal } from './job-identity.ts'
import { runJob } from './jobs.ts'
import type { FinishedJob, JobOptions } from './jobs.ts'
import { writeDispositions } from './load.ts'
import type { WriteDisposition } from './load.ts'
import { wireParameters } from './parameters.ts'
import type { Parameters, ParameterTypes } from './parameters.ts'
import type { Recording } from './record.ts'
import type { Pauses } from './retries.ts'
import { checkedRow } from './row-schema.ts'
import type { RowSchema } from './row-schema.ts'
import { rowReader } from './rows.ts'
import type { ValueOptions, WireRow } from './rows.ts'
import { tableReference } from './table-name.ts'
import type { TableName } from './table-name.ts'
import { clusteringOf, partitioningOf } from './table-options.ts'
import type { TableLayout } from './table-options.ts'
import type { Job, JobConfiguration, QueryConfiguration, QueryResults } from './wire.ts'

/** What a query is asked with, also one that is only estimated. */
export interface QueryText {
  /** Values for `@name`, or a list of them for `?`. */
  readonly params?: Parameters | undefined
  /** Types of parameters whose values do not say them. */
  readonly types?: ParameterTypes | undefined
  /** Where tables without a dataset are looked for. */
  readonly dataset?: string | undefined
  /** The query fails, and costs nothing, if it would be billed for more bytes. */
  readonly maximumBytesBilled?: number | undefined
}

export interface QueryOptions extends QueryText, ValueOptions, JobOptions {
  /** Rows that are fetched at a time, and that are in memory. Default 10 000; BigQuery gives at most 10 MB at once. */
  readonly pageRows?: number | undefined
  /** `false`: the query is run although the same result is known from before. */
  readonly useCache?: boolean | undefined
  /** Keeps the rows in a table. */
  readonly destination?: Destination | undefined
  /** `batch` waits until there is room, and costs the same. */
  readonly priority?: 'interactive' | 'batch' | undefined
  /** Where it is kept what the query cost; see the client's. */
  readonly record?: Recording | undefined
}

export interface Destination extends TableLayout {
  readonly table: string
  readonly write?: WriteDisposition | undefined
  readonly create?: boolean | undefined
  readonly addColumns?: boolean | undefined
}

/** What a query has cost and done. */
export interface QuerySummary {
  readonly jobId: string
  readonly statement: string
  /** Rows of the answer. */
  readonly rowCount: number
  /** Rows that a statement changed; `null` of one that changes none. */
  readonly affectedRows: number | null
  readonly bytesProcessed: number
  readonly bytesBilled: number
  readonly cacheHit: boolean
  readonly slotMs: number
  readonly durationMs: number
  /** The job was started by an earlier attempt of this run: it was not run, nor paid, twice. */
  readonly reused: boolean
  readonly consoleUrl: string
}

const PAGE_ROWS = 10_000
/** How many rows `rows()` gives when nobody says. */
const ROWS_LIMIT = 10_000

/** The rows of a query, a page at a time: `for await (const row of result)`. It can be gone through more than once. */
export class QueryResult<Row> implements AsyncIterable<Row> {
  readonly summary: QuerySummary
  readonly #connection: Connection
  readonly #handle: JobHandle
  readonly #options: QueryOptions
  readonly #schema: RowSchema<Row> | undefined
  #first: Page | undefined

  /** @internal */
  constructor(parts: ResultParts<Row>) {
    this.summary = parts.summary
    this.#connection = parts.connection
    this.#handle = parts.handle
    this.#options = parts.options
    this.#schema = parts.schema
    this.#first = parts.first
  }

  /** All rows as a list. Throws `gcp/BIGQUERY_RESULT_TOO_LARGE` when there are more than `limit` (default 10 000). */
  async rows({ limit = ROWS_LIMIT }: { readonly limit?: number } = {}): Promise<Row[]> {
    const { rowCount } = this.summary
    if (rowCount > limit)
      throw bigQueryError(
        'BIGQUERY_RESULT_TOO_LARGE',
        `the query answers ${rowCount} rows, more than the ${limit} that are asked for at once`,
      )
    const rows: Row[] = []
    for await (const row of this) rows.push(row)
    return rows
  }

  /** The first row; `undefined` when there is none. */
  async first(): Promise<Row | undefined> {
    for await (const row of this) return row
    return undefined
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    let number = 0
    for await (const { rows } of this.#pages()) {
      for (const row of rows) {
        number += 1
        yield this.#schema === undefined ? (row as Row) : await checkedRow(this.#schema, row, number) // the caller's word
      }
    }
  }

  async *#pages(): AsyncGenerator<Page> {
    let page = this.#first ?? (await fetchPage(this.#connection, this.#handle, this.#options))
    // It is kept for who asks at once, not for ever.
    this.#first = undefined
    yield page
    while (page.next !== undefined) {
      page = await fetchPage(this.#connection, this.#handle, this.#options, page.next)
      yield page
    }
  }
}

interface ResultParts<Row> {
  readonly summary: QuerySummary
  readonly connection: Connection
  readonly handle: JobHandle
  readonly options: QueryOptions
  readonly schema: RowSchema<Row> | undefined
  readonly first: Page | undefined
}

interface Page {
  readonly rows: readonly Record<string, unknown>[]
  readonly next: string | undefined
  readonly rowsTotal: number
}

interface QueryRequest<Row> {
  readonly sql: string
  readonly options: QueryOptions
  readonly schema: RowSchema<Row> | undefined
  readonly destination: TableName | undefined
  readonly pauses: Pauses
}

export async function query<Row>(
  connection: Connection,
  { sql, options, schema, destination, pauses }: QueryRequest<Row>,
): Promise<QueryResult<Row>> {
  const configuration = queryConfiguration(sql, options, destination)
  const identity = jobIdentity('query', options.key ?? configuration)
  const finished = await runJob(connection, { what: 'the query', identity, configuration, isStale }, { ...options, pauses })
  const { jobReference = {}, statistics } = finished.job
  const { jobId = '', location } = jobReference
  const handle = (await connection.client()).job(jobId, { ...(location !== undefined && { location }) })
  const first = hasRows(statistics?.query?.statementType) ? await fetchPage(connection, handle, options) : undefined
  const summary = summarize(await connection.projectId(), finished, first?.rowsTotal ?? 0)
  return new QueryResult({ summary, connection, handle, options, schema, first: first ?? { rows: [], next: undefined, rowsTotal: 0 } })
}

/** A script may end with a SELECT. */
function hasRows(statement = ''): boolean {
  return statement === 'SELECT' || statement === 'SCRIPT' || statement === 'CALL'
}

/** BigQuery keeps the rows of a SELECT for a day. What a statement has changed stays changed: it is never run again. */
function isStale({ statistics }: Job): boolean {
  return statistics?.query?.statementType === 'SELECT' && Date.now() - Number(statistics.endTime ?? 0) > ROWS_KEPT_MS
}

const ROWS_KEPT_MS = 20 * 3_600_000

export function queryConfiguration(sql: string, options: QueryOptions, destination: TableName | undefined): JobConfiguration {
  const { params, types, dataset, maximumBytesBilled, useCache, priority, destination: into } = options
  if (sql.trim() === '') throw bigQueryError('BIGQUERY_INVALID', 'the query is empty')
  const query: QueryConfiguration = {
    query: sql,
    useLegacySql: false,
    ...wireParameters(params, types),
    ...(dataset !== undefined && { defaultDataset: { datasetId: dataset } }),
    ...(maximumBytesBilled !== undefined && { maximumBytesBilled: String(maximumBytesBilled) }),
    ...(useCache === false && { useQueryCache: false }),
    ...(priority === 'batch' && { priority: 'BATCH' }),
    ...(destination !== undefined && {
      destinationTable: tableReference(destination),
      writeDisposition: writeDispositions[into?.write ?? 'fail-if-exists'],
      createDisposition: into?.create === false ? 'CREATE_NEVER' : 'CREATE_IF_NEEDED',
      ...(into?.addColumns === true && { schemaUpdateOptions: ['ALLOW_FIELD_ADDITION'] }),
      ...partitioningOf(into ?? {}),
      ...clusteringOf(into ?? {}),
    }),
  }
  return { query }
}

async function fetchPage(
  connection: Connection,
  handle: JobHandle,
  { pageRows = PAGE_ROWS, signal, ...values }: QueryOptions,
  token?: string,
): Promise<Page> {
  const what = 'the rows of the query could not be read'
  const asked = {
    ...(handle.location !== undefined && { location: handle.location }),
    maxResults: pageRows,
    'formatOptions.useInt64Timestamp': true,
    ...(token !== undefined && { pageToken: token }),
  }
  const answer = await connection.ask(what, (client) => queryResults(client, handle.id ?? '', asked), stopSignal(signal))
  const read = rowReader(answer.schema?.fields ?? [], values)
  // Google's types say that every cell is an object; most are texts.
  const rows = (answer.rows ?? []) as readonly WireRow[]
  return { rows: rows.map(read), next: answer.pageToken, rowsTotal: Number(answer.totalRows ?? 0) }
}

/** As they come over the wire: Google's client would make whole numbers of INT64 that are not the same any more. */
function queryResults(client: BigQuery, jobId: string, asked: object): Promise<QueryResults> {
  const answered = Promise.withResolvers<QueryResults>()
  client.request({ uri: `/queries/${jobId}`, qs: asked }, (error, body) => {
    if (error === null) answered.resolve(body as QueryResults) // as the API documents it
    else answered.reject(error)
  })
  return answered.promise
}

function summarize(project: string, { job, reused }: FinishedJob, rowCount: number): QuerySummary {
  const { query: done = {}, startTime, creationTime, endTime, totalSlotMs } = job.statistics ?? {}
  return {
    jobId: job.jobReference?.jobId ?? '',
    statement: done.statementType ?? '',
    rowCount,
    affectedRows: done.numDmlAffectedRows === undefined ? null : Number(done.numDmlAffectedRows),
    bytesProcessed: Number(done.totalBytesProcessed ?? 0),
    bytesBilled: Number(done.totalBytesBilled ?? 0),
    cacheHit: done.cacheHit ?? false,
    slotMs: Number(done.totalSlotMs ?? totalSlotMs ?? 0),
    durationMs: Number(endTime ?? 0) - Number(startTime ?? creationTime ?? 0),
    reused,
    consoleUrl: consoleLink(project, job),
  }
}
