import type { Instant } from '../core/time.ts'
import { sql } from './kysely.ts'
import type { CountMarks } from './run-counts.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'

export interface RetentionTable {
  /** Finished root runs that ended before a moment, oldest first. */
  endedBefore(moment: Instant, limit: number): Script<readonly string[]>
  deleteLogsBefore(moment: Instant, limit: number): Script<number>
  deleteExpiredCaches(moment: Instant, limit: number): Script<number>
  deleteEventsBefore(moment: Instant, limit: number): Script<number>
  /** Runs that were deleted and still have something left, oldest first. */
  deleted(limit: number): Script<readonly string[]>
  /** Deletes up to `limit` rows that belonged to a deleted run. Its sub-flow runs are `found`: they are to be deleted in the same transaction. */
  sweep(id: string, limit: number): Script<Sweep>
  /** What was past keeping is gone. */
  ran(now: Instant): Script<void>
  lastRun(): Script<Instant | null>
  /** Nothing of a deleted run is left. */
  forget(id: string): Script<void>
}

export interface Sweep {
  readonly rows: number
  readonly found: readonly string[]
}

const LAST_RUN = 'retention.last-run'

export function retentionTable(marks: CountMarks): RetentionTable {
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
      const old = sqlBuilder.selectFrom('cache_entries').select('key').where('expires_at', '<=', moment).limit(limit)
      return yield* change(sqlBuilder.deleteFrom('cache_entries').where('key', 'in', old))
    },

    *deleteEventsBefore(moment, limit) {
      const rows = yield* select(
        sqlBuilder.selectFrom('events').select('id').where('occurred_at', '<', moment).orderBy('occurred_at').orderBy('id').limit(limit),
      )
      if (rows.length === 0) return 0
      const ids = rows.map((row) => row.id)
      yield* change(sqlBuilder.deleteFrom('event_resources').where('event_id', 'in', ids))
      return yield* change(sqlBuilder.deleteFrom('events').where('id', 'in', ids))
    },

    *deleted(limit) {
      const rows = yield* select(sqlBuilder.selectFrom('deleted_flow_runs').select('id').orderBy('deleted_at').orderBy('id').limit(limit))
      return rows.map((row) => row.id)
    },

    *sweep(id, limit) {
      const { rows, found } = yield* sweepTaskRuns(marks, id, limit)
      if (rows === limit) return { rows, found }
      const logs = sqlBuilder
        .selectFrom('logs')
        .select('id')
        .where('flow_run_id', '=', id)
        .limit(limit - rows)
      const logsGone = yield* change(sqlBuilder.deleteFrom('logs').where('id', 'in', logs))
      const left = limit - rows - logsGone
      if (left === 0) return { rows: limit, found }
      const keys = sqlBuilder.selectFrom('journal_values').select('key').where('flow_run_id', '=', id).limit(left)
      const valuesGone = yield* change(sqlBuilder.deleteFrom('journal_values').where('flow_run_id', '=', id).where('key', 'in', keys))
      return { rows: rows + logsGone + valuesGone, found }
    },

    *ran(now) {
      const insert = sqlBuilder.insertInto('server_values').values({ key: LAST_RUN, value: String(now) })
      yield* change(insert.onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(now) })))
    },

    *lastRun() {
      const [row] = yield* select(sqlBuilder.selectFrom('server_values').select('value').where('key', '=', LAST_RUN))
      return row === undefined ? null : Number(row.value)
    },

    *forget(id) {
      yield* change(sqlBuilder.deleteFrom('deleted_flow_runs').where('id', '=', id))
    },
  }
}

/** Task runs go together with the sub-flow runs they stood for; one that only shared a run with others does not take it along. */
function* sweepTaskRuns(marks: CountMarks, id: string, limit: number): Script<Sweep> {
  const taskRuns = yield* select(
    sqlBuilder.selectFrom('task_runs').select(['id', 'child_flow_run_id']).where('flow_run_id', '=', id).limit(limit),
  )
  if (taskRuns.length === 0) return { rows: 0, found: [] }
  const parents = taskRuns.filter((row) => row.child_flow_run_id !== null)
  const children =
    parents.length === 0
      ? []
      : yield* select(
          sqlBuilder
            .selectFrom('flow_runs')
            .select('id')
            .where(
              'id',
              'in',
              parents.map((row) => row.child_flow_run_id ?? ''),
            )
            .where(
              'parent_task_run_id',
              'in',
              parents.map((row) => row.id),
            ),
        )
  const ids = taskRuns.map((row) => row.id)
  yield* marks.deleted('task-runs', sql<boolean>`id in (${sql.join(ids)})`)
  const rows = yield* change(sqlBuilder.deleteFrom('task_runs').where('id', 'in', ids))
  return { rows, found: children.map((row) => row.id) }
}
