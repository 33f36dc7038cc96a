import type { StorageOperations, StorageReport } from '../core/table-sizes.ts'
import type { Deps } from './deps.ts'

/** So long an answer is given again. */
const KEPT_US = 60_000_000

export function storageOperations({ store, clock }: Deps): StorageOperations {
  let last: StorageReport | undefined
  return {
    async report() {
      const at = clock.now()
      if (last !== undefined && at - last.at < KEPT_US) return last
      const sizes = await store.sizes()
      const retainedAt = await store.read(() => store.tables.retention.lastRun())
      last = { ...sizes, at, retainedAt }
      return last
    },
  }
}
