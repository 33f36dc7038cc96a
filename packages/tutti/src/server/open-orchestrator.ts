import { join } from 'node:path'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import type { Clock } from '../core/time.ts'
import type { Tell } from '../core/told.ts'
import type { StoreUpgrade } from '../core/store-upgrade.ts'
import { hearElsewhere } from '../orchestrator/elsewhere.ts'
import { sealedByKey } from '../orchestrator/sealed-blocks.ts'
import { createServerOrchestrator } from '../orchestrator/server.ts'
import type { Settings } from '../settings/load.ts'
import { openStore } from '../store/open.ts'
import type { StoreOutage } from '../store/open.ts'
import type { Store } from '../store/port.ts'
import { keyPlace, secretKeys } from '../store/secret-keys.ts'
import type { SecretKeys } from '../store/secret-keys.ts'
import { createSecretBox } from '../store/secrets.ts'
import { openSqlite } from '../store/sqlite.ts'
import { systemLiveness } from '../system/liveness.ts'
import { systemIds, systemRandom } from '../system/random.ts'
import type { Callers } from './callers.ts'
import { forCallers, startWriter, withWriter } from './writer/writer.ts'

export interface OpenOrchestratorOptions {
  readonly settings: Settings
  readonly clock: Clock
  readonly tell: Tell
  readonly callers: Callers
  readonly onOutage: (outage: StoreOutage) => void
  /** What takes long before it is open, and that it is over. */
  readonly onUpgrade: (upgrade: StoreUpgrade | null) => void
  /** Blocks that this server cannot read, by the key they are sealed with. */
  readonly onLocked: (documents: Readonly<Record<string, number>>) => void
  /** Nothing can be written any more: the server must end. */
  readonly onLost: (error: Error) => void
}

export interface OpenedOrchestrator {
  readonly orchestrator: ServerOrchestrator
  /** Whether somebody looks at single task runs and log lines; only then they are told of. */
  watch(details: boolean): void
}

/** The orchestrator of a server, over the database that the settings name. A SQLite file is written by a thread of its own. */
export async function openOrchestrator({
  settings,
  clock,
  tell,
  callers,
  onOutage,
  onUpgrade,
  onLocked,
  onLost,
}: OpenOrchestratorOptions): Promise<OpenedOrchestrator> {
  const { database, durability, storeBusyTimeoutMs: busyTimeoutMs } = settings
  const resultsFolder = join(settings.home, 'results')
  const random = systemRandom()
  const keys = keyPlace(settings)
  const known = secretKeys(keys, random)
  const secrets = createSecretBox(known, random)
  const world = { clock, ids: systemIds(clock), random, secrets, liveness: systemLiveness(), resultsFolder }
  if (database.type === 'postgres' || database.path === ':memory:') {
    const store = await openStore({ database, durability, busyTimeoutMs, clock, onOutage })
    await tellOfLocked(store, known, onLocked)
    // Other servers and scripts write to the same database. Nobody waits until they are heard, which fails only when the store is closed.
    hearElsewhere(store, tell).catch(() => undefined)
    const orchestrator = forCallers((actor) => createServerOrchestrator({ ...world, store, tell, actor }), callers)
    return { orchestrator, watch: () => undefined }
  }
  const { path } = database
  const writer = startWriter({ data: { path, durability, busyTimeoutMs, resultsFolder, keys }, tell, callers, onUpgrade, onLost })
  await writer.ready.finally(() => onUpgrade(null))
  const store = await openSqlite({ path, durability, busyTimeoutMs, clock, readOnly: true }).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  await tellOfLocked(store, known, onLocked)
  return { orchestrator: withWriter(createServerOrchestrator({ ...world, store }), writer), watch: writer.watch }
}

/** A key that was lost is better known now than by the first run that needs it. */
async function tellOfLocked(store: Store, keys: SecretKeys, onLocked: OpenOrchestratorOptions['onLocked']): Promise<void> {
  const locked = [...(await sealedByKey(store))].filter(([name]) => name === null || keys.find(name) === undefined)
  if (locked.length > 0) onLocked(Object.fromEntries(locked.map(([name, documents]) => [name ?? '(damaged)', documents])))
}
