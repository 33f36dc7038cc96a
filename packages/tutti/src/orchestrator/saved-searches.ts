import { TuttiError } from '../core/errors.ts'
import type { SavedSearch, SavedSearchOperations } from '../core/saved-search.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

export function savedSearchOperations({ store, clock, ids }: Deps): SavedSearchOperations {
  const { savedSearches } = store.tables

  return {
    save: ({ name, filters }) =>
      store.write(function* () {
        const now = clock.now()
        const known = yield* savedSearches.byName(name)
        const search: SavedSearch = { id: known?.id ?? ids.next(), name, filters, createdAt: known?.createdAt ?? now, updatedAt: now }
        yield* savedSearches.put(search)
        return { search, isNew: known === undefined }
      }),

    read: (id) => store.read(() => found(id)),
    list: (page) => store.read(() => savedSearches.list(page)),

    remove: (id) =>
      store.write(function* () {
        yield* found(id)
        yield* savedSearches.delete(id)
      }),
  }

  function* found(id: string): Script<SavedSearch> {
    const search = yield* savedSearches.get(id)
    if (search === undefined) throw new TuttiError('NOT_FOUND', `there is no saved search ${id}`)
    return search
  }
}
