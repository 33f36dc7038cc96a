import { queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'

/** An address of the list of runs that has a name. */
export interface SavedView {
  readonly id: string
  readonly name: string
  /** As behind the question mark. */
  readonly search: string
  readonly isDefault: boolean
}

// The server keeps views as the protocol does: a list of conditions. Ours is one whose value is the address.
const OBJECT = 'runs-page'
const VIEWS_MAX = 200

export function savedViews() {
  return queryOptions({
    queryKey: ['saved-searches'],
    queryFn: async ({ signal }): Promise<readonly SavedView[]> =>
      (await client().savedSearches.list({ body: { limit: VIEWS_MAX, offset: 0 } }, { signal })).flatMap(({ id, name, filters }) => {
        const ours = (Array.isArray(filters) ? filters : []).find((filter) => filter?.object === OBJECT)
        if (ours === undefined || typeof ours.value !== 'string') return []
        return [{ id, name, search: ours.value, isDefault: ours.operation === 'default' }]
      }),
  })
}

export async function saveView({ name, search, isDefault }: Omit<SavedView, 'id'>): Promise<void> {
  const filter = { object: OBJECT, property: 'address', type: 'string', operation: isDefault ? 'default' : 'equals', value: search }
  await client().savedSearches.save({ body: { name, filters: [filter] } })
}

export async function deleteView(id: string): Promise<void> {
  await client().savedSearches.remove({ id })
}
