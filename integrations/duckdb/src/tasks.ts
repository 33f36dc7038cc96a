// Ready-made tasks: what most pipelines do with files, each call kept as its result, tried again when a server was busy.
import { exponential, log, task } from 'tutti'
import { open } from './database.ts'
import type { OpenOptions } from './database.ts'
import { DuckDbError } from './errors.ts'
import type { Profile } from './profile.ts'
import type { AnyRow } from './query.ts'
import type { ReadOptions } from './reading.ts'
import type { SkippedLine } from './session.ts'
import type { Written } from './writing.ts'
import type { WriteOptions } from './writing.ts'

/** What tasks are handed is kept with their runs: buckets and signals, which cannot be, are not part of it. */
type Storable<T> = Omit<T, 'bucket' | 'signal' | 'onProgress'>

export interface ConvertFile {
  /** Files, addresses or a list of them. */
  readonly source: string | readonly string[]
  readonly to: string
  readonly read?: Storable<ReadOptions>
  readonly write?: Storable<WriteOptions>
  /** Columns to order by, as SQL: rows that lie together are read together. */
  readonly orderBy?: string
  readonly database?: Storable<OpenOptions>
}

export interface Converted extends Written {
  readonly rowsRead: number
  readonly skipped: { readonly lines: number; readonly examples: readonly SkippedLine[] }
}

const NAME_CHARACTERS_MAX = 200

function nameOf({ source }: ConvertFile): string {
  const name = `convert ${[source].flat().map(baseName).join(', ')}`
  // The sign of a cut also says where half of a secret may stand.
  return name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX)}…` : name
}

const retried = {
  retries: 3,
  retryDelay: exponential('2s', { jitter: 0.3 }),
  retryIf: (error: unknown): boolean => error instanceof DuckDbError && error.mayPass === true,
} as const

/** Reads files of one format and writes them as another: CSV from the web to Parquet, say. Answers with what was read and written. */
export const convertFile = task(
  {
    name: 'duckdb-convert-file',
    runName: nameOf,
    ...retried,
  },
  async ({ source, to, read, write, orderBy, database: options }: ConvertFile): Promise<Converted> => {
    await using database = await open(options)
    const { rows, skipped } = await database.read('data', source, read)
    const written = await database.write(to, `select * from data${orderBy === undefined ? '' : ` order by ${orderBy}`}`, write)
    log.info(`${rows ?? written.rows} rows read, ${written.rows} written to ${to} (${written.sizeBytes} bytes)`)
    if (skipped.lines > 0)
      log.warn(`${skipped.lines} lines could not be read and were left out; the first: ${skipped.examples[0]?.reason ?? ''}`)
    return { ...written, rowsRead: rows ?? written.rows, skipped }
  },
)

export interface QueryFiles {
  /** Tables by their names: files or addresses. */
  readonly tables: Readonly<Record<string, string | readonly string[]>>
  readonly sql: string
  readonly parameters?: readonly unknown[] | Readonly<Record<string, unknown>>
  readonly read?: Storable<ReadOptions>
  readonly database?: Storable<OpenOptions>
}

/** Asks files by SQL. The rows are the result of the task: it is for answers, not for data. */
export const queryFiles = task(
  { name: 'duckdb-query-files', ...retried },
  async ({ tables, sql, parameters, read, database: options }: QueryFiles): Promise<readonly AnyRow[]> => {
    await using database = await open(options)
    for (const [table, source] of Object.entries(tables)) await database.read(table, source, read)
    return await database.query(sql, parameters).rows({ rowsMax: RESULT_ROWS_MAX })
  },
)

/** The result of a task is read whole whenever its run is resumed. */
const RESULT_ROWS_MAX = 10_000

export interface ProfileFile {
  readonly source: string | readonly string[]
  /** Key of the artifact. */
  readonly artifact?: string
  readonly read?: Storable<ReadOptions>
  readonly database?: Storable<OpenOptions>
}

/** Counts what is in each column of files, and publishes it as a table. */
export const profileFile = task(
  { name: 'duckdb-profile-file', ...retried },
  async ({ source, artifact, read, database: options }: ProfileFile): Promise<Profile> => {
    await using database = await open(options)
    await database.read('data', source, { ...read, into: 'view' })
    return await database.profile('data', artifact === undefined ? {} : { artifact })
  },
)

function baseName(source: string): string {
  return (
    source
      .replace(/[?#].*$/s, '')
      .split('/')
      .at(-1) ?? source
  )
}
