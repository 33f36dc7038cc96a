import { artifact, exponential, isTuttiError, task } from 'tutti'
import { withProgress } from '../shown-progress.ts'
import type { Told } from '../shown-progress.ts'
import { BigQuery } from './block.ts'
import { BigQueryClient } from './client.ts'
import type { ExtractOptions, ExtractSummary } from './extract.ts'
import type { JobProgress } from './jobs.ts'
import type { LoadOptions, LoadSummary } from './load.ts'
import type { QueryOptions, QuerySummary } from './query.ts'
import type { RowError } from './row-errors.ts'

/** What the arguments of a task can hold: functions and signals stay with the client's own methods. */
type Plain<Options> = Omit<Options, 'onProgress' | 'signal' | 'record'>

interface WithBlock {
  /** The name of a saved `BigQuery` block, or a client. Default: the credentials of the machine, and what the environment says. */
  readonly bigquery?: BigQueryClient | string | undefined
}

export interface LoadTableInput extends WithBlock, Plain<LoadOptions> {
  readonly table: string
  /** Addresses in Cloud Storage, or the path of a file. */
  readonly source: string | readonly string[]
}

export interface RunQueryInput extends WithBlock, Plain<QueryOptions> {
  readonly sql: string
  /** How many rows the result may have. Default 10 000. */
  readonly limit?: number | undefined
}

export interface RunQueryResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly summary: QuerySummary
}

export interface ExtractTableInput extends WithBlock, Plain<ExtractOptions> {
  readonly table: string
  readonly to: string | readonly string[]
}

/** Requests and jobs are tried again by themselves; what is left for a new attempt takes longer to pass. The jobs of the one before are found. */
const again = {
  retries: 3,
  retryDelay: exponential('5s', { jitter: 0.3 }),
  retryIf: (error: unknown) => !isTuttiError(error) || error.status >= 500 || error.status === 429,
  key: callKey,
} as const

/** A client is no part of what a call is known by. */
function callKey({ bigquery, ...input }: WithBlock): string {
  return JSON.stringify([typeof bigquery === 'string' ? bigquery : null, input], (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}

/** How many rows that were left out are shown. */
const BAD_ROWS_SHOWN = 100

/** Loads a table, with what was loaded as a table and a link to the job as its artifacts. */
export const loadTable = task(
  { name: 'load-table', ...again, tags: ['bigquery'], runName: ({ table }) => `load ${table}` },
  async ({ bigquery, table, source, ...options }: LoadTableInput): Promise<LoadSummary> => {
    const client = await clientOf(bigquery)
    const summary = await withProgress(`Loading ${table}`, {}, (tell) =>
      client.load(table, source, { ...options, record: 'log', onProgress: told(tell) }),
    )
    const { rows, files, inputBytes, badRecords, badRows, slotMs, durationMs, jobId } = summary
    const key = keyOf('load', summary.table)
    await artifact.table({
      key,
      description: `What was loaded into ${summary.table}`,
      rows: [{ table: summary.table, rows, files, inputBytes, leftOut: badRecords, slotMs, durationMs, job: jobId }],
    })
    if (badRows.length > 0) {
      await artifact.table({
        key: `${key}-left-out`,
        description: `Rows that were left out of ${summary.table}`,
        rows: badRows.slice(0, BAD_ROWS_SHOWN).map(shown),
      })
    }
    await artifact.link({ key: `${key}-job`, url: summary.consoleUrl, text: `The load into ${summary.table} in Google's console` })
    return summary
  },
)

/** Runs a query and gives its rows, with what it cost as a table and a link to the job as its artifacts. */
export const runQuery = task({ name: 'run-query', ...again, tags: ['bigquery'] }, async (input: RunQueryInput): Promise<RunQueryResult> => {
  const { bigquery, sql, limit, ...options } = input
  const client = await clientOf(bigquery)
  const result = await withProgress(`Running ${shownSql(sql)}`, {}, (tell) =>
    client.query(sql, { ...options, record: 'log', onProgress: told(tell) }),
  )
  const { statement, rowCount, affectedRows, bytesProcessed, bytesBilled, cacheHit, slotMs, durationMs, jobId, consoleUrl } = result.summary
  await artifact.table({
    description: `What the query cost: ${shownSql(sql)}`,
    rows: [{ statement, rows: affectedRows ?? rowCount, bytesProcessed, bytesBilled, cacheHit, slotMs, durationMs, job: jobId }],
  })
  await artifact.link({ url: consoleUrl, text: "The query in Google's console" })
  return { rows: await result.rows({ ...(limit !== undefined && { limit }) }), summary: result.summary }
})

/** Writes a table to Cloud Storage, with a link to the job as its artifact. */
export const extractTable = task(
  { name: 'extract-table', ...again, tags: ['bigquery'], runName: ({ table }) => `extract ${table}` },
  async ({ bigquery, table, to, ...options }: ExtractTableInput): Promise<ExtractSummary> => {
    const client = await clientOf(bigquery)
    const summary = await withProgress(`Writing ${table}`, {}, (tell) => client.extract(table, to, { ...options, onProgress: told(tell) }))
    await artifact.link({ url: summary.consoleUrl, text: `The extract of ${summary.table} in Google's console` })
    return summary
  },
)

function told(tell: (told: Told) => void): (progress: JobProgress) => void {
  return ({ state, percent }) => tell({ percent, about: state.toLowerCase() })
}

async function clientOf(given: BigQueryClient | string | undefined): Promise<BigQueryClient> {
  return typeof given === 'string' ? BigQuery.load(given) : (given ?? new BigQueryClient())
}

/** Loads of one table are versions of one artifact. */
function keyOf(what: string, table: string): string {
  return `bigquery-${what}-${table.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
}

function shown({ file, line, column, value, message }: RowError): Readonly<Record<string, unknown>> {
  return { file, line, column, value, message }
}

const SQL_CHARACTERS_MAX = 200

function shownSql(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  // The sign of a cut also says where half of a secret may stand.
  return line.length > SQL_CHARACTERS_MAX ? `${line.slice(0, SQL_CHARACTERS_MAX)}…` : line
}
