import type { OverdueRun, StoredMode } from '../core/maintenance-mode.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { sql } from './kysely.ts'
import { change, hotSelect, select, sqlBuilder } from './statements.ts'

export interface MaintenanceModeTable {
  /** All of them: there are never many. */
  list(): Script<readonly StoredMode[]>
  put(mode: StoredMode): Script<void>
  delete(scope: string): Script<boolean>
  /** Runs that are under way, the oldest first; `queueIds` null: everywhere. */
  underWay(queueIds: readonly string[] | null, limit: number): Script<readonly { id: string; name: string; since: Instant }[]>
  countUnderWay(queueIds: readonly string[] | null): Script<number>
  /** Runs made by schedules whose time came within the span and that have not begun. */
  overdue(queueIds: readonly string[] | null, span: { readonly from: Instant; readonly until: Instant }): Script<readonly OverdueRun[]>
}

// Asked with every claim, so it is prepared once.
const all = hotSelect(sqlBuilder.selectFrom('maintenance_modes').selectAll())

export function maintenanceModeTable(): MaintenanceModeTable {
  return {
    *list() {
      return (yield* all([])).map(({ scope, message, started_at: startedAt }) => ({ scope, message, startedAt }))
    },

    *put({ scope, message, startedAt }) {
      yield* change(
        sqlBuilder
          .insertInto('maintenance_modes')
          .values({ scope, message, started_at: startedAt })
          .onConflict((conflict) => conflict.column('scope').doUpdateSet({ message })),
      )
    },

    *delete(scope) {
      return (yield* change(sqlBuilder.deleteFrom('maintenance_modes').where('scope', '=', scope))) > 0
    },

    *underWay(queueIds, limit) {
      const rows = yield* select(
        underWayIn(queueIds).select(['id', 'name', 'state_timestamp']).orderBy('state_timestamp').orderBy('id').limit(limit),
      )
      return rows.map(({ id, name, state_timestamp: since }) => ({ id, name, since }))
    },

    *countUnderWay(queueIds) {
      const row = (yield* select(underWayIn(queueIds).select(sqlBuilder.fn.countAll<number>().as('runs'))))[0]
      return Number(row?.runs ?? 0)
    },

    *overdue(queueIds, { from, until }) {
      let query = sqlBuilder
        .selectFrom('flow_runs')
        .select(['id', 'deployment_id', 'created_by_id', 'scheduled_for'])
        .where('state_type', '=', sql.lit('scheduled'))
        .where('auto_scheduled', '=', 1)
        .where('run_count', '=', 0)
        .where('scheduled_for', '>=', from)
        .where('scheduled_for', '<=', until)
      if (queueIds !== null) query = query.where('work_queue_id', 'in', queueIds)
      const rows = yield* select(query.orderBy('scheduled_for').orderBy('id'))
      return rows.map((row) => ({
        id: row.id,
        deploymentId: row.deployment_id,
        scheduleId: row.created_by_id,
        scheduledFor: row.scheduled_for ?? 0,
      }))
    },
  }
}

function underWayIn(queueIds: readonly string[] | null) {
  const query = sqlBuilder.selectFrom('flow_runs')
  if (queueIds !== null) return query.where('work_queue_id', 'in', queueIds).where('state_type', 'in', ['pending', 'running', 'cancelling'])
  // What a client made and has not started yet is nobody's work so far.
  return query.where((where) =>
    where.or([
      where('state_type', 'in', ['running', 'cancelling']),
      where.and([
        where('state_type', '=', 'pending'),
        where.or([where('work_queue_id', 'is not', null), where('deployment_id', 'is not', null)]),
      ]),
    ]),
  )
}
