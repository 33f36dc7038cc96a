import { inject } from 'vitest'
import type { Store } from '../../../src/store/port.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { TestDatabases } from '../../postgres/databases.ts'

const databases = new TestDatabases()

/** An empty store: SQLite in memory, or PostgreSQL in the suite that has one. */
export function openEmptyStore(): Promise<Store> {
  // The suite without a server provides none.
  const url: string | undefined = inject('postgresUrl')
  return url === undefined ? openSqlite({ path: ':memory:', clock: systemClock() }) : databases.open()
}
