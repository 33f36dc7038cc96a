import { TuttiError } from '../core/errors.ts'
import type { Clock } from '../core/time.ts'
import { runs } from './migrations/0001-runs.ts'
import { deletedFlowRuns } from './migrations/0002-deleted-flow-runs.ts'
import { protocol } from './migrations/0003-protocol.ts'
import { deployments } from './migrations/0004-deployments.ts'
import { workPools } from './migrations/0005-work-pools.ts'
import { concurrency } from './migrations/0006-concurrency.ts'
import { variables } from './migrations/0007-variables.ts'
import { events } from './migrations/0008-events.ts'
import { blocks } from './migrations/0009-blocks.ts'
import { results } from './migrations/0010-results.ts'
import { services } from './migrations/0011-services.ts'
import { runCounts } from './migrations/0012-run-counts.ts'
import { savedSearches } from './migrations/0013-saved-searches.ts'
import { schedules } from './migrations/0014-schedules.ts'
import { maintenanceModes } from './migrations/0015-maintenance-modes.ts'
import { deploymentOptions } from './migrations/0017-deployment-options.ts'
import { deploymentVersions } from './migrations/0018-deployment-versions.ts'
import { flowPages } from './migrations/0019-flow-pages.ts'
import { actors } from './migrations/0020-actors.ts'
import { stateNames } from './migrations/0021-state-names.ts'
import { sqlBuilder } from './statements.ts'
import type { Script } from './script.ts'
import { change, select } from './statements.ts'

/** In order; the version of a database is how many of them it has seen. A change that has been released is never edited. */
const MIGRATIONS = [
  { name: '0001-runs', statements: runs },
  { name: '0002-deleted-flow-runs', statements: deletedFlowRuns },
  { name: '0003-protocol', statements: protocol },
  { name: '0004-deployments', statements: deployments },
  { name: '0005-work-pools', statements: workPools },
  { name: '0006-concurrency', statements: concurrency },
  { name: '0007-variables', statements: variables },
  { name: '0008-events', statements: events },
  { name: '0009-blocks', statements: blocks },
  { name: '0010-results', statements: results },
  { name: '0011-services', statements: services },
  { name: '0012-run-counts', statements: runCounts },
  { name: '0013-saved-searches', statements: savedSearches },
  { name: '0014-schedules', statements: schedules },
  { name: '0015-maintenance-modes', statements: maintenanceModes },
  { name: '0017-deployment-options', statements: deploymentOptions },
  { name: '0018-deployment-versions', statements: deploymentVersions },
  { name: '0019-flow-pages', statements: flowPages },
  { name: '0020-actors', statements: actors },
  { name: '0021-state-names', statements: stateNames },
] as const

const versions = sqlBuilder.schema
  .createTable('schema_versions')
  .ifNotExists()
  .addColumn('version', 'integer', (column) => column.primaryKey().notNull())
  .addColumn('name', 'text', (column) => column.notNull())
  .addColumn('applied_at', 'bigint', (column) => column.notNull())

/** A database that can be brought up to date. */
export interface MigratedDatabase {
  /** As it may be shown. */
  readonly place: string
  /** The version of its schema; 0 when it is empty. */
  schemaVersion(): Promise<number>
  write<T>(script: () => Script<T>): Promise<T>
  /** Called in the transaction, when nobody else can write, before a database that holds something is changed. */
  beforeChange(nextVersion: number): void
}

/** Brings a database to this program's version, under its write lock. One that is newer is left as it is. */
export async function migrate(database: MigratedDatabase, clock: Clock): Promise<void> {
  if ((await refuseNewer(database)) === MIGRATIONS.length) return
  await database.write(function* (): Script<void> {
    yield* change(versions)
    // Another process may have been quicker while this one waited for the lock.
    const row = (yield* select(sqlBuilder.selectFrom('schema_versions').select(sqlBuilder.fn.max<number>('version').as('version'))))[0]
    const version = row?.version ?? 0
    refuse(version, database.place)
    if (version === MIGRATIONS.length) return
    if (version > 0) database.beforeChange(version + 1)
    for (const [index, { name, statements }] of MIGRATIONS.entries()) {
      if (index < version) continue
      for (const statement of statements) yield* change(statement)
      yield* change(sqlBuilder.insertInto('schema_versions').values({ version: index + 1, name, applied_at: clock.now() }))
    }
  })
}

/**
 * The version of a database.
 *
 * @throws `STORE_TOO_NEW` when another program has brought it further than this one knows.
 */
export async function refuseNewer(database: MigratedDatabase): Promise<number> {
  const version = await database.schemaVersion()
  refuse(version, database.place)
  return version
}

function refuse(version: number, place: string): void {
  if (version <= MIGRATIONS.length) return
  throw new TuttiError(
    'STORE_TOO_NEW',
    `the database ${place} has version ${version}; this tutti knows versions up to ${MIGRATIONS.length}`,
  )
}
