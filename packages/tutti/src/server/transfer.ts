import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describeLocation } from '../core/database-location.ts'
import type { DatabaseLocation } from '../core/database-location.ts'
import { TuttiError } from '../core/errors.ts'
import { resultFiles } from '../orchestrator/index.ts'
import type { ResultFiles } from '../orchestrator/results.ts'
import type { Clock } from '../core/time.ts'
import type { Settings } from '../settings/load.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/port.ts'
import { transferTables } from '../store/transfer.ts'
import type { TransferredTable } from '../store/transfer.ts'
import { systemClock } from '../system/clock.ts'
import { claimHome } from './running.ts'

export interface TransferRequest {
  /** Where everything is now. */
  readonly settings: Settings
  /** An empty PostgreSQL database, or one in which an earlier transfer was interrupted. */
  readonly to: DatabaseLocation
  readonly onProgress: (what: string, rows: number) => void
  readonly signal: AbortSignal
}

export interface Transferred {
  readonly tables: readonly TransferredTable[]
  readonly results: number
}

/**
 * Moves everything that is recorded, results included, into another database, and compares the two. What is here stays. Meanwhile no server
 * may run over the home: what it wrote would be missing there.
 *
 * @throws `SERVER_RUNNING`, and what `transferTables` throws.
 */
export async function transferDatabase({ settings, to: target, onProgress, signal }: TransferRequest): Promise<Transferred> {
  const clock = systemClock()
  if (target.type !== 'postgres')
    throw new TuttiError('INVALID_OPTION', `a transfer goes to a PostgreSQL database, not to ${describeLocation(target)}`)
  const { durability, storeBusyTimeoutMs: busyTimeoutMs } = settings
  const claim = await claimHome(settings.home)
  try {
    const from = await openStore({ database: settings.database, durability, busyTimeoutMs, clock })
    try {
      const to = await openStore({ database: target, durability, busyTimeoutMs, clock })
      try {
        return await transferBetween(from, to, join(settings.home, 'results'), { onProgress, signal, clock })
      } finally {
        await to.close()
      }
    } finally {
      await from.close()
    }
  } finally {
    claim.release()
  }
}

interface Between extends Pick<TransferRequest, 'onProgress' | 'signal'> {
  readonly clock: Clock
}

async function transferBetween(from: Store, to: Store, folder: string, { onProgress, signal, clock }: Between): Promise<Transferred> {
  // The results first: what the rows refer to is there when they come.
  const results = await copyResults(
    resultFiles({ store: from, clock }, folder),
    resultFiles({ store: to, clock }, folder),
    onProgress,
    signal,
  )
  const tables = await transferTables({ from, to, onProgress, signal })
  return { tables, results }
}

async function copyResults(
  from: ResultFiles,
  to: ResultFiles,
  onProgress: TransferRequest['onProgress'],
  signal: AbortSignal,
): Promise<number> {
  let copied = 0
  for (const owner of await from.owners()) {
    const there = new Set(await to.keys(owner))
    for (const key of await from.keys(owner)) {
      signal.throwIfAborted()
      const bytes = await from.read(owner, key)
      if (!there.has(key)) await to.write(owner, key, bytes)
      if (digest(await to.read(owner, key)) !== digest(bytes))
        throw new TuttiError('TRANSFER_REFUSED', `the result ${key} of flow run ${owner} differs from what is in the target database`)
      copied += 1
      onProgress('results', copied)
    }
  }
  return copied
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
