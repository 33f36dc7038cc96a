import { join } from 'node:path'
import { LocalBeats } from '../engine/beat/local-beats.ts'
import { ThreadBeats } from '../engine/beat/thread-beats.ts'
import { createOrchestrator } from '../orchestrator/index.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { isLongUpgrade } from '../core/store-upgrade.ts'
import type { StoreUpgrade } from '../core/store-upgrade.ts'
import type { Settings } from '../settings/load.ts'
import { openStore } from '../store/open.ts'
import type { StoreOutage } from '../store/open.ts'
import { keyPlace, secretKeys } from '../store/secret-keys.ts'
import { createSecretBox } from '../store/secrets.ts'
import { printOutsideRun } from '../system/terminal-line.ts'
import type { Door, World } from './door.ts'

const LOOK_MS = 500

/** The orchestrator over a database, in this process. */
export async function embeddedDoor(settings: Settings, { clock, ids, random, liveness, caller }: World): Promise<Door> {
  const { database, durability, storeBusyTimeoutMs: busyTimeoutMs } = settings
  const store = await openStore({ database, durability, busyTimeoutMs, clock, onOutage: tellOfOutage, onUpgrade: tellOfUpgrade })
  const secrets = lateBox(() => createSecretBox(secretKeys(keyPlace(settings), random), random))
  const resultsFolder = join(settings.home, 'results')
  const orchestrator = createOrchestrator({ store, clock, ids, liveness, actor: caller, secrets, resultsFolder })
  const beatSettings = { beatMs: settings.leaseBeatMs, expiryMs: settings.leaseExpiryMs, lookMs: LOOK_MS }
  if (database.type === 'sqlite' && database.path === ':memory:')
    return { orchestrator, server: null, beats: new LocalBeats(orchestrator, clock, beatSettings) }
  const place = { type: 'store', database, durability, busyTimeoutMs } as const
  return { orchestrator, server: null, beats: new ThreadBeats({ place, settings: beatSettings, graceMs: settings.cancelGraceMs }, clock) }
}

/** The key is read, or made, by the first who asks for a block. */
function lateBox(open: () => SecretBox): SecretBox {
  let box: SecretBox | undefined
  const opened = (): SecretBox => (box ??= open())
  return { seal: (text) => opened().seal(text), open: (sealed) => opened().open(sealed) }
}

/** While it lasts this process does nothing else. */
function tellOfUpgrade(upgrade: StoreUpgrade): void {
  if (upgrade.type !== 'copy' || !isLongUpgrade(upgrade.sizeBytes)) return
  const { path, to, sizeBytes } = upgrade
  printOutsideRun('warn', [
    `tutti: the database ${path} (${(sizeBytes / 1e9).toFixed(2)} GB) is of an earlier version: it is copied to ${to}, then its schema is changed; that may take minutes`,
  ])
}

function tellOfOutage(outage: StoreOutage): void {
  if (outage.type === 'away')
    printOutsideRun('warn', [`tutti: the database ${outage.place} does not answer (${outage.reason}) and is waited for`])
  else printOutsideRun('warn', [`tutti: the database ${outage.place} answers again after ${(outage.awayMs / 1000).toFixed(1)} s`])
}
