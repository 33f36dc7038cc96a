import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'

export interface RetentionTable {
  /** Finished root runs that ended before a moment, oldest first. */
  endedBefore(moment: number, limit: number): Script<readonly string[]>
  deleteLogsBefore(moment: number, limit: number): Script<number>
  deleteExpiredCaches(moment: number, limit: number): Script<number>
}

export function retentionTable(): RetentionTable {
  return {
    *endedBefore(moment, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select('id')
          .where('state_type', 'in', ['completed', 'failed', 'crashed', 'cancelled'])
          .where('parent_task_run_id', 'is', null)
          .where('state_timestamp', '<', moment)
          .orderBy('state_timestamp')
          .limit(limit),
      )
      return rows.map((row) => row.id)
    },

    *deleteLogsBefore(moment, limit) {
      const old = sqlBuilder.selectFrom('logs').select('id').where('timestamp', '<', moment).orderBy('timestamp').limit(limit)
      return yield* change(sqlBuilder.deleteFrom('logs').where('id', 'in', old))
    },

    *deleteExpiredCaches(moment, limit) {
      const old = sqlBuilder.selectFrom('cache_entries').select('key').where('expires_at', '<', moment).limit(limit)
      return yield* change(sqlBuilder.deleteFrom('cache_entries').where('key', 'in', old))
    },
  }
}
