import type { MaintenanceOperations } from '../core/orchestrator.ts'
import { collectFiles } from './collection.ts'
import { sweepDeleted } from './deletions.ts'
import type { Deps } from './deps.ts'

const DAY_US = 86_400_000_000
/** Runs deleted in one transaction; what belongs to them follows in batches of its own. */
const RUNS_PER_BATCH = 200
/** Batches of rows that one call deletes after the runs they belonged to; more are left to the next call. */
const BATCHES_MAX = 50

export function maintenanceOperations(deps: Deps): MaintenanceOperations {
  const { store, clock } = deps
  return {
    info: () => store.info(),
    vacuum: () => store.vacuum(),
    async backup(path) {
      // The rows first: what they refer to is there already.
      await store.backup(path)
      await deps.files.copyAll(`${path}.results`)
    },

    async retain({ flowRunDays, logDays }, limit) {
      const { retention } = store.tables
      const now = clock.now()
      const runsBefore = now - flowRunDays * DAY_US
      const runs = await deleteRuns(deps, runsBefore, limit)
      const rest = await sweepDeleted(deps, BATCHES_MAX)
      const logs = await store.write(() => retention.deleteLogsBefore(now - logDays * DAY_US, limit))
      const caches = await store.write(() => retention.deleteExpiredCaches(now, limit))
      await collectFiles(deps, now - DAY_US)
      await store.write(() => retention.ran(now))
      return runs + rest + logs + caches
    },
  }
}

/** The runs are looked for in the transaction that deletes them: one that somebody has just retried stays. */
async function deleteRuns({ store, clock }: Deps, before: number, limit: number): Promise<number> {
  const { flowRuns, retention } = store.tables
  let deleted = 0
  while (deleted < limit) {
    const batch = Math.min(RUNS_PER_BATCH, limit - deleted)
    const gone = await store.write(function* () {
      const ids = yield* retention.endedBefore(before, batch)
      yield* flowRuns.delete(ids, clock.now())
      return ids.length
    })
    deleted += gone
    if (gone < batch) break
  }
  return deleted
}
