import type { FlowSummary } from '../core/orchestrator.ts'
import type { Page } from '../core/query.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { stateOf } from './flow-run-rows.ts'
import { pageLimit } from './flow-runs.ts'
import type { Script } from './script.ts'
import { hot, hotSelect, select, sqlBuilder } from './statements.ts'

export interface FlowTable {
  /** The id of the flow of that name; made when it is new. */
  ensure(name: string, newId: string, now: number): Script<string>
  list(limit: number, cursor: string | undefined): Script<Page<FlowSummary>>
}

const selectId = hotSelect(sqlBuilder.selectFrom('flows').select('id').where('name', '=', ''))
const insertFlow = hot(
  sqlBuilder.insertInto('flows').values({ id: '', name: '', created_at: 0, tags: null, labels: null, updated_at: null }),
)

export function flowTable(): FlowTable {
  return {
    *ensure(name, newId, now) {
      const known = (yield* selectId([name]))[0]
      if (known !== undefined) return known.id
      yield* insertFlow([newId, name, now, null, null, null])
      return newId
    },

    *list(limit, cursor) {
      const wanted = pageLimit(limit)
      let query = sqlBuilder
        .selectFrom('flows')
        .selectAll()
        .orderBy('name')
        .limit(wanted + 1)
      if (cursor !== undefined) query = query.where('name', '>', decodeCursor('flows', cursor))
      const rows = yield* select(query)
      const items: FlowSummary[] = []
      for (const row of rows.slice(0, wanted)) {
        const newest = (yield* select(
          sqlBuilder.selectFrom('flow_runs').selectAll().where('flow_id', '=', row.id).orderBy('id', 'desc').limit(1),
        ))[0]
        const counted = (yield* select(
          sqlBuilder.selectFrom('flow_runs').select(sqlBuilder.fn.countAll<number>().as('runs')).where('flow_id', '=', row.id),
        ))[0]
        items.push({
          id: row.id,
          name: row.name,
          createdAt: row.created_at,
          runs: Number(counted?.runs ?? 0),
          lastRun:
            newest === undefined
              ? null
              : {
                  id: newest.id,
                  name: newest.name,
                  state: stateOf(newest),
                },
        })
      }
      const last = rows.length > wanted ? rows[wanted - 1] : undefined
      return { items, cursor: last === undefined ? null : encodeCursor('flows', last.name) }
    },
  }
}
