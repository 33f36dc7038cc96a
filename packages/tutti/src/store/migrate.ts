import { copyFileSync, existsSync } from 'node:fs'
import { TuttiError } from '../core/errors.ts'
import type { Clock } from '../core/time.ts'
import { runs } from './migrations/0001-runs.ts'
import { deletedFlowRuns } from './migrations/0002-deleted-flow-runs.ts'
import { sqlBuilder } from './statements.ts'
import type { Script } from './script.ts'
import { change, select } from './statements.ts'
import type { SqliteDatabase } from './sqlite.ts'

/** In order; the version of a database is how many of them it has seen. A change that has been released is never edited. */
const MIGRATIONS = [
  { name: '0001-runs', statements: runs },
  { name: '0002-deleted-flow-runs', statements: deletedFlowRuns },
] as const

const versions = sqlBuilder.schema
  .createTable('schema_versions')
  .ifNotExists()
  .addColumn('version', 'integer', (column) => column.primaryKey().notNull())
  .addColumn('name', 'text', (column) => column.notNull())
  .addColumn('applied_at', 'bigint', (column) => column.notNull())

/** The version of a database; 0 when it is empty. */
export function schemaVersion(database: SqliteDatabase): number {
  const known = database.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'")
  return known === 0 ? 0 : (database.number('SELECT max(version) FROM schema_versions') ?? 0)
}

/** Brings a database to this program's version, under its write lock. Before a database that holds something is changed, it is copied. */
export async function migrate(database: SqliteDatabase, { clock }: { readonly clock: Clock }): Promise<void> {
  const found = schemaVersion(database)
  if (found === MIGRATIONS.length) return
  refuseNewer(found, database.path)
  if (found > 0) copyBefore(database, found)
  await database.write(function* (): Script<void> {
    yield* change(versions)
    // Another process may have been quicker while this one waited for the lock.
    const row = (yield* select(sqlBuilder.selectFrom('schema_versions').select(sqlBuilder.fn.max<number>('version').as('version'))))[0]
    const version = row?.version ?? 0
    refuseNewer(version, database.path)
    for (const [index, { name, statements }] of MIGRATIONS.entries()) {
      if (index < version) continue
      for (const statement of statements) yield* change(statement)
      yield* change(sqlBuilder.insertInto('schema_versions').values({ version: index + 1, name, applied_at: clock.now() }))
    }
  })
}

function refuseNewer(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return
  throw new TuttiError('STORE_TOO_NEW', `the database ${path} has version ${version}; this tutti knows versions up to ${MIGRATIONS.length}`)
}

function copyBefore(database: SqliteDatabase, version: number): void {
  if (database.path === ':memory:') return
  const copy = `${database.path}.before-${version + 1}`
  if (existsSync(copy)) return
  database.number('PRAGMA wal_checkpoint(TRUNCATE)')
  copyFileSync(database.path, copy)
}
