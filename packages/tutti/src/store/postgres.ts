import type { StoreInfo } from '../core/orchestrator.ts'
import { TuttiError } from '../core/errors.ts'
import { createTables } from './all-tables.ts'
import { COUNTED } from './counted.ts'
import { migrate } from './migrate.ts'
import { MARKS_TABLE } from './postgres-marks.ts'
import type { Script, Store } from './port.ts'
import { readAddress } from './postgres-address.ts'
import { PostgresDatabase } from './postgres-database.ts'
import type { PostgresOptions } from './postgres-database.ts'
import { postgresSizes } from './postgres-sizes.ts'
import { PostgresWakes } from './postgres-wakes.ts'

export type { PostgresOptions, StoreOutage } from './postgres-database.ts'

/** Opens a database of a server: the schema is brought up to date, a newer one than this program knows is refused with `STORE_TOO_NEW`. */
export async function openPostgres(options: PostgresOptions): Promise<Store> {
  const database = new PostgresDatabase(options)
  try {
    await makeMarksTable(database)
    await migrate(
      {
        place: database.place,
        schemaVersion: () => schemaVersion(database),
        write: (script) => database.write(script, { unhurried: true }),
        // The server's own backups are what a copy of the file is elsewhere; a migration that fails is undone as a whole.
        beforeChange: () => undefined,
      },
      options.clock,
    )
  } catch (error) {
    await database.close()
    throw error
  }
  const wakes = new PostgresWakes({ urls: readAddress(options.url).listenUrls, clock: options.clock, id: database.id })
  return {
    isShared: true,
    tables: createTables(options.clock),
    write: (script, writeOptions) => database.write(script, writeOptions),
    read: (script) => database.read(script),
    info: () => info(database),
    sizes: () => database.read(postgresSizes),
    async vacuum() {
      await database.run('VACUUM (ANALYZE)')
    },
    backup: (path) =>
      Promise.reject(
        new TuttiError('NOT_FOR_POSTGRES', `the database ${database.place} is on a server and cannot be copied to the file ${path}`),
      ),
    wakes,
    async close() {
      await wakes.close()
      await database.close()
    },
  }
}

/** It comes before the first write that leaves a mark in it. */
async function makeMarksTable(database: PostgresDatabase): Promise<void> {
  if ((await database.value("SELECT to_regclass('store_writers')")) !== null) return
  await database.write(
    function* (): Script<void> {
      yield { sql: MARKS_TABLE, parameters: [], rows: false }
    },
    { repeatable: true },
  )
}

async function schemaVersion(database: PostgresDatabase): Promise<number> {
  if ((await database.value("SELECT to_regclass('schema_versions')")) === null) return 0
  return Number((await database.value('SELECT max(version) FROM schema_versions')) ?? 0)
}

const SETTINGS = ['server_version', 'synchronous_commit', 'synchronous_standby_names', 'max_connections', 'shared_buffers'] as const

async function info(database: PostgresDatabase): Promise<StoreInfo> {
  const rows: Record<string, number> = {}
  for (const table of COUNTED) rows[table] = Number((await database.value(`SELECT count(*) FROM ${table}`)) ?? 0)
  const settings: Record<string, string> = {}
  for (const name of SETTINGS) settings[name] = String((await database.value(`SELECT current_setting('${name}')`)) ?? '')
  return {
    location: database.place,
    dialect: 'postgres',
    schemaVersion: await schemaVersion(database),
    sizeBytes: Number(await database.value('SELECT pg_database_size(current_database())')),
    rows,
    settings,
  }
}
