import type { FlowSummary } from '../core/orchestrator.ts'
import type { Page } from '../core/query.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { pageLimit, toState } from './flow-runs.ts'
import type { Script } from './script.ts'
import { hot, hotSelect, select, sqlBuilder } from './statements.ts'

export interface FlowTable {
  /** The id of the flow of that name; made when it is new. */
  ensure(name: string, newId: string, now: number): Script<string>
  list(limit: number, cursor: string | undefined): Script<Page<FlowSummary>>
}

const selectId = hotSelect(sqlBuilder.selectFrom('flows').select('id').where('name', '=', ''))
const insertFlow = hot(sqlBuilder.insertInto('flows').values({ id: '', name: '', created_at: 0 }))

export function flowTable(): FlowTable {
  return {
    *ensure(name, newId, now) {
      const known = (yield* selectId([name]))[0]
      if (known !== undefined) return known.id
      yield* insertFlow([newId, name, now])
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
                  state: toState(
                    newest.state_id,
                    newest.state_type,
                    newest.state_name,
                    newest.state_timestamp,
                    newest.state_message,
                    newest.scheduled_for,
                  ),
                },
        })
      }
      const last = rows.length > wanted ? rows[wanted - 1] : undefined
      return { items, cursor: last === undefined ? null : encodeCursor('flows', last.name) }
    },
  }
}
