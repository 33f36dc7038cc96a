import { pageOf } from '../../api/page.ts'
import { savedSearches, savedSearchToWire } from '../../api/saved-searches.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'

export function mountSavedSearches(mount: Mount, { savedSearches: door }: ServerOrchestrator): void {
  mount(savedSearches.save, async ({ body }) => {
    const { search, isNew } = await door.save(body)
    return new Reply(isNew ? 201 : 200, savedSearchToWire(search))
  })
  mount(savedSearches.list, async ({ body }) => (await door.list(pageOf(body))).map(savedSearchToWire))
  mount(savedSearches.read, async ({ params }) => savedSearchToWire(await door.read(params.id)))
  mount(savedSearches.remove, ({ params }) => door.remove(params.id))
}
