import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { change, hot, select, sqlBuilder } from './statements.ts'

/** Large results of runs, for a database that many machines share: a folder of one of them would be no place for the others. */
export interface ResultTable {
  put(owner: string, key: string, bytes: Uint8Array, now: Instant): Script<void>
  get(owner: string, key: string): Script<Uint8Array | undefined>
  /** The same bytes under another owner; `false` when there are none. */
  share(from: string, to: string, key: string, now: Instant): Script<boolean>
  deleteOwner(owner: string): Script<void>
  /** A page of those who own something, in order. */
  owners(after: string, limit: number): Script<readonly string[]>
  keys(owner: string): Script<readonly string[]>
  /** What was written before a moment: keys only. */
  oldKeys(owner: string, before: Instant): Script<readonly string[]>
  delete(owner: string, keys: readonly string[]): Script<void>
}

const insertResult = hot(
  sqlBuilder
    .insertInto('results')
    .values({ owner: '', key: '', bytes: new Uint8Array(), written_at: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['owner', 'key'])
        .doUpdateSet((set) => ({ bytes: set.ref('excluded.bytes'), written_at: set.ref('excluded.written_at') })),
    ),
)

export function resultTable(): ResultTable {
  return {
    *put(owner, key, bytes, now) {
      yield* insertResult([owner, key, bytes, now])
    },

    *get(owner, key) {
      const rows = yield* select(sqlBuilder.selectFrom('results').select('bytes').where('owner', '=', owner).where('key', '=', key))
      return rows[0]?.bytes
    },

    *share(from, to, key, now) {
      const rows = yield* select(sqlBuilder.selectFrom('results').select('bytes').where('owner', '=', from).where('key', '=', key))
      const [row] = rows
      if (row === undefined) return false
      yield* insertResult([to, key, row.bytes, now])
      return true
    },

    *deleteOwner(owner) {
      yield* change(sqlBuilder.deleteFrom('results').where('owner', '=', owner))
    },

    *owners(after, limit) {
      const rows = yield* select(
        sqlBuilder.selectFrom('results').select('owner').distinct().where('owner', '>', after).orderBy('owner').limit(limit),
      )
      return rows.map((row) => row.owner)
    },

    *keys(owner) {
      const rows = yield* select(sqlBuilder.selectFrom('results').select('key').where('owner', '=', owner).orderBy('key'))
      return rows.map((row) => row.key)
    },

    *oldKeys(owner, before) {
      const rows = yield* select(sqlBuilder.selectFrom('results').select('key').where('owner', '=', owner).where('written_at', '<', before))
      return rows.map((row) => row.key)
    },

    *delete(owner, keys) {
      if (keys.length === 0) return
      yield* change(sqlBuilder.deleteFrom('results').where('owner', '=', owner).where('key', 'in', keys))
    },
  }
}
