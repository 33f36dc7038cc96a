import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { DuckDBInstance } from '@duckdb/node-api'
import { Connection } from './connection.ts'
import { DuckDbError, errorOf } from './errors.ts'
import type { Library } from './library.ts'
import { loadLibrary } from './library.ts'
import { Session } from './session.ts'
import type { SessionParts } from './session.ts'
import type { Bucket } from './source.ts'
import type { ValueOptions } from './values.ts'

export interface OpenOptions extends ValueOptions {
  /** A database file. Default: a database in memory, gone when it is closed. */
  readonly path?: string
  readonly readOnly?: boolean
  /** What DuckDB may take of the memory before it puts data on the disk: `'2GB'`. Default four fifths of the machine's. */
  readonly memoryLimit?: string
  /** Threads that work at once. Default one for each core. */
  readonly threads?: number
  /** For what does not fit into memory, and for what is brought here. Default the system's folder for such files. */
  readonly tempFolder?: string
  /** Where gs:// addresses lead: what `GcsBucket.load()` of `@tutti/gcp` gives. */
  readonly bucket?: Bucket
}

/** A database that is open. Close it, or let `await using` do so. */
export class Database extends Session implements AsyncDisposable {
  readonly #open: OpenDatabase

  constructor(parts: SessionParts, open: OpenDatabase) {
    super(parts)
    this.#open = open
  }

  /**
   * All or nothing: what the function does with the session it is given is kept when it ends, and undone when it throws. It has a connection
   * of its own; others see its work when it is done.
   */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.#open.connect()
    try {
      await connection.run({ text: 'begin', parameters: [] })
      try {
        const result = await work(new Session({ ...this.#open.parts, connection }))
        await connection.run({ text: 'commit', parameters: [] })
        return result
      } catch (error) {
        await connection.run({ text: 'rollback', parameters: [] }).catch(() => undefined) // a failed commit has rolled back already; the first error tells why
        throw error
      }
    } finally {
      await connection.close()
    }
  }

  /** Waits for what runs, closes the file, and removes what was brought here. A second call does nothing. */
  async close(): Promise<void> {
    await this.#open.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

interface OpenDatabase {
  readonly parts: Omit<SessionParts, 'connection'>
  connect(): Promise<Connection>
  close(): Promise<void>
}

/** Opens a database in memory, or a file. Within one process a file may be opened several times, with the same options. */
export async function open(options: OpenOptions | string = {}): Promise<Database> {
  const given = typeof options === 'string' ? { path: options } : options
  const settings = settingsOf(given)
  const library = await loadLibrary()
  const temp = tempFolderIn(given.tempFolder ?? os.tmpdir())
  try {
    const instance = await openInstance(library, given, {
      ...settings,
      ...(given.path === undefined && { temp_directory: await temp.path() }),
    })
    return await databaseOver(library, instance, given, temp)
  } catch (error) {
    await temp.remove()
    throw error
  }
}

async function databaseOver(library: Library, instance: DuckDBInstance, given: OpenOptions, temp: TempFolder): Promise<Database> {
  const connect = async (): Promise<Connection> => await Connection.over(library, await instance.connect())
  const parts = { values: given, bucket: given.bucket, tempFolder: temp.path }
  const connection = await connect()
  const close = async (): Promise<void> => {
    await connection.close()
    instance.closeSync()
    await temp.remove()
  }
  let closing: Promise<void> | undefined
  return new Database({ ...parts, connection }, { parts, connect, close: () => (closing ??= close()) })
}

async function openInstance(
  library: Library,
  { path: file }: OpenOptions,
  settings: Readonly<Record<string, string>>,
): Promise<DuckDBInstance> {
  try {
    if (file === undefined || file === ':memory:') return await library.DuckDBInstance.create(':memory:', { ...settings })
    // Two tasks of one process may work on one file: they share it.
    return await library.DuckDBInstance.fromCache(path.resolve(file), { ...settings })
  } catch (error) {
    throw errorOf(error)
  }
}

function settingsOf({ path: file, readOnly = false, memoryLimit, threads, tempFolder }: OpenOptions): Record<string, string> {
  if (memoryLimit !== undefined && !/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(memoryLimit))
    throw new DuckDbError('duckdb/option', `memoryLimit must be like '2GB', not ${JSON.stringify(memoryLimit)}`)
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1))
    throw new DuckDbError('duckdb/option', `threads must be a whole number from 1, not ${threads}`)
  if (readOnly && (file === undefined || file === ':memory:'))
    throw new DuckDbError('duckdb/option', 'readOnly is for database files: one in memory has nothing to read')
  return {
    // Extensions are part of the machine, not something that a query brings along.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(readOnly && { access_mode: 'READ_ONLY' }),
    ...(memoryLimit !== undefined && { memory_limit: memoryLimit }),
    ...(threads !== undefined && { threads: String(threads) }),
    ...(file !== undefined && tempFolder !== undefined && { temp_directory: path.resolve(tempFolder) }),
  }
}

interface TempFolder {
  readonly path: () => Promise<string>
  readonly remove: () => Promise<void>
}

function tempFolderIn(parent: string): TempFolder {
  let made: Promise<string> | undefined
  return {
    path: () => (made ??= mkdtemp(path.join(parent, 'tutti-duckdb-'))),
    async remove() {
      if (made !== undefined) await rm(await made, { recursive: true, force: true })
    },
  }
}
