import type { Connection } from './connection.ts'
import { consoleLink } from './console-link.ts'
import { bigQueryError } from './errors.ts'
import { jobIdentity } from './job-identity.ts'
import { runJob } from './jobs.ts'
import type { JobOptions } from './jobs.ts'
import type { Pauses } from './retries.ts'
import { spellTable, tableReference } from './table-name.ts'
import type { TableName } from './table-name.ts'
import type { JobConfiguration } from './wire.ts'

export interface ExtractOptions extends JobOptions {
  /** Default: what the ending of the address says, else CSV. */
  readonly format?: 'csv' | 'json' | 'parquet' | 'avro' | undefined
  /** Default `none`; an address that ends with `.gz` means `gzip`. */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'zstd' | 'deflate' | undefined
  /** Of CSV: the names of the columns in the first line. Default `true`. */
  readonly header?: boolean | undefined
  readonly delimiter?: string | undefined
}

export interface ExtractSummary {
  readonly table: string
  readonly uris: readonly string[]
  readonly jobId: string
  readonly files: number
  readonly inputBytes: number
  readonly durationMs: number
  readonly reused: boolean
  readonly consoleUrl: string
}

const wireFormats = { csv: 'CSV', json: 'NEWLINE_DELIMITED_JSON', parquet: 'PARQUET', avro: 'AVRO' } as const
const endings = { csv: 'csv', json: 'json', jsonl: 'json', ndjson: 'json', parquet: 'parquet', avro: 'avro' } as const

export async function extract(
  connection: Connection,
  { table, uris, pauses }: { readonly table: TableName; readonly uris: readonly string[]; readonly pauses: Pauses },
  options: ExtractOptions,
): Promise<ExtractSummary> {
  const configuration = extractConfiguration(table, uris, options)
  const what = `the extract of ${spellTable(table)}`
  const identity = jobIdentity('extract', options.key ?? configuration)
  const { job, reused } = await runJob(connection, { what, identity, configuration }, { ...options, pauses })
  const { extract: done = {}, startTime, creationTime, endTime } = job.statistics ?? {}
  return {
    table: spellTable(table),
    uris,
    jobId: job.jobReference?.jobId ?? '',
    files: (done.destinationUriFileCounts ?? []).reduce((sum, count) => sum + Number(count), 0),
    inputBytes: Number(done.inputBytes ?? 0),
    durationMs: Number(endTime ?? 0) - Number(startTime ?? creationTime ?? 0),
    reused,
    consoleUrl: consoleLink(await connection.projectId(), job),
  }
}

function extractConfiguration(table: TableName, uris: readonly string[], options: ExtractOptions): JobConfiguration {
  const wrong = uris.find((uri) => !uri.startsWith('gs://'))
  if (uris.length === 0 || wrong !== undefined) {
    throw bigQueryError(
      'BIGQUERY_INVALID',
      `${wrong === undefined ? 'an extract' : JSON.stringify(wrong)} needs an address in Cloud Storage: gs://bucket/name`,
    )
  }
  const [first = ''] = uris
  const isGzip = first.endsWith('.gz')
  const ending = /\.(\w+)$/.exec(isGzip ? first.slice(0, -3) : first)?.[1]?.toLowerCase() ?? ''
  const { format = isEnding(ending) ? endings[ending] : 'csv', compression = isGzip ? 'gzip' : 'none', header, delimiter } = options
  return {
    extract: {
      sourceTable: tableReference(table),
      destinationUris: [...uris],
      destinationFormat: wireFormats[format],
      compression: compression.toUpperCase(),
      ...(header === false && { printHeader: false }),
      ...(delimiter !== undefined && { fieldDelimiter: delimiter }),
    },
  }
}

function isEnding(ending: string): ending is keyof typeof endings {
  return Object.hasOwn(endings, ending)
}
