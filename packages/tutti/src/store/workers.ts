import type { Instant } from '../core/time.ts'
import type { Worker } from '../core/worker.ts'
import { sql } from './kysely.ts'
import type { Script } from './script.ts'
import { change, hot, select, sqlBuilder } from './statements.ts'
import type { WorkerRow } from './tables.ts'

export interface WorkerTable {
  /** A worker is known by the name it has in its pool. */
  beat(worker: Worker): Script<void>
  /** The newest heartbeat first. */
  ofPool(poolId: string): Script<readonly Worker[]>
  delete(poolId: string, name: string): Script<boolean>
  deleteOfPool(poolId: string): Script<void>
  /** Those that were online when they were heard of last. */
  online(): Script<readonly Worker[]>
  setOffline(ids: readonly string[], now: Instant): Script<void>
}

const upsert = hot(
  sqlBuilder
    .insertInto('workers')
    .values({
      id: '',
      work_pool_id: '',
      name: '',
      heartbeat_at: 0,
      heartbeat_interval_s: null,
      version: null,
      status: '',
      created_at: 0,
      updated_at: 0,
    })
    .onConflict((conflict) =>
      conflict.columns(['work_pool_id', 'name']).doUpdateSet((set) => ({
        heartbeat_at: set.ref('excluded.heartbeat_at'),
        heartbeat_interval_s: set.ref('excluded.heartbeat_interval_s'),
        version: sql<string | null>`coalesce(excluded.version, workers.version)`,
        status: set.ref('excluded.status'),
        updated_at: set.ref('excluded.updated_at'),
      })),
    ),
)

export function workerTable(): WorkerTable {
  return {
    *beat({ id, poolId, name, heartbeatAt, heartbeatIntervalS, version, status, createdAt, updatedAt }) {
      yield* upsert([id, poolId, name, heartbeatAt, heartbeatIntervalS, version, status, createdAt, updatedAt])
    },

    *ofPool(poolId) {
      const query = sqlBuilder.selectFrom('workers').selectAll().where('work_pool_id', '=', poolId)
      return (yield* select(query.orderBy('heartbeat_at', 'desc').orderBy('name'))).map(toWorker)
    },

    *delete(poolId, name) {
      return (yield* change(sqlBuilder.deleteFrom('workers').where('work_pool_id', '=', poolId).where('name', '=', name))) > 0
    },

    *deleteOfPool(poolId) {
      yield* change(sqlBuilder.deleteFrom('workers').where('work_pool_id', '=', poolId))
    },

    *online() {
      return (yield* select(sqlBuilder.selectFrom('workers').selectAll().where('status', '=', 'online').orderBy('id'))).map(toWorker)
    },

    *setOffline(ids, now) {
      if (ids.length === 0) return
      yield* change(sqlBuilder.updateTable('workers').set({ status: 'offline', updated_at: now }).where('id', 'in', ids))
    },
  }
}

function toWorker(row: WorkerRow): Worker {
  return {
    id: row.id,
    poolId: row.work_pool_id,
    name: row.name,
    heartbeatAt: row.heartbeat_at,
    heartbeatIntervalS: row.heartbeat_interval_s,
    version: row.version,
    status: row.status as Worker['status'], // written by `beat` and `setOffline` only
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
