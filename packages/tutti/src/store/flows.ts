import type { Flow } from '../core/flow.ts'
import { JsonText } from '../core/literal-json.ts'
import type { FlowSummary } from '../core/orchestrator.ts'
import type { Page } from '../core/query.ts'
import type { Instant } from '../core/time.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { stateOf } from './flow-run-rows.ts'
import { pageLimit } from './flow-runs.ts'
import type { Script } from './script.ts'
import { change, hot, hotSelect, listText, select, sqlBuilder, textList } from './statements.ts'
import type { FlowRow } from './tables.ts'

export interface FlowTable {
  /** The id of the flow of that name; made when it is new. */
  ensure(name: string, newId: string, now: number): Script<string>
  list(limit: number, cursor: string | undefined): Script<Page<FlowSummary>>
  /** `false`: there is one of that name. */
  insert(flow: Flow): Script<boolean>
  get(id: string): Script<Flow | undefined>
  byName(name: string): Script<Flow | undefined>
  setTags(id: string, tags: readonly string[], now: Instant): Script<number>
  delete(id: string): Script<number>
}

const selectId = hotSelect(sqlBuilder.selectFrom('flows').select('id').where('name', '=', ''))
const selectFlow = hotSelect(sqlBuilder.selectFrom('flows').selectAll().where('id', '=', ''))
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

    *insert({ id, name, createdAt, tags, labels, updatedAt }) {
      return (yield* insertFlow([id, name, createdAt, listText(tags), labels.text, updatedAt])) > 0
    },

    *get(id) {
      return first(yield* selectFlow([id]))
    },

    *byName(name) {
      return first(yield* select(sqlBuilder.selectFrom('flows').selectAll().where('name', '=', name)))
    },

    *setTags(id, tags, now) {
      return yield* change(
        sqlBuilder
          .updateTable('flows')
          .set({ tags: listText(tags), updated_at: now })
          .where('id', '=', id),
      )
    },

    *delete(id) {
      return yield* change(sqlBuilder.deleteFrom('flows').where('id', '=', id))
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

function first(rows: readonly FlowRow[]): Flow | undefined {
  const row = rows[0]
  return row === undefined ? undefined : toFlow(row)
}

export function toFlow(row: FlowRow): Flow {
  return {
    id: row.id,
    name: row.name,
    tags: textList(row.tags),
    labels: new JsonText(row.labels ?? '{}'),
    createdAt: row.created_at,
    updatedAt: row.updated_at ?? row.created_at,
  }
}
