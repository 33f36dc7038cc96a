import { statSync } from 'node:fs'
import type { StoreInfo } from '../core/orchestrator.ts'
import type { StoreUpgrade } from '../core/store-upgrade.ts'
import { createTables } from './all-tables.ts'
import { COUNTED } from './counted.ts'
import { migrate, refuseNewer } from './migrate.ts'
import type { MigratedDatabase } from './migrate.ts'
import type { Store } from './port.ts'
import { backUp, copyNow } from './sqlite-backup.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import type { SqliteOptions } from './sqlite-database.ts'
import { sqliteSizes } from './sqlite-sizes.ts'

export type { SqliteOptions } from './sqlite-database.ts'

/** Opens a database file: the schema is brought up to date, a newer one than this program knows is refused with `STORE_TOO_NEW`. */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const database = new SqliteDatabase(options)
  try {
    const migrated = migratedSqlite(database, options.onUpgrade ?? (() => undefined))
    // One that another program has brought further is left as it is, down to how it is written.
    await refuseNewer(migrated)
    await database.configure(options.durability ?? 'normal')
    await migrate(migrated, options.clock)
  } catch (error) {
    await database.close()
    throw error
  }
  return sqliteStore(database)
}

/** The store over a connection whose schema is up to date. */
export function sqliteStore(database: SqliteDatabase): Store {
  return {
    isShared: false,
    tables: createTables(database.clock),
    write: (script) => database.write(script),
    read: (script) => database.read(script),
    info: () => info(database),
    sizes: () => database.read(sqliteSizes),
    async vacuum() {
      await database.exec('VACUUM')
      // What was saved is in the log until it is moved to the file; with others at work that is done later.
      await database.value('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    backup: (path) => backUp(database, path),
    close: () => database.close(),
  }
}

function migratedSqlite(database: SqliteDatabase, tell: (upgrade: StoreUpgrade) => void): MigratedDatabase {
  const { path } = database
  return {
    place: path,
    schemaVersion: () => schemaVersion(database),
    write: (script) => database.write(script),
    // Another connection sees the database as it was before the transaction.
    beforeChange(nextVersion) {
      if (path === ':memory:') return
      const to = `${path}.before-${nextVersion}`
      tell({ type: 'copy', path, to, sizeBytes: sizeOf(path) + sizeOf(`${path}-wal`) })
      copyNow(path, to)
      tell({ type: 'change', path })
    },
  }
}

async function schemaVersion(database: SqliteDatabase): Promise<number> {
  const known = await database.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'")
  return known === 0 ? 0 : ((await database.number('SELECT max(version) FROM schema_versions')) ?? 0)
}

async function info(database: SqliteDatabase): Promise<StoreInfo> {
  const pragma = async (name: string): Promise<string> => String((await database.value(`PRAGMA ${name}`)) ?? '')
  const synchronous = await pragma('synchronous')
  const rows: Record<string, number> = {}
  for (const table of COUNTED) rows[table] = (await database.number(`SELECT count(*) FROM ${table}`)) ?? 0
  return {
    location: database.path,
    dialect: 'sqlite',
    schemaVersion: await schemaVersion(database),
    sizeBytes: database.path === ':memory:' ? 0 : sizeOf(database.path) + sizeOf(`${database.path}-wal`),
    rows,
    settings: {
      journal_mode: await pragma('journal_mode'),
      synchronous: ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(synchronous)] ?? synchronous,
      wal_autocheckpoint: await pragma('wal_autocheckpoint'),
      page_size: await pragma('page_size'),
    },
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
