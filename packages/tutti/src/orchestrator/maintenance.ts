import type { MaintenanceOperations } from '../core/orchestrator.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

const DAY_US = 86_400_000_000
/** Runs deleted in one transaction: their task runs go with them, so the number is small. */
const RUNS_PER_BATCH = 20

export function maintenanceOperations(deps: Deps): MaintenanceOperations {
  const { store, clock, files } = deps
  const { flowRuns, retention } = store.tables
  return {
    info: () => store.info(),
    vacuum: () => store.vacuum(),
    backup: (path) => store.backup(path),

    async retain({ flowRunDays, logDays }, limit) {
      const now = clock.now()
      const old = await store.read(() => retention.endedBefore(now - flowRunDays * DAY_US, limit))
      for (let at = 0; at < old.length; at += RUNS_PER_BATCH) {
        const deleted = await store.write(function* (): Script<readonly string[]> {
          const ids: string[] = []
          for (const id of old.slice(at, at + RUNS_PER_BATCH)) ids.push(id, ...(yield* flowRuns.below(id)).map((run) => run.id))
          yield* flowRuns.delete(ids)
          return ids
        })
        for (const id of deleted) await files.deleteRun(id)
      }
      const logs = await store.write(() => retention.deleteLogsBefore(now - logDays * DAY_US, limit))
      const caches = await store.write(() => retention.deleteExpiredCaches(now, limit))
      return old.length + logs + caches
    },
  }
}
