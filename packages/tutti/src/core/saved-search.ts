import type { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'

/** A set of filters that somebody wants to find again, under a name. */
export interface SavedSearch {
  readonly id: string
  readonly name: string
  /** A list of the reader's own filters; nobody here reads them. */
  readonly filters: JsonText
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A search that is not there is `NOT_FOUND`. */
export interface SavedSearchOperations {
  /** Under a name that is taken, the new filters take the place of the old. */
  save(search: Pick<SavedSearch, 'name' | 'filters'>): Promise<{ readonly search: SavedSearch; readonly isNew: boolean }>
  read(id: string): Promise<SavedSearch>
  /** By name. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<readonly SavedSearch[]>
  remove(id: string): Promise<void>
}
