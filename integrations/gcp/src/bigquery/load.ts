import type { Duration } from 'tutti'
import type { Bucket } from '../storage/bucket.ts'
import type { Connection } from './connection.ts'
import { consoleLink } from './console-link.ts'
import { bigQueryError, RowsRefusedError } from './errors.ts'
import { jobIdentity, stopSignal } from './job-identity.ts'
import { runJob } from './jobs.ts'
import type { FinishedJob, JobOptions } from './jobs.ts'
import type { Recording } from './record.ts'
import type { Pauses } from './retries.ts'
import { rowErrorsOf } from './row-errors.ts'
import type { RowError } from './row-errors.ts'
import { withLines } from './row-lines.ts'
import { fieldsOf } from './schema.ts'
import type { Schema } from './schema.ts'
import { openSource } from './sources.ts'
import type { FileFormat, LoadSource, LocalSource, OpenSource } from './sources.ts'
import { spellTable, tableReference } from './table-name.ts'
import type { TableName } from './table-name.ts'
import { clusteringOf, partitioningOf } from './table-options.ts'
import type { TableLayout } from './table-options.ts'
import { uploadJob } from './upload.ts'
import type { Job, LoadConfiguration } from './wire.ts'

/** How CSV is to be read. */
export interface CsvOptions {
  readonly delimiter?: string | undefined
  /** Lines at the beginning that are no rows. Default 1; where the schema is detected, BigQuery finds it out. */
  readonly skipRows?: number | undefined
  readonly quote?: string | undefined
  /** The text that stands for nothing. Default: an empty one. */
  readonly nullMarker?: string | undefined
  /** Quoted values may go over several lines. */
  readonly quotedNewlines?: boolean | undefined
  /** Columns that are missing at the end of a line are null. */
  readonly jaggedRows?: boolean | undefined
}

export interface LoadOptions extends JobOptions, TableLayout {
  /** Default: what the ending of the first name says. */
  readonly format?: FileFormat | undefined
  /** The columns. Default: those of the table, or what BigQuery finds in the file. */
  readonly schema?: Schema | undefined
  /** What happens to rows that are there already. `fail-if-exists` fails when there are any. Default `append`. */
  readonly write?: WriteDisposition | undefined
  /** `false`: the table must be there. Default: it is made. */
  readonly create?: boolean | undefined
  /** Columns of the file that the table lacks are added to it. */
  readonly addColumns?: boolean | undefined
  /** How many rows may be left out because they cannot be read. Default 0. */
  readonly badRecordsMax?: number | undefined
  /** Values without a column are left out; without it they are errors. */
  readonly ignoreUnknownValues?: boolean | undefined
  readonly csv?: CsvOptions | undefined
  /** The table is dropped after so long. */
  readonly expiresAfter?: Duration | undefined
  /** Where it is kept what the load cost; see the client's. */
  readonly record?: Recording | undefined
}

export type WriteDisposition = 'append' | 'truncate' | 'fail-if-exists'

/** What a load has done. */
export interface LoadSummary {
  readonly table: string
  readonly jobId: string
  readonly rows: number
  readonly files: number
  readonly inputBytes: number
  readonly outputBytes: number
  /** Rows that were left out, as far as BigQuery says which. */
  readonly badRows: readonly RowError[]
  readonly badRecords: number
  readonly slotMs: number
  readonly durationMs: number
  /** The job was started by an earlier attempt of this run: nothing was loaded twice. */
  readonly reused: boolean
  readonly consoleUrl: string
}

const wireFormats = { csv: 'CSV', json: 'NEWLINE_DELIMITED_JSON', parquet: 'PARQUET', avro: 'AVRO', orc: 'ORC' } as const
export const writeDispositions = { append: 'WRITE_APPEND', truncate: 'WRITE_TRUNCATE', 'fail-if-exists': 'WRITE_EMPTY' } as const

interface LoadRequest {
  readonly table: TableName
  readonly source: LoadSource
  readonly pauses: Pauses
  readonly openBucket: (name: string) => Bucket
  readonly exists: (table: TableName) => Promise<boolean>
}

export async function load(
  connection: Connection,
  { table, source, pauses, openBucket, exists }: LoadRequest,
  options: LoadOptions,
): Promise<LoadSummary> {
  const opened = await openSource(source, stopSignal(options.signal))
  try {
    const what = `the load into ${spellTable(table)}`
    const configuration = loadConfiguration(table, opened, options)
    const identity = jobIdentity('load', options.key ?? [configuration, opened.type === 'local' ? opened.name : null])
    // What is there by now is no part of what the call is known by.
    const load = { ...configuration, ...(await detection(table, configuration, { options, exists })) }
    const request = { what, identity, configuration: { load }, ...(opened.type === 'local' && { start: uploading(connection, opened) }) }
    const finished = await runJob(connection, request, { ...options, pauses })
    return await summarize(connection, table, finished)
  } catch (error) {
    if (!(error instanceof RowsRefusedError)) throw error
    throw await withLines(error, opened, openBucket)
  } finally {
    if (opened.type === 'local') await opened.release()
  }
}

function uploading(
  connection: Connection,
  source: LocalSource,
): (job: Job, signal: AbortSignal | undefined) => Promise<string | undefined> {
  return (job, signal) => uploadJob(connection, { job, source }, signal)
}

function loadConfiguration(table: TableName, source: OpenSource, options: LoadOptions): LoadConfiguration {
  const { format = source.format, schema, write = 'append', create = true, addColumns, badRecordsMax, ignoreUnknownValues } = options
  if (format === undefined)
    throw bigQueryError('BIGQUERY_INVALID', `the load into ${spellTable(table)} needs a \`format\`: the name of its source tells none`)
  return {
    destinationTable: tableReference(table),
    sourceFormat: wireFormats[format],
    writeDisposition: writeDispositions[write],
    createDisposition: create ? 'CREATE_IF_NEEDED' : 'CREATE_NEVER',
    ...(source.type === 'remote' && { sourceUris: [...source.uris] }),
    ...(schema !== undefined && { schema: { fields: fieldsOf(schema) } }),
    ...(addColumns === true && { schemaUpdateOptions: ['ALLOW_FIELD_ADDITION'] }),
    ...(badRecordsMax !== undefined && { maxBadRecords: badRecordsMax }),
    ...(ignoreUnknownValues === true && { ignoreUnknownValues: true }),
    ...(format === 'csv' && csvConfiguration(options.csv ?? {})),
    ...(format === 'parquet' && { parquetOptions: { enableListInference: true } }),
    ...partitioningOf(options),
    ...clusteringOf(options),
  }
}

interface Detection {
  readonly options: LoadOptions
  readonly exists: (table: TableName) => Promise<boolean>
}

/** Files of text say nothing of their columns: those of the table count, and where there is none BigQuery detects them, and the line with their names. */
async function detection(
  table: TableName,
  { sourceFormat }: LoadConfiguration,
  { options, exists }: Detection,
): Promise<LoadConfiguration> {
  const isCsv = sourceFormat === wireFormats.csv
  if (!isCsv && sourceFormat !== wireFormats.json) return {}
  const isDetected = options.schema === undefined && (options.addColumns === true || !(await exists(table)))
  if (isDetected) return { autodetect: true }
  return isCsv && options.csv?.skipRows === undefined ? { skipLeadingRows: 1 } : {}
}

function csvConfiguration({ delimiter, skipRows, quote, nullMarker, quotedNewlines, jaggedRows }: CsvOptions): LoadConfiguration {
  return {
    ...(skipRows !== undefined && { skipLeadingRows: skipRows }),
    ...(delimiter !== undefined && { fieldDelimiter: delimiter }),
    ...(quote !== undefined && { quote }),
    ...(nullMarker !== undefined && { nullMarker }),
    ...(quotedNewlines === true && { allowQuotedNewlines: true }),
    ...(jaggedRows === true && { allowJaggedRows: true }),
  }
}

async function summarize(connection: Connection, table: TableName, { job, reused }: FinishedJob): Promise<LoadSummary> {
  const { load: done = {}, startTime, creationTime, endTime, totalSlotMs } = job.statistics ?? {}
  return {
    table: spellTable(table),
    jobId: job.jobReference?.jobId ?? '',
    rows: Number(done.outputRows ?? 0),
    files: Number(done.inputFiles ?? 0),
    inputBytes: Number(done.inputFileBytes ?? 0),
    outputBytes: Number(done.outputBytes ?? 0),
    badRows: rowErrorsOf(job.status?.errors),
    badRecords: Number(done.badRecords ?? 0),
    slotMs: Number(totalSlotMs ?? 0),
    durationMs: Number(endTime ?? 0) - Number(startTime ?? creationTime ?? 0),
    reused,
    consoleUrl: consoleLink(await connection.projectId(), job),
  }
}
