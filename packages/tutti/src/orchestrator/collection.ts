import type { Instant } from '../core/time.ts'
import type { Deps } from './deps.ts'
import { CACHE_OWNER } from './results.ts'

const OWNERS_PER_READ = 500

/**
 * Deletes files that nothing refers to: of runs that are not in the store, and of cached results that expired or were replaced. Young ones
 * stay, as a file is written before what refers to it.
 */
export async function collectFiles({ store, files }: Deps, before: Instant): Promise<void> {
  const owners = await files.owners()
  const runs = owners.filter((owner) => owner !== CACHE_OWNER)
  for (let at = 0; at < runs.length; at += OWNERS_PER_READ) {
    const page = runs.slice(at, at + OWNERS_PER_READ)
    const known = await store.read(() => store.tables.flowRuns.known(page))
    for (const owner of page) if (!known.has(owner)) await files.deleteOld(owner, before, new Set())
  }
  if (!owners.includes(CACHE_OWNER)) return
  const cached = await store.read(() => store.tables.caches.blobs())
  await files.deleteOld(CACHE_OWNER, before, cached)
}
