import type { FlowRun } from '../core/flow-run.ts'
import { isTerminal, STATE_TYPES } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import { toFlowRun } from './flow-run-rows.ts'
import { sql } from './kysely.ts'
import type { Script } from './script.ts'
import { select, sqlBuilder } from './statements.ts'

/** Runs that something should have become of by now. */
export interface OverdueTable {
  /** When the soonest waiting run is, or was, to begin; those that are marked as late do not count. */
  soonestWaiting(): Script<Instant | null>
  /** Runs that were to begin by then and still wait unmarked, soonest first. */
  waitingSince(moment: Instant, limit: number): Script<readonly FlowRun[]>
  /** Paused runs, a page at a time, in the order of their ids. */
  paused(after: string, limit: number): Script<readonly FlowRun[]>
  /** Runs that nobody holds and that have been Cancelling since before. */
  cancellingSince(moment: Instant, limit: number): Script<readonly string[]>
  /** Runs cancelled since then of which a task run has not ended. */
  cancelledUnfinished(since: Instant, limit: number): Script<readonly string[]>
  /** Sub-flow runs that go on although their parent was cancelled since then. One that a process of its own engine holds is told by its parent. */
  cancelledChildren(since: Instant, limit: number): Script<readonly string[]>
}

const UNFINISHED = STATE_TYPES.filter((type) => !isTerminal(type))

export function overdueTable(): OverdueTable {
  // The literals are those of the index.
  const waiting = sqlBuilder
    .selectFrom('flow_runs')
    .where('state_type', '=', sql.lit('scheduled'))
    .where('state_name', '=', sql.lit('Scheduled'))
    .orderBy('scheduled_for')
    .orderBy('id')
  return {
    *soonestWaiting() {
      const row = (yield* select(waiting.select('scheduled_for').where('scheduled_for', 'is not', null).limit(1)))[0]
      return row?.scheduled_for ?? null
    },

    *waitingSince(moment, limit) {
      return (yield* select(waiting.selectAll().where('scheduled_for', '<=', moment).limit(limit))).map(toFlowRun)
    },

    *paused(after, limit) {
      const query = sqlBuilder.selectFrom('flow_runs').selectAll().where('state_type', '=', 'paused').where('id', '>', after)
      return (yield* select(query.orderBy('id').limit(limit))).map(toFlowRun)
    },

    *cancellingSince(moment, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select('id')
          .where('state_type', '=', 'cancelling')
          .where('state_timestamp', '<=', moment)
          .where('lease_holder', 'is', null)
          .orderBy('state_timestamp')
          .limit(limit),
      )
      return rows.map((row) => row.id)
    },

    // Cross joins are made in their order by SQLite: from what has not ended, which is little, to the parents of that.
    *cancelledUnfinished(since, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('task_runs')
          .crossJoin('flow_runs')
          .select('flow_runs.id as id')
          .distinct()
          .where('task_runs.state_type', 'in', UNFINISHED)
          .whereRef('flow_runs.id', '=', 'task_runs.flow_run_id')
          .where('flow_runs.state_type', '=', 'cancelled')
          .where('flow_runs.state_timestamp', '>=', since)
          .limit(limit),
      )
      return rows.map((row) => row.id)
    },

    *cancelledChildren(since, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs as child')
          .crossJoin('task_runs as task')
          .crossJoin('flow_runs as parent')
          .select('child.id as id')
          .where('child.state_type', 'in', UNFINISHED)
          .where('child.parent_task_run_id', 'is not', null)
          .where('child.lease_holder', 'is', null)
          // A worker is told to end it.
          .where((where) => where.or([where('child.deployment_id', 'is', null), where('child.state_type', '<>', 'cancelling')]))
          .whereRef('task.id', '=', 'child.parent_task_run_id')
          .whereRef('parent.id', '=', 'task.flow_run_id')
          .where('parent.state_type', '=', 'cancelled')
          .where('parent.state_timestamp', '>=', since)
          .limit(limit),
      )
      return rows.map((row) => row.id)
    },
  }
}
