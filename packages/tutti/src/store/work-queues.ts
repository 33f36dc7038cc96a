import { JsonText } from '../core/literal-json.ts'
import type { Instant } from '../core/time.ts'
import type { QueueNames } from '../core/told-flow-run.ts'
import type { WorkQueue } from '../core/work-pool.ts'
import type { Part, QueueFilter } from '../core/work-pool-operations.ts'
import type { Script } from './script.ts'
import { change, hotSelect, hotSelectIn, select, sqlBuilder } from './statements.ts'
import type { WorkQueueRow } from './tables.ts'

export interface WorkQueueTable {
  /** `false`: its pool has one of that name. */
  insert(queue: WorkQueue): Script<boolean>
  get(id: string): Script<WorkQueue | undefined>
  byName(poolId: string, name: string): Script<WorkQueue | undefined>
  /** By priority. */
  ofPool(poolId: string): Script<readonly WorkQueue[]>
  save(queue: WorkQueue): Script<void>
  setPriority(id: string, priority: number, now: Instant): Script<void>
  /** Somebody asked these for work. */
  setPolled(ids: readonly string[], now: Instant): Script<void>
  /** Runs of a queue that is deleted stay, without one. */
  delete(ids: readonly string[]): Script<void>
  /** Of a pool by priority; of all by name. */
  list(poolId: string | null, filter: QueueFilter, part: Part): Script<readonly WorkQueue[]>
  names(ids: readonly string[]): Script<readonly QueueNames[]>
  /** Those that count as served although nobody asked them since. */
  neglected(polledBefore: Instant): Script<readonly WorkQueue[]>
}

const selectQueue = hotSelect(sqlBuilder.selectFrom('work_queues').selectAll().where('id', '=', ''))
const selectQueues = hotSelect(
  sqlBuilder.selectFrom('work_queues').selectAll().where('work_pool_id', '=', '').orderBy('priority').orderBy('id'),
)
const selectNames = hotSelectIn((ids) =>
  sqlBuilder
    .selectFrom('work_queues')
    .innerJoin('work_pools', 'work_pools.id', 'work_queues.work_pool_id')
    .select(['work_queues.id', 'work_queues.name', 'work_queues.work_pool_id', 'work_pools.name as pool_name'])
    .where('work_queues.id', 'in', ids),
)

export function workQueueTable(): WorkQueueTable {
  return {
    *insert(queue) {
      const inserted = yield* change(
        sqlBuilder
          .insertInto('work_queues')
          .values(toRow(queue))
          .onConflict((conflict) => conflict.columns(['work_pool_id', 'name']).doNothing()),
      )
      return inserted > 0
    },

    *get(id) {
      return first(yield* selectQueue([id]))
    },

    *byName(poolId, name) {
      return first(
        yield* select(sqlBuilder.selectFrom('work_queues').selectAll().where('work_pool_id', '=', poolId).where('name', '=', name)),
      )
    },

    *ofPool(poolId) {
      return (yield* selectQueues([poolId])).map(toQueue)
    },

    *save(queue) {
      const { id, ...columns } = toRow(queue)
      yield* change(sqlBuilder.updateTable('work_queues').set(columns).where('id', '=', id))
    },

    *setPriority(id, priority, now) {
      yield* change(sqlBuilder.updateTable('work_queues').set({ priority, updated_at: now }).where('id', '=', id))
    },

    *setPolled(ids, now) {
      if (ids.length === 0) return
      yield* change(sqlBuilder.updateTable('work_queues').set({ last_polled_at: now, updated_at: now }).where('id', 'in', ids))
    },

    *delete(ids) {
      if (ids.length === 0) return
      yield* change(sqlBuilder.updateTable('flow_runs').set({ work_queue_id: null }).where('work_queue_id', 'in', ids))
      yield* change(sqlBuilder.deleteFrom('work_queues').where('id', 'in', ids))
    },

    *list(poolId, { join, ids, names, prefixes }, { limit, offset }) {
      let query = sqlBuilder.selectFrom('work_queues').selectAll().limit(limit).offset(offset)
      query =
        poolId === null ? query.orderBy('name').orderBy('id') : query.where('work_pool_id', '=', poolId).orderBy('priority').orderBy('id')
      if (ids !== undefined || names !== undefined || prefixes !== undefined)
        query = query.where((where) => {
          const asked = [
            ...(ids === undefined ? [] : [where('id', 'in', ids)]),
            ...(names === undefined ? [] : [where('name', 'in', names)]),
            ...(prefixes === undefined
              ? []
              : [where.or(prefixes.map((prefix) => where(where.fn<string>('lower', ['name']), 'like', `${prefix.toLowerCase()}%`)))]),
          ]
          return join === 'or' ? where.or(asked) : where.and(asked)
        })
      return (yield* select(query)).map(toQueue)
    },

    *names(ids) {
      return (yield* selectNames(ids)).map((row) => ({ id: row.id, name: row.name, poolId: row.work_pool_id, poolName: row.pool_name }))
    },

    *neglected(polledBefore) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('work_queues')
          .selectAll()
          .where('status', '=', 'ready')
          .where((where) => where.or([where('last_polled_at', 'is', null), where('last_polled_at', '<', polledBefore)]))
          .orderBy('id'),
      )
      return rows.map(toQueue)
    },
  }
}

function first(rows: readonly WorkQueueRow[]): WorkQueue | undefined {
  const row = rows[0]
  return row === undefined ? undefined : toQueue(row)
}

function toRow(queue: WorkQueue): WorkQueueRow {
  return {
    id: queue.id,
    work_pool_id: queue.poolId,
    name: queue.name,
    description: queue.description,
    is_paused: queue.isPaused ? 1 : 0,
    concurrency_limit: queue.concurrencyLimit,
    priority: queue.priority,
    filter: queue.filter?.text ?? null,
    status: queue.status,
    last_polled_at: queue.lastPolledAt,
    created_at: queue.createdAt,
    updated_at: queue.updatedAt,
  }
}

function toQueue(row: WorkQueueRow): WorkQueue {
  return {
    id: row.id,
    poolId: row.work_pool_id,
    name: row.name,
    description: row.description,
    isPaused: row.is_paused !== 0,
    concurrencyLimit: row.concurrency_limit,
    priority: row.priority,
    filter: row.filter === null ? null : new JsonText(row.filter),
    status: row.status as WorkQueue['status'], // written by `toRow` only
    lastPolledAt: row.last_polled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
