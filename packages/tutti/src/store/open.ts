import type { DatabaseLocation } from '../core/database-location.ts'
import type { Clock } from '../core/time.ts'
import type { StoreUpgrade } from '../core/store-upgrade.ts'
import type { Store } from './port.ts'
import type { StoreOutage } from './postgres-database.ts'
import { openSqlite } from './sqlite.ts'

export interface StoreOptions {
  readonly database: DatabaseLocation
  /** Of a file; a server has its own settings. */
  readonly durability: 'normal' | 'full'
  readonly busyTimeoutMs: number
  readonly clock: Clock
  /** Of a server; see there. */
  readonly onOutage?: (outage: StoreOutage) => void
  /** Of a file. */
  readonly onUpgrade?: (upgrade: StoreUpgrade) => void
}

export type { StoreOutage } from './postgres-database.ts'

/** Opens whichever database the settings name. */
export async function openStore({ database, durability, busyTimeoutMs, clock, onOutage, onUpgrade }: StoreOptions): Promise<Store> {
  if (database.type === 'sqlite')
    return openSqlite({ path: database.path, durability, busyTimeoutMs, clock, ...(onUpgrade === undefined ? {} : { onUpgrade }) })
  // Loaded only by those who use it: every script that runs a flow would wait for it.
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres({ url: database.url, busyTimeoutMs, clock, ...(onOutage === undefined ? {} : { onOutage }) })
}
