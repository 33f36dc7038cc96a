import type { Backfill, BackfillDate, BackfillRequest, BackfillStatus } from '../core/backfill.ts'
import { JsonText } from '../core/literal-json.ts'
import { isTerminal, STATE_TYPES } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'
import type { BackfillRow } from './tables.ts'

export interface BackfillTable {
  get(id: string): Script<Backfill | undefined>
  list(page: { readonly deploymentId: string | null; readonly limit: number; readonly offset: number }): Script<readonly Backfill[]>
  ofStatus(status: BackfillStatus): Script<readonly string[]>
  insert(backfill: Backfill, dates: readonly BackfillDate[]): Script<void>
  setStatus(id: string, status: BackfillStatus, now: Instant): Script<void>
  total(id: string): Script<{ readonly total: number; readonly made: number }>
  /** Its runs that are still there, by what they are now. */
  countByState(id: string): Script<Readonly<Partial<Record<StateType, number>>>>
  /** Times without a run, in order. */
  next(id: string, limit: number): Script<readonly (BackfillDate & { readonly ordinal: number })[]>
  setRun(id: string, ordinal: number, flowRunId: string): Script<void>
  unended(id: string, limit: number): Script<readonly string[]>
  /** Runs that schedules and backfills made for a deployment, in the order in which they were made. */
  madeRuns(deploymentId: string, limit: number): Script<readonly MadeRun[]>
}

export interface MadeRun {
  readonly expectedAt: Instant
  readonly context: JsonText
  readonly state: StateType
}

const UNENDED = STATE_TYPES.filter((type) => !isTerminal(type))
/** Rows of three values in one statement. */
const ROWS_AT_ONCE = 200

export function backfillTable(): BackfillTable {
  const runs = sqlBuilder.selectFrom('backfill_runs').innerJoin('flow_runs', 'flow_runs.id', 'backfill_runs.flow_run_id')
  return {
    *get(id) {
      return (yield* select(sqlBuilder.selectFrom('backfills').selectAll().where('id', '=', id))).map(toBackfill)[0]
    },

    *list({ deploymentId, limit, offset }) {
      let query = sqlBuilder.selectFrom('backfills').selectAll()
      if (deploymentId !== null) query = query.where('deployment_id', '=', deploymentId)
      return (yield* select(query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).offset(offset))).map(toBackfill)
    },

    *ofStatus(status) {
      const rows = yield* select(sqlBuilder.selectFrom('backfills').select('id').where('status', '=', status).orderBy('id'))
      return rows.map(({ id }) => id)
    },

    *insert(backfill, dates) {
      yield* change(sqlBuilder.insertInto('backfills').values(rowOf(backfill)))
      for (let at = 0; at < dates.length; at += ROWS_AT_ONCE) {
        const rows = dates.slice(at, at + ROWS_AT_ONCE).map(({ logicalDate, scheduleId }, index) => ({
          backfill_id: backfill.id,
          ordinal: at + index,
          logical_date: logicalDate,
          schedule_id: scheduleId,
          flow_run_id: null,
        }))
        yield* change(sqlBuilder.insertInto('backfill_runs').values(rows))
      }
    },

    *setStatus(id, status, now) {
      yield* change(sqlBuilder.updateTable('backfills').set({ status, updated_at: now }).where('id', '=', id))
    },

    *total(id) {
      const row = (yield* select(
        sqlBuilder
          .selectFrom('backfill_runs')
          .select([sqlBuilder.fn.countAll<number>().as('total'), sqlBuilder.fn.count<number>('flow_run_id').as('made')])
          .where('backfill_id', '=', id),
      ))[0]
      return { total: Number(row?.total ?? 0), made: Number(row?.made ?? 0) }
    },

    *countByState(id) {
      const rows = yield* select(
        runs
          .select(['flow_runs.state_type', sqlBuilder.fn.countAll<number>().as('runs')])
          .where('backfill_runs.backfill_id', '=', id)
          .groupBy('flow_runs.state_type'),
      )
      // Written from states only.
      return Object.fromEntries(rows.map((row) => [row.state_type, Number(row.runs)])) as Readonly<Partial<Record<StateType, number>>>
    },

    *next(id, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('backfill_runs')
          .selectAll()
          .where('backfill_id', '=', id)
          .where('flow_run_id', 'is', null)
          .orderBy('ordinal')
          .limit(limit),
      )
      return rows.map((row) => ({ ordinal: row.ordinal, logicalDate: row.logical_date, scheduleId: row.schedule_id }))
    },

    *setRun(id, ordinal, flowRunId) {
      yield* change(
        sqlBuilder
          .updateTable('backfill_runs')
          .set({ flow_run_id: flowRunId })
          .where('backfill_id', '=', id)
          .where('ordinal', '=', ordinal),
      )
    },

    *unended(id, limit) {
      const rows = yield* select(
        runs.select('flow_runs.id').where('backfill_runs.backfill_id', '=', id).where('flow_runs.state_type', 'in', UNENDED).limit(limit),
      )
      return rows.map((row) => row.id)
    },

    *madeRuns(deploymentId, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select(['expected_at', 'context', 'state_type'])
          .where('deployment_id', '=', deploymentId)
          .where('created_by_type', 'in', ['SCHEDULE', 'BACKFILL'])
          .orderBy('id', 'desc')
          .limit(limit),
      )
      return rows
        .map((row) => ({
          expectedAt: row.expected_at,
          context: new JsonText(row.context ?? '{}'),
          state: row.state_type as StateType, // as above
        }))
        .toReversed()
    },
  }
}

type StoredPolicy = Pick<BackfillRequest, 'stepS' | 'timezone' | 'order' | 'concurrency' | 'only'>

function toBackfill(row: BackfillRow): Backfill {
  const policy = JSON.parse(row.policy) as StoredPolicy // written by `rowOf` only
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    status: row.status as BackfillStatus, // as above
    request: { from: row.from_at, until: row.until_at, ...policy, parameters: new JsonText(row.parameters) },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function rowOf({ id, deploymentId, status, request, createdAt, updatedAt }: Backfill): BackfillRow {
  const { from, until, parameters, stepS, timezone, order, concurrency, only } = request
  return {
    id,
    deployment_id: deploymentId,
    status,
    from_at: from,
    until_at: until,
    policy: JSON.stringify({ stepS, timezone, order, concurrency, only } satisfies StoredPolicy),
    parameters: parameters.text,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
