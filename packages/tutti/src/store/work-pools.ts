import { JsonText } from '../core/literal-json.ts'
import type { WorkPool } from '../core/work-pool.ts'
import type { Part, PoolFilter } from '../core/work-pool-operations.ts'
import type { Script } from './script.ts'
import { change, hotSelect, select, sqlBuilder } from './statements.ts'
import type { WorkPoolRow } from './tables.ts'

export interface WorkPoolTable {
  /** `false`: there is one of that name. */
  insert(pool: WorkPool): Script<boolean>
  get(id: string): Script<WorkPool | undefined>
  byName(name: string): Script<WorkPool | undefined>
  save(pool: WorkPool): Script<void>
  delete(id: string): Script<void>
  list(filter: PoolFilter, part: Part): Script<readonly WorkPool[]>
  count(filter: PoolFilter): Script<number>
  ready(): Script<readonly WorkPool[]>
}

const selectPool = hotSelect(sqlBuilder.selectFrom('work_pools').selectAll().where('id', '=', ''))
const poolNamed = hotSelect(sqlBuilder.selectFrom('work_pools').selectAll().where('name', '=', ''))

export function workPoolTable(): WorkPoolTable {
  return {
    *insert(pool) {
      const inserted = yield* change(
        sqlBuilder
          .insertInto('work_pools')
          .values(toRow(pool))
          .onConflict((conflict) => conflict.column('name').doNothing()),
      )
      return inserted > 0
    },

    *get(id) {
      return first(yield* selectPool([id]))
    },

    *byName(name) {
      return first(yield* poolNamed([name]))
    },

    *save(pool) {
      const { id, ...columns } = toRow(pool)
      yield* change(sqlBuilder.updateTable('work_pools').set(columns).where('id', '=', id))
    },

    *delete(id) {
      yield* change(sqlBuilder.deleteFrom('work_pools').where('id', '=', id))
    },

    *list(filter, { limit, offset }) {
      return (yield* select(matching(filter).selectAll().orderBy('name').limit(limit).offset(offset))).map(toPool)
    },

    *count(filter) {
      const row = (yield* select(matching(filter).select(sqlBuilder.fn.countAll<number>().as('pools'))))[0]
      return Number(row?.pools ?? 0)
    },

    *ready() {
      return (yield* select(sqlBuilder.selectFrom('work_pools').selectAll().where('status', '=', 'ready').orderBy('id'))).map(toPool)
    },
  }
}

function matching({ join, ids, names, types }: PoolFilter) {
  const query = sqlBuilder.selectFrom('work_pools')
  if (ids === undefined && names === undefined && types === undefined) return query
  return query.where((where) => {
    const asked = [
      ...(ids === undefined ? [] : [where('id', 'in', ids)]),
      ...(names === undefined ? [] : [where('name', 'in', names)]),
      ...(types === undefined ? [] : [where('type', 'in', types)]),
    ]
    return join === 'or' ? where.or(asked) : where.and(asked)
  })
}

function first(rows: readonly WorkPoolRow[]): WorkPool | undefined {
  const row = rows[0]
  return row === undefined ? undefined : toPool(row)
}

function toRow(pool: WorkPool): WorkPoolRow {
  return {
    id: pool.id,
    name: pool.name,
    description: pool.description,
    type: pool.type,
    base_job_template: pool.baseJobTemplate.text,
    is_paused: pool.isPaused ? 1 : 0,
    concurrency_limit: pool.concurrencyLimit,
    status: pool.status,
    default_queue_id: pool.defaultQueueId,
    storage: pool.storage.text,
    created_at: pool.createdAt,
    updated_at: pool.updatedAt,
  }
}

function toPool(row: WorkPoolRow): WorkPool {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type,
    baseJobTemplate: new JsonText(row.base_job_template),
    isPaused: row.is_paused !== 0,
    concurrencyLimit: row.concurrency_limit,
    status: row.status as WorkPool['status'], // written by `toRow` only
    defaultQueueId: row.default_queue_id,
    storage: new JsonText(row.storage),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
