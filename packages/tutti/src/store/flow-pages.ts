import type { CallCount, CallStates, NextRun, RunBar, RunTimes } from '../core/flow-page.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { StateType } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import { toFlowRun } from './flow-run-rows.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import type { Row, Script } from './script.ts'
import { selectSql } from './statements.ts'
import type { FlowRunRow } from './tables.ts'

/** What the pages of flows and deployments show of many runs at once. */
export interface FlowPageTable {
  /** The last runs of a flow that are due, newest first. */
  lastRuns(of: RunsOf, now: Instant, limit: number): Script<readonly FlowRun[]>
  /** How many calls of each task the runs have; of each run only the first `perRun` task runs are counted. */
  callCounts(flowRunIds: readonly string[], perRun: number): Script<readonly CallCount[]>
  /** All calls of some tasks in some runs, by state. */
  callStates(flowRunIds: readonly string[], taskKeys: readonly string[]): Script<readonly CallStates[]>
  /** The same of single cells, of each at most `perCell` calls. */
  someCallStates(cells: readonly Pick<CallCount, 'flowRunId' | 'taskKey'>[], perCell: number): Script<readonly CallStates[]>
  /** Newest first; `looked` tells how many runs of the flow were looked at for it. */
  times(of: RunsOf, range: TimeRange): Script<{ readonly runs: readonly RunTimes[]; readonly looked: number }>
  bars(owner: Owner, id: string, now: Instant, limit: number): Script<readonly RunBar[]>
  next(owner: Owner, id: string): Script<NextRun | undefined>
}

export interface RunsOf {
  readonly flowId: string
  readonly deploymentId: string | null
}

export type Owner = 'flow' | 'deployment'

export interface TimeRange {
  readonly after: Instant | null
  readonly before: Instant
  /** Runs of the flow that are looked at. */
  readonly lookMax: number
}

/** SQLite takes 500 parts of a query. */
const PARTS_MAX = 200
/** Planned runs that are passed over on the way to the last ones of a deployment. */
const PLANNED_MAX = 1_000

export function flowPageTable(): FlowPageTable {
  return {
    *lastRuns({ flowId, deploymentId }, now, limit) {
      const rows = yield* selectSql(
        deploymentId === null
          ? sql`select * from flow_runs where flow_id = ${flowId} and expected_at <= ${now} order by expected_at desc limit ${limit}`
          : sql`${newestOf(deploymentId, limit + PLANNED_MAX)}
              where flow_id = ${flowId} and expected_at <= ${now} order by expected_at desc limit ${limit}`,
      )
      return (rows as unknown as readonly FlowRunRow[]).map(toFlowRun) // all columns of the table
    },

    *callCounts(flowRunIds, perRun) {
      const parts = flowRunIds.map(
        (id) => sql`
          select flow_run_id, task_key, count(*) as calls from (
            select flow_run_id, task_key from task_runs where flow_run_id = ${id} order by task_key limit ${perRun}
          ) as looked group by flow_run_id, task_key`,
      )
      return (yield* unionOf(parts)).map((row) => ({
        flowRunId: String(row['flow_run_id']),
        taskKey: String(row['task_key']),
        calls: Number(row['calls']),
      }))
    },

    *callStates(flowRunIds, taskKeys) {
      if (flowRunIds.length === 0 || taskKeys.length === 0) return []
      const rows = yield* selectSql(sql`
        select ${STATE_COLUMNS} from task_runs
        where flow_run_id in (${sql.join(flowRunIds)}) and task_key in (${sql.join(taskKeys)}) ${BY_STATE}`)
      return rows.map(toCallStates)
    },

    *someCallStates(cells, perCell) {
      const parts = cells.map(
        ({ flowRunId, taskKey }) => sql`
          select ${STATE_COLUMNS} from (
            select * from task_runs where flow_run_id = ${flowRunId} and task_key = ${taskKey} limit ${perCell}
          ) as looked ${BY_STATE}`,
      )
      return (yield* unionOf(parts)).map(toCallStates)
    },

    *times({ flowId, deploymentId }, { after, before, lookMax }) {
      const from = after === null ? sql`` : sql` and expected_at >= ${after}`
      const rows = yield* selectSql(sql`
        select state_type, expected_at, started_at, total_run_us, deployment_id from flow_runs
        where flow_id = ${flowId} and expected_at <= ${before}${from} order by expected_at desc limit ${lookMax}`)
      const runs = rows
        .filter((row) => deploymentId === null || row['deployment_id'] === deploymentId)
        .map((row) => ({
          stateType: row['state_type'] as StateType, // written as one
          expectedAt: Number(row['expected_at']),
          startedAt: timeOf(row['started_at']),
          ranMs: Number(row['total_run_us']) / 1000,
        }))
      return { runs, looked: rows.length }
    },

    *bars(owner, id, now, limit) {
      const rows = yield* selectSql(
        owner === 'flow'
          ? sql`select ${BAR_COLUMNS} from flow_runs where flow_id = ${id} and expected_at <= ${now} order by expected_at desc limit ${limit}`
          : sql`select ${BAR_COLUMNS} from (${newestOf(id, limit + PLANNED_MAX, BAR_COLUMNS)}
              where expected_at <= ${now} limit ${limit}) as due order by expected_at desc`,
      )
      return rows.map((row) => ({
        id: String(row['id']),
        name: String(row['name']),
        stateType: row['state_type'] as StateType, // written as one
        stateName: String(row['state_name']),
        expectedAt: Number(row['expected_at']),
        startedAt: timeOf(row['started_at']),
        endedAt: timeOf(row['ended_at']),
        ranMs: Number(row['total_run_us']) / 1000,
      }))
    },

    *next(owner, id) {
      // By the scheduled runs of its flow: a deployment's runs have no index by their state.
      const owned =
        owner === 'flow'
          ? sql`flow_id = ${id}`
          : sql`flow_id = (select flow_id from deployments where id = ${id}) and (deployment_id || '') = ${id}`
      const [row] = yield* selectSql(sql`
        select id, name, state_name, scheduled_for, deployment_id from flow_runs
        where ${owned} and (state_type = 'scheduled') order by (scheduled_for + 0), id limit 1`)
      return row === undefined
        ? undefined
        : {
            id: String(row['id']),
            name: String(row['name']),
            stateName: String(row['state_name']),
            scheduledFor: Number(row['scheduled_for']),
            deploymentId: row['deployment_id'] === null ? null : String(row['deployment_id']),
          }
    },
  }
}

const BAR_COLUMNS = sql`id, name, state_type, state_name, expected_at, started_at, ended_at, total_run_us`

/** The newest runs of a deployment, of which only so many are looked at. */
function newestOf(deploymentId: string, limit: number, columns: RawBuilder<unknown> = sql`*`): RawBuilder<unknown> {
  return sql`select ${columns} from (
    select * from flow_runs where deployment_id = ${deploymentId} order by id desc limit ${limit}) as newest`
}

const STATE_COLUMNS = sql`
  flow_run_id, task_key, state_type, state_name, count(*) as calls, min(id) as task_run_id, min(name) as name,
  min(started_at) as first_start, max(ended_at) as last_end,
  sum(case when started_at is not null and ended_at is null then 1 else 0 end) as going`
const BY_STATE = sql`group by flow_run_id, task_key, state_type, state_name`

function* unionOf(parts: readonly RawBuilder<unknown>[]): Script<readonly Row[]> {
  const found: Row[] = []
  for (let at = 0; at < parts.length; at += PARTS_MAX) {
    const some = parts.slice(at, at + PARTS_MAX).map((part, nth) => sql`select * from (${part}) as ${sql.ref(`part_${nth}`)}`)
    found.push(...(yield* selectSql(sql.join(some, sql` union all `))))
  }
  return found
}

function toCallStates(row: Row): CallStates {
  return {
    flowRunId: String(row['flow_run_id']),
    taskKey: String(row['task_key']),
    stateType: row['state_type'] as StateType, // written as one
    stateName: String(row['state_name']),
    calls: Number(row['calls']),
    taskRunId: String(row['task_run_id']),
    name: String(row['name']),
    firstStart: timeOf(row['first_start']),
    lastEnd: timeOf(row['last_end']),
    going: Number(row['going']),
  }
}

function timeOf(value: unknown): Instant | null {
  return value === null || value === undefined ? null : Number(value)
}
