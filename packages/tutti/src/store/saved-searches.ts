import { JsonText } from '../core/literal-json.ts'
import type { SavedSearch } from '../core/saved-search.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'
import type { SavedSearchRow } from './tables.ts'

export interface SavedSearchTable {
  get(id: string): Script<SavedSearch | undefined>
  byName(name: string): Script<SavedSearch | undefined>
  list(page: { readonly limit: number; readonly offset: number }): Script<readonly SavedSearch[]>
  /** A new one, or new filters of one that is there. */
  put(search: SavedSearch): Script<void>
  delete(id: string): Script<void>
}

export function savedSearchTable(): SavedSearchTable {
  return {
    *get(id) {
      return (yield* select(sqlBuilder.selectFrom('saved_searches').selectAll().where('id', '=', id))).map(toSearch)[0]
    },

    *byName(name) {
      return (yield* select(sqlBuilder.selectFrom('saved_searches').selectAll().where('name', '=', name))).map(toSearch)[0]
    },

    *list({ limit, offset }) {
      const rows = yield* select(sqlBuilder.selectFrom('saved_searches').selectAll().orderBy('name').limit(limit).offset(offset))
      return rows.map(toSearch)
    },

    *put({ id, name, filters, createdAt, updatedAt }) {
      yield* change(
        sqlBuilder
          .insertInto('saved_searches')
          .values({ id, name, filters: filters.text, created_at: createdAt, updated_at: updatedAt })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ filters: filters.text, updated_at: updatedAt })),
      )
    },

    *delete(id) {
      yield* change(sqlBuilder.deleteFrom('saved_searches').where('id', '=', id))
    },
  }
}

function toSearch({ id, name, filters, created_at: createdAt, updated_at: updatedAt }: SavedSearchRow): SavedSearch {
  return { id, name, filters: new JsonText(filters), createdAt, updatedAt }
}
