// Files become tables: fetched when they are elsewhere, looked at, and read by the function of their format.
import { randomUUID } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'node:fs/promises'
import type { OnProgress } from './connection.ts'
import { download } from './download.ts'
import type { DownloadOptions } from './download.ts'
import { DuckDbError } from './errors.ts'
import { checkGzip, compressionOf } from './gzip.ts'
import { endingOf, formatOf, placeOf } from './source.ts'
import type { Bucket, Compression, Format, Place, Source } from './source.ts'
import { literal, quotedColumn } from './sql-text.ts'

export interface ReadOptions {
  /** Where the name of the file does not tell it. */
  readonly format?: Format
  /** Types of columns, in DuckDB's words; those of all others are detected. */
  readonly types?: Readonly<Record<string, string>>
  /** What is selected, as SQL: `'vendor_id, fare::double as fare'`. Default `*`. */
  readonly select?: string
  /** Which rows are taken, as SQL. */
  readonly where?: string
  /**
   * `'replace'` (default) makes the table anew, `'append'` adds to it by the names of columns (and makes it if it is missing), `'view'` reads
   * the files each time the table is asked.
   */
  readonly into?: 'replace' | 'append' | 'view'
  /** How the CSV file is written, where it is not detected rightly. */
  readonly csv?: CsvOptions
  /** `'fail'` (default), or `'skip'`: lines of a CSV file that cannot be read are left out, counted and told. */
  readonly badRows?: 'fail' | 'skip'
  /** Several files need not have the same columns: they are matched by name, and what one lacks is null. */
  readonly unionByName?: boolean
  /** Adds a column `filename`. */
  readonly filename?: boolean
  /** For gs:// addresses; default the bucket that the database was opened with. */
  readonly bucket?: Bucket
  readonly download?: DownloadOptions
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

export interface CsvOptions {
  readonly header?: boolean
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly comment?: string
  /** What stands for no value. */
  readonly nullText?: string | readonly string[]
  readonly dateFormat?: string
  readonly timestampFormat?: string
  readonly decimalSeparator?: string
  /** Every column as text: nothing is detected. */
  readonly allText?: boolean
  readonly skipLines?: number
  readonly encoding?: string
  /** Lines with too few values are filled with nulls. */
  readonly fillShortLines?: boolean
}

/** Files that are on this machine now, and what they are called. */
export interface Fetched {
  readonly files: readonly FetchedFile[]
  readonly format: Format
  readonly compression: Compression
  readonly sizeBytes: number
  /** Removes what was brought here for this. */
  readonly discard: () => Promise<void>
}

interface FetchedFile {
  readonly path: string
  readonly shown: string
}

interface Fetching {
  readonly sources: readonly Source[]
  readonly options: ReadOptions
  readonly bucket: Bucket | undefined
  readonly signal: AbortSignal | undefined
  readonly tempFolder: () => Promise<string>
}

const FETCHED_AT_ONCE = 4
const FILES_MAX = 10_000

/** Brings every source here and looks whether it is whole. */
export async function fetchSources({ sources, options, bucket, signal, tempFolder }: Fetching): Promise<Fetched> {
  if (sources.length === 0) throw new DuckDbError('duckdb/source', 'there is nothing to read: the list of sources is empty')
  const places = sources.map((source) => placeOf(source, options.bucket ?? bucket))
  const format = sameFormat(places, options.format)
  const brought: string[] = []
  const discard = async (): Promise<void> => {
    await Promise.all(brought.map((file) => rm(file, { force: true })))
  }

  async function bring(place: Place): Promise<readonly FetchedFile[]> {
    if (place.type === 'file') return await matching(place)
    const file = path.join(await tempFolder(), `${randomUUID()}-${path.basename(place.shown)}`)
    brought.push(file)
    if (place.type === 'web') await downloadTo(place.url, file)
    else await fromBucket(place, file)
    return [{ path: file, shown: place.shown }]
  }

  async function downloadTo(url: string, file: string): Promise<void> {
    const { onProgress } = options
    await download({
      url,
      file,
      ...(options.download !== undefined && { options: options.download }),
      signal,
      onProgress:
        onProgress === undefined
          ? undefined
          : ({ bytes, bytesTotal }) =>
              onProgress({ phase: 'download', percent: bytesTotal ? (100 * bytes) / bytesTotal : null, done: bytes, total: bytesTotal }),
    })
  }

  try {
    const files = (await inParts(places, FETCHED_AT_ONCE, bring)).flat()
    if (files.length > FILES_MAX)
      throw new DuckDbError('duckdb/source', `${files.length} files are more than the ${FILES_MAX} that are read at once`)
    const compressions = format === 'parquet' ? [] : await inParts(files, FETCHED_AT_ONCE, (file) => packing(file, signal))
    const [compression = 'none'] = compressions
    if (compressions.some((each) => each !== compression))
      throw new DuckDbError(
        'duckdb/source',
        'some of the files are packed and some are not: read them one after the other, with into: ' + "'append'",
      )
    const sizes = await Promise.all(files.map(async (file) => (await stat(file.path)).size))
    return { files, format, compression, sizeBytes: sizes.reduce((sum, size) => sum + size, 0), discard }
  } catch (error) {
    await discard()
    throw error
  }
}

function sameFormat(places: readonly Place[], given: Format | undefined): Format {
  const [first, ...others] = places.map((place) => ({ place, format: formatOf(place.shown, given) }))
  const other = others.find(({ format }) => format !== first?.format)
  if (first === undefined || other !== undefined)
    throw new DuckDbError(
      'duckdb/source',
      `${first?.place.shown} and ${other?.place.shown} have different formats: read them one after the other`,
    )
  return first.format
}

async function matching({ path: pattern, shown }: Extract<Place, { type: 'file' }>): Promise<readonly FetchedFile[]> {
  const isThere = await stat(pattern).then(
    (found) => found.isFile(),
    () => false,
  )
  if (isThere) return [{ path: pattern, shown }]
  const files: string[] = []
  if (/[*?[{]/.test(pattern)) for await (const file of glob(pattern)) files.push(file)
  if (files.length === 0) throw new DuckDbError('duckdb/file', `there is no file ${shown}`, { file: shown })
  return files.toSorted().map((file) => ({ path: file, shown: file }))
}

async function fromBucket({ bucket, name, shown }: Extract<Place, { type: 'bucket' }>, file: string): Promise<void> {
  try {
    await bucket.downloadFile(name, file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // Most errors of a bucket name the object already.
    const message = why.includes(shown) ? why : `${shown} could not be fetched: ${why}`
    throw new DuckDbError('duckdb/download', message, { file: shown, cause: error })
  }
}

async function packing({ path: file, shown }: FetchedFile, signal: AbortSignal | undefined): Promise<Compression> {
  const compression = await compressionOf(file)
  // Some servers unpack what they send; what was packed twice is nobody's intention.
  if (compression === 'gzip') await checkGzip(file, shown, signal)
  else if (endingOf(file).compression === 'gzip' && (await stat(file)).size === 0)
    throw new DuckDbError('duckdb/file', `${shown} is empty, which no gzip file is`, { file: shown })
  return compression
}

async function inParts<In, Out>(items: readonly In[], atOnce: number, work: (item: In) => Promise<Out>): Promise<Out[]> {
  const out: Out[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      out[index] = await work(items[index]!)
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  const failed = workers.find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return out
}

/** `from read_csv(…)` and its like, with what is selected of it. */
export function selectFrom({ files, format, compression }: Fetched, options: ReadOptions, rejectsTable: string | undefined): string {
  const list = `[${files.map((file) => literal(file.path)).join(', ')}]`
  const settings = settingsOf(format, compression, options, rejectsTable)
  const call = `read_${format}(${[list, ...settings].join(', ')})`
  const where = options.where === undefined ? '' : ` where ${options.where}`
  return `select ${options.select ?? '*'} from (select ${castColumns(format, options)} from ${call})${where}`
}

/** CSV files are read with their types; of the others, the columns are cast. */
function castColumns(format: Format, { types = {} }: ReadOptions): string {
  const casts = Object.entries(types).map(([name, type]) => `cast(${quotedColumn(name)} as ${type}) as ${quotedColumn(name)}`)
  return format === 'csv' || casts.length === 0 ? '*' : `* replace (${casts.join(', ')})`
}

function settingsOf(format: Format, compression: Compression, options: ReadOptions, rejectsTable: string | undefined): readonly string[] {
  const settings = [
    ...(options.unionByName === true ? ['union_by_name = true'] : []),
    ...(options.filename === true ? ['filename = true'] : []),
  ]
  if (format === 'parquet') return settings
  settings.push(`compression = ${literal(compression === 'none' ? 'uncompressed' : compression)}`)
  // A type that is wanted is not left to the first rows.
  if (format === 'json') return options.types === undefined ? settings : [...settings, 'sample_size = -1']
  return [...settings, ...csvSettings(options.csv ?? {}, options.types ?? {}), ...rejectSettings(rejectsTable)]
}

function csvSettings(csv: CsvOptions, types: Readonly<Record<string, string>>): readonly string[] {
  const nulls = csv.nullText === undefined ? undefined : `[${[csv.nullText].flat().map(literal).join(', ')}]`
  const typed = Object.entries(types).map(([name, type]) => `${literal(name)}: ${literal(type)}`)
  const given: readonly (readonly [string, string | undefined])[] = [
    ['header', csv.header === undefined ? undefined : String(csv.header)],
    ['delim', optional(csv.delimiter)],
    ['quote', optional(csv.quote)],
    ['escape', optional(csv.escape)],
    ['comment', optional(csv.comment)],
    ['nullstr', nulls],
    ['dateformat', optional(csv.dateFormat)],
    ['timestampformat', optional(csv.timestampFormat)],
    ['decimal_separator', optional(csv.decimalSeparator)],
    ['all_varchar', csv.allText === undefined ? undefined : String(csv.allText)],
    ['skip', csv.skipLines === undefined ? undefined : String(Number(csv.skipLines))],
    ['encoding', optional(csv.encoding)],
    ['null_padding', csv.fillShortLines === undefined ? undefined : String(csv.fillShortLines)],
    ['types', typed.length === 0 ? undefined : `{${typed.join(', ')}}`],
  ]
  return given.flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${value}`]))
}

function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : literal(text)
}

function rejectSettings(table: string | undefined): readonly string[] {
  if (table === undefined) return []
  return ['store_rejects = true', 'rejects_limit = 0', `rejects_table = ${literal(table)}`, `rejects_scan = ${literal(`${table}_scan`)}`]
}
