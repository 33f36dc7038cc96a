import { join } from 'node:path'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import type { Clock } from '../core/time.ts'
import type { Tell } from '../core/told.ts'
import { hearElsewhere } from '../orchestrator/elsewhere.ts'
import { createServerOrchestrator } from '../orchestrator/server.ts'
import type { Settings } from '../settings/load.ts'
import { openStore } from '../store/open.ts'
import type { StoreOutage } from '../store/open.ts'
import { keyPlace, secretKeys } from '../store/secret-keys.ts'
import { createSecretBox } from '../store/secrets.ts'
import { openSqlite } from '../store/sqlite.ts'
import { systemLiveness } from '../system/liveness.ts'
import { systemIds, systemRandom } from '../system/random.ts'
import { startWriter, withWriter } from './writer/writer.ts'

export interface OpenOrchestratorOptions {
  readonly settings: Settings
  readonly clock: Clock
  readonly tell: Tell
  readonly onOutage: (outage: StoreOutage) => void
  /** Nothing can be written any more: the server must end. */
  readonly onLost: (error: Error) => void
}

export interface OpenedOrchestrator {
  readonly orchestrator: ServerOrchestrator
  /** Whether somebody looks at single task runs and log lines; only then they are told of. */
  watch(details: boolean): void
}

/** The orchestrator of a server, over the database that the settings name. A SQLite file is written by a thread of its own. */
export async function openOrchestrator({ settings, clock, tell, onOutage, onLost }: OpenOrchestratorOptions): Promise<OpenedOrchestrator> {
  const { database, durability, storeBusyTimeoutMs: busyTimeoutMs } = settings
  const resultsFolder = join(settings.home, 'results')
  const random = systemRandom()
  const keys = keyPlace(settings)
  const secrets = createSecretBox(secretKeys(keys, random), random)
  const world = { clock, ids: systemIds(clock), random, secrets, liveness: systemLiveness(), resultsFolder }
  if (database.type === 'postgres' || database.path === ':memory:') {
    const store = await openStore({ database, durability, busyTimeoutMs, clock, onOutage })
    // Other servers and scripts write to the same database. Nobody waits until they are heard, which fails only when the store is closed.
    hearElsewhere(store, tell).catch(() => undefined)
    return { orchestrator: createServerOrchestrator({ ...world, store, tell }), watch: () => undefined }
  }
  const { path } = database
  const writer = startWriter({ data: { path, durability, busyTimeoutMs, resultsFolder, keys }, tell, onLost })
  await writer.ready
  const store = await openSqlite({ path, durability, busyTimeoutMs, clock, readOnly: true }).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  return { orchestrator: withWriter(createServerOrchestrator({ ...world, store }), writer), watch: writer.watch }
}
