import { join } from 'node:path'
import { TuttiError } from '../core/errors.ts'
import { resultFiles } from '../orchestrator/index.ts'
import type { Settings } from '../settings/load.ts'
import { openSqlite } from '../store/sqlite.ts'
import { systemClock } from '../system/clock.ts'

/**
 * Copies the database of a server of this machine while it goes on: its file, and the large results as `PATH.results`.
 *
 * @throws `NOT_FOR_POSTGRES`, `FILE_EXISTS`, `STORE_FAILED`
 */
export async function backUpDatabase({ home, database, storeBusyTimeoutMs: busyTimeoutMs }: Settings, path: string): Promise<void> {
  if (database.type === 'postgres')
    throw new TuttiError('NOT_FOR_POSTGRES', `a database of a PostgreSQL server cannot be copied to the file ${path}`)
  const clock = systemClock()
  const store = await openSqlite({ path: database.path, busyTimeoutMs, clock, readOnly: true })
  try {
    // The rows first: what they refer to is there already.
    await store.backup(path)
    await resultFiles({ store, clock }, join(home, 'results')).copyAll(`${path}.results`)
  } finally {
    await store.close()
  }
}
