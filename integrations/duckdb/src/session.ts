import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Connection, OnProgress } from './connection.ts'
import { DuckDbError } from './errors.ts'
import { insertRows } from './inserting.ts'
import type { InsertOptions } from './inserting.ts'
import type { Parameters } from './parameters.ts'
import { artifactKey, profileOf, profileSql, publishProfile } from './profile.ts'
import type { Column, Profile } from './profile.ts'
import { partsOfQuery, Query, withoutEnd } from './query.ts'
import type { AnyRow } from './query.ts'
import { fetchSources, selectFrom } from './reading.ts'
import type { Fetched, ReadOptions } from './reading.ts'
import { isInRun, signalOf } from './run-signal.ts'
import type { Bucket, Source } from './source.ts'
import { fromTemplate, quoted } from './sql-text.ts'
import type { ValueOptions } from './values.ts'
import { appearing, copySettings, targetOf } from './writing.ts'
import type { WriteOptions, Written } from './writing.ts'

/** What was read into a table. */
export interface ReadResult {
  readonly table: string
  /** Rows that came in; `null` for a view, which is read when it is asked. */
  readonly rows: number | null
  readonly columns: readonly Column[]
  readonly files: number
  readonly sizeBytes: number
  /** With `badRows: 'skip'`: the lines that were left out. */
  readonly skipped: { readonly lines: number; readonly examples: readonly SkippedLine[] }
}

export interface SkippedLine {
  readonly file: string
  readonly line: number
  readonly column: string | null
  readonly reason: string
  readonly text: string
}

export interface ProfileOptions {
  /** Key of the artifact; default `profile-` and the name. `false`: none. Outside of a run there is none either. */
  readonly artifact?: string | false
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

/** What a session is made of. */
export interface SessionParts {
  readonly connection: Connection
  readonly values: ValueOptions
  readonly bucket: Bucket | undefined
  /** A folder of the database for what is brought here; made when it is first needed, removed when the database is closed. */
  readonly tempFolder: () => Promise<string>
}

const SKIPPED_EXAMPLES_MAX = 100

/** Reads, asks and writes: a database, or a transaction in it. Statements run one after the other. */
export class Session {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /**
   * A statement as a template. Values become parameters, lists are lists (`where colour in ${['green', 'yellow']}`), a query is moved in with its
   * own parameters, and names are told by `duckdb.name('…')`.
   *
   * @example
   * const busy = await trips.sql`select zone, count(*) as trips from trips where fare > ${10} group by zone`.rows<{ zone: string; trips: number }>()
   */
  sql<Row = AnyRow>(strings: TemplateStringsArray, ...values: readonly unknown[]): Query<Row> {
    const { text, values: parameters } = fromTemplate(strings, values, partsOfQuery)
    return this.query<Row>(text, parameters)
  }

  /** A statement as text, with parameters by position (`$1`, `?`) or by name (`$since`). */
  query<Row = AnyRow>(text: string, parameters: Parameters = []): Query<Row> {
    return new Query<Row>(this.#parts.connection, this.#parts.values, { text, parameters })
  }

  /**
   * Reads CSV, JSON (also a line each) or Parquet into a table: files of this machine (also by a glob), web addresses and gs:// objects, packed
   * with gzip or zstd or not. What is elsewhere is brought here first, whole or not at all.
   *
   * @throws {DuckDbError} `duckdb/bad-data` with file, line and column; `duckdb/file` for files that are missing or were cut; `duckdb/download`.
   */
  async read(table: string, source: Source | readonly Source[], options: ReadOptions = {}): Promise<ReadResult> {
    const { bucket, tempFolder } = this.#parts
    const name = quoted(table)
    const signal = signalOf(options.signal)
    const sources = Array.isArray(source) ? (source as readonly Source[]) : [source as Source] // narrowing of a union with an array of itself
    const fetched = await fetchSources({ sources, options, bucket, signal, tempFolder })
    if (options.badRows === 'skip' && fetched.format !== 'csv') {
      await fetched.discard()
      throw new DuckDbError('duckdb/option', `badRows: 'skip' is for CSV files, and this is ${fetched.format}`)
    }
    try {
      const rejects = options.badRows === 'skip' ? `rejects_${randomUUID().replaceAll('-', '')}` : undefined
      const rows = await this.#fill(name, fetched, options, { signal, rejects })
      const skipped = rejects === undefined ? { lines: 0, examples: [] } : await this.#skipped(rejects, fetched)
      return { table, rows, columns: await this.columns(table), files: fetched.files.length, sizeBytes: fetched.sizeBytes, skipped }
    } finally {
      // A view reads the files later; they go with the folder of the database.
      if (options.into !== 'view') await fetched.discard()
    }
  }

  async #fill(
    name: string,
    fetched: Fetched,
    options: ReadOptions,
    { signal, rejects }: { readonly signal: AbortSignal | undefined; readonly rejects: string | undefined },
  ): Promise<number | null> {
    const select = selectFrom(fetched, options, rejects)
    const shown = new Map(fetched.files.map((file) => [file.path, file.shown]))
    const run = async (text: string): Promise<number> => {
      const result = await this.#parts.connection.run(
        { text, parameters: [] },
        { signal, onProgress: options.onProgress, shown, isOwnSql: true },
      )
      return result.rowCount === 0 ? 0 : Number(result.getChunk(0).getColumnValues(0)[0])
    }
    switch (options.into ?? 'replace') {
      case 'view':
        await run(`create or replace view ${name} as ${select}`)
        return null
      case 'append':
        await run(`create table if not exists ${name} as ${select} limit 0`)
        return await run(`insert into ${name} by name ${select}`)
      case 'replace':
        return await run(`create or replace table ${name} as ${select}`)
      default:
        throw new DuckDbError('duckdb/option', `into must be 'replace', 'append' or 'view', not ${JSON.stringify(options.into)}`)
    }
  }

  async #skipped(rejects: string, { files }: Fetched): Promise<ReadResult['skipped']> {
    const table = quoted(rejects)
    const scan = quoted(`${rejects}_scan`)
    const lines = await this.query(`select count(*) from (select distinct file_id, line from ${table})`).value<number | bigint>()
    const found = await this.query<{ file: string; line: number; column: string | null; reason: string; text: string }>(
      `select any_value(file_path) as file, line::double as line, any_value(column_name) as column, any_value(error_message) as reason,
        any_value(csv_line) as text from ${table} join ${scan} using (scan_id, file_id) group by file_id, line order by file_id, line limit ${SKIPPED_EXAMPLES_MAX}`,
    )
    await this.query(`drop table ${table}; drop table ${scan}`).run()
    const shown = new Map(files.map((file) => [file.path, file.shown]))
    return { lines: Number(lines), examples: found.map((line) => ({ ...line, file: shown.get(line.file) ?? line.file })) }
  }

  /**
   * Writes what a query answers (or a table, by its name) as Parquet, CSV or JSON. The file appears when it is whole; `gs://…` puts it into
   * the bucket that the database was opened with.
   */
  async write(target: string | URL, query: string | Query<never> | Query, options: WriteOptions = {}): Promise<Written> {
    const to = targetOf(target, options.bucket ?? this.#parts.bucket)
    const settings = copySettings(String(target), options)
    const { text, parameters } = typeof query === 'string' ? { text: selectOf(query), parameters: [] } : query
    const copy = async (file: string): Promise<Written> => {
      const { answer: rows, sizeBytes } = await appearing(file, async (unfinished) => {
        const statement = { text: `copy (${withoutEnd(text)}) to '${unfinished.replaceAll("'", "''")}' (${settings})`, parameters }
        const result = await this.#parts.connection.run(statement, { signal: signalOf(options.signal), onProgress: options.onProgress })
        return Number(result.getChunk(0).getColumnValues(0)[0])
      })
      return { file: String(target), rows, sizeBytes }
    }
    if (to.type === 'file') return await copy(to.path)
    const file = path.join(await this.#parts.tempFolder(), `${randomUUID()}-${path.basename(to.name)}`)
    try {
      const written = await copy(file)
      await to.bucket.uploadFile?.(file, to.name)
      return written
    } finally {
      await rm(file, { force: true })
    }
  }

  /** Adds rows of JavaScript to a table, by the names of their members. A table that is missing is made with the types of the rows. */
  async insert(
    table: string,
    rows: Iterable<object> | AsyncIterable<object>,
    options: InsertOptions = {},
  ): Promise<{ readonly rows: number }> {
    return { rows: await insertRows(this.#parts.connection, { table, rows, options, signal: signalOf(options.signal) }) }
  }

  /** Names and types of a table's columns, or of a query's. */
  async columns(tableOrQuery: string | Query): Promise<readonly Column[]> {
    const { text, parameters } = typeof tableOrQuery === 'string' ? { text: selectOf(tableOrQuery), parameters: [] } : tableOrQuery
    const found = await this.query<{ column_name: string; column_type: string }>(`describe ${withoutEnd(text)}`, parameters)
    return found.map((column) => ({ name: column.column_name, type: column.column_type }))
  }

  /**
   * Counts each column of a table or query: rows, nulls, about how many different values, smallest and largest. Within a run it is published
   * as a table.
   */
  async profile(tableOrQuery: string | Query, options: ProfileOptions = {}): Promise<Profile> {
    const columns = await this.columns(tableOrQuery)
    const { text, parameters } = typeof tableOrQuery === 'string' ? { text: selectOf(tableOrQuery), parameters: [] } : tableOrQuery
    const numbers = this.query<AnyRow>(profileSql(`(${withoutEnd(text)})`, columns), parameters)
    const profile = profileOf(await numbers.row<AnyRow>(options), columns)
    if (options.artifact !== false && isInRun()) {
      const name = typeof tableOrQuery === 'string' && isName(tableOrQuery) ? tableOrQuery : 'query'
      await publishProfile(profile, { key: options.artifact ?? artifactKey(name), name })
    }
    return profile
  }
}

/** A name stands for its whole table. */
function selectOf(tableOrQuery: string): string {
  return isName(tableOrQuery) ? `select * from ${quoted(tableOrQuery)}` : tableOrQuery
}

function isName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_-]*(\.[\p{L}_][\p{L}\p{N}_-]*)*$/u.test(text.trim())
}
