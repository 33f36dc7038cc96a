// What a query answers becomes a file, which appears under its name when it is whole.
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OnProgress } from './connection.ts'
import { DuckDbError } from './errors.ts'
import { endingOf, formatOf, objectOf } from './source.ts'
import type { Bucket, Format } from './source.ts'
import { literal } from './sql-text.ts'

export interface WriteOptions {
  /** Where the name of the file does not tell it. */
  readonly format?: Format
  /** Parquet: default `'zstd'`. CSV and JSON: by the ending of the name, `.gz` or `.zst`. */
  readonly compression?: 'none' | 'gzip' | 'zstd' | 'snappy'
  /** Parquet: rows of a group. Default DuckDB's, 122,880. */
  readonly rowGroupRows?: number
  readonly csv?: {
    readonly header?: boolean
    readonly delimiter?: string
    readonly nullText?: string
    readonly dateFormat?: string
    readonly timestampFormat?: string
  }
  /** For gs:// addresses; default the bucket that the database was opened with. */
  readonly bucket?: Bucket
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

/** What was written. */
export interface Written {
  readonly file: string
  readonly rows: number
  readonly sizeBytes: number
}

/** The settings of `copy … to`. */
export function copySettings(name: string, options: WriteOptions): string {
  const format = formatOf(name, options.format)
  const { compression: byName, isLines } = endingOf(name)
  const compression = options.compression ?? (format === 'parquet' ? 'zstd' : byName)
  const settings = [`format ${format}`]
  if (format === 'parquet') {
    settings.push(`compression ${compression === 'none' ? 'uncompressed' : compression}`)
    if (options.rowGroupRows !== undefined) settings.push(`row_group_size ${wholeNumber(options.rowGroupRows, 'rowGroupRows')}`)
    return settings.join(', ')
  }
  if (compression === 'snappy') throw new DuckDbError('duckdb/option', `compression 'snappy' is for Parquet, and ${name} is ${format}`)
  settings.push(`compression ${literal(compression)}`)
  if (format === 'json') return [...settings, `array ${String(!isLines)}`].join(', ')
  const { header = true, delimiter, nullText, dateFormat, timestampFormat } = options.csv ?? {}
  settings.push(`header ${String(header)}`)
  const delimiterByName = /\.tsv(\.|$)/i.test(name) ? '\t' : undefined
  if ((delimiter ?? delimiterByName) !== undefined) settings.push(`delim ${literal(delimiter ?? delimiterByName ?? ',')}`)
  if (nullText !== undefined) settings.push(`nullstr ${literal(nullText)}`)
  if (dateFormat !== undefined) settings.push(`dateformat ${literal(dateFormat)}`)
  if (timestampFormat !== undefined) settings.push(`timestampformat ${literal(timestampFormat)}`)
  return settings.join(', ')
}

function wholeNumber(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new DuckDbError('duckdb/option', `${what} must be a whole number from 1, not ${value}`)
  return value
}

export type Target =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'bucket'; readonly bucket: Bucket; readonly name: string }

export function targetOf(target: string | URL, bucket: Bucket | undefined): Target {
  const text = String(target)
  if (/^gs:\/\//i.test(text)) {
    const object = objectOf(text, bucket)
    if (object.bucket.uploadFile === undefined)
      throw new DuckDbError('duckdb/source', `${text} cannot be written: the bucket takes no files`)
    return { type: 'bucket', ...object }
  }
  if (/^file:/i.test(text)) return { type: 'file', path: fileURLToPath(text) }
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(text)) throw new DuckDbError('duckdb/source', `${text} cannot be written: only files and gs:`)
  return { type: 'file', path: text }
}

/** Has a file written aside, brings it to the disk and gives it its name. A failure leaves what was there before. */
export async function appearing<T>(
  file: string,
  write: (unfinished: string) => Promise<T>,
): Promise<{ readonly answer: T; readonly sizeBytes: number }> {
  const folder = path.dirname(path.resolve(file))
  await mkdir(folder, { recursive: true })
  const unfinished = path.join(folder, `.${path.basename(file)}.${randomUUID()}.unfinished`)
  try {
    const answer = await write(unfinished)
    const handle = await open(unfinished, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    const { size: sizeBytes } = await stat(unfinished)
    await rename(unfinished, file)
    return { answer, sizeBytes }
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
