import type { FlowRun } from '../core/flow-run.ts'
import type { FormerRun } from '../core/schedule/start.ts'
import type { Instant } from '../core/time.ts'
import { toFlowRun } from './flow-run-rows.ts'
import { sql } from './kysely.ts'
import type { Script } from './script.ts'
import { filledUp, hotSelectOf, select, sqlBuilder } from './statements.ts'

/** Which runs may be started, and how many are under way: what polls and claims ask of flow runs. */
export interface DueRunTable {
  /** Scheduled runs inside the window, soonest first; none that its own process will start again. */
  due(
    of: DueOf,
    window: { readonly before: Instant | null; readonly after: Instant | null; readonly limit: number },
  ): Script<readonly FlowRun[]>
  /** Of the same place, how many due runs come before one, counted up to `max`. */
  countAhead(of: DueOf, run: { readonly id: string; readonly scheduledFor: Instant }, max: number): Script<number>
  /** Runs in these states, by queue; queues without any are left out. */
  countByQueue(queueIds: readonly string[], states: readonly FlowRun['state']['type'][]): Script<ReadonlyMap<string, number>>
  /** Runs that hold a slot of the queue, the oldest first. */
  holding(queueId: string, part: { readonly limit: number; readonly offset: number }): Script<readonly FlowRun[]>
  /** Pending and running runs of a deployment, the oldest first. */
  holdingOf(deploymentId: string, limit: number): Script<readonly FlowRun[]>
  /** Runs of a schedule that have begun and not ended, or were to start earlier and wait for a slot; the first one first. */
  former(
    of: { readonly deploymentId: string; readonly scheduleId: string },
    before: { readonly flowRunId: string; readonly expectedAt: Instant; readonly limit: number },
  ): Script<readonly FormerRun[]>
  /** Runs that should have begun by then and say when they expire, the soonest first. */
  expiring(moment: Instant, limit: number): Script<readonly FlowRun[]>
  /** Runs of the queue that are marked as late. */
  late(queueId: string): Script<number>
}

export type DueOf = { readonly queueId: string } | { readonly deploymentIds: readonly string[] }

/** As the policy of a run is written: its process will start it again. */
/** As a run's context says when it expires. */
const EXPIRES = '%"tutti.expiresAt"%'
const IN_PROCESS = '%"retryType":"in_process"%'

interface DueShape {
  /** `null`: of one queue. */
  readonly deployments: readonly string[] | null
  readonly isBefore: boolean
  readonly isAfter: boolean
  /** In the text: SQLite makes a new plan for each value that is given for a limit. */
  readonly limit: number
}

const selectDue = hotSelectOf(
  ({ deployments, isBefore, isAfter, limit }: DueShape) => `${deployments?.length ?? 'queue'} ${isBefore} ${isAfter} ${limit}`,
  ({ deployments, isBefore, isAfter, limit }) => {
    let query = sqlBuilder
      .selectFrom('flow_runs')
      .selectAll()
      .where('state_type', '=', sql.lit('scheduled'))
      .where('policy', 'not like', sql.lit(IN_PROCESS))
      // The process that holds it waits for its next attempt.
      .where('lease_holder', 'is', null)
    query = deployments === null ? query.where('work_queue_id', '=', '') : query.where('deployment_id', 'in', deployments)
    if (isBefore) query = query.where('scheduled_for', '<=', 0)
    if (isAfter) query = query.where('scheduled_for', '>', 0)
    return query.orderBy('scheduled_for').orderBy('id').limit(sql.lit(limit))
  },
)

/** At least so many: few texts, and at most twice the rows. */
function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, least)))
}

export function dueRunTable(): DueRunTable {
  return {
    *due(of, { before, after, limit }) {
      if ('deploymentIds' in of && of.deploymentIds.length === 0) return []
      const deployments = 'queueId' in of ? null : filledUp(of.deploymentIds)
      const shape = { deployments, isBefore: before !== null, isAfter: after !== null, limit: powerOfTwo(limit) }
      const found = yield* selectDue(shape, [
        ...('queueId' in of ? [of.queueId] : (deployments ?? [])),
        ...[before, after].filter((bound) => bound !== null),
      ])
      return found.slice(0, limit).map(toFlowRun)
    },

    *countAhead(of, { id, scheduledFor }, max) {
      let query = sqlBuilder
        .selectFrom('flow_runs')
        .select('id')
        .where('state_type', '=', sql.lit('scheduled'))
        .where('policy', 'not like', IN_PROCESS)
        .where((where) =>
          where.or([
            where('scheduled_for', '<', scheduledFor),
            where.and([where('scheduled_for', '=', scheduledFor), where('id', '<', id)]),
          ]),
        )
      query = 'queueId' in of ? query.where('work_queue_id', '=', of.queueId) : query.where('deployment_id', 'in', of.deploymentIds)
      return (yield* select(query.limit(max))).length
    },

    *countByQueue(queueIds, states) {
      if (queueIds.length === 0) return new Map()
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select(['work_queue_id', sqlBuilder.fn.countAll<number>().as('runs')])
          .where('work_queue_id', 'in', queueIds)
          .where('state_type', 'in', states)
          .groupBy('work_queue_id'),
      )
      return new Map(rows.map((row) => [row.work_queue_id ?? '', Number(row.runs)]))
    },

    *holding(queueId, { limit, offset }) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .selectAll()
          .where('work_queue_id', '=', queueId)
          .where('state_type', 'in', ['pending', 'running'])
          .orderBy('state_timestamp')
          .orderBy('id')
          .limit(limit)
          .offset(offset),
      )
      return rows.map(toFlowRun)
    },

    *holdingOf(deploymentId, limit) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .selectAll()
          // In words that keep from the index of deployments, which holds all their runs: few are under way.
          .where(sql<string>`(deployment_id || '')`, '=', deploymentId)
          .where('state_type', 'in', ['pending', 'running'])
          .orderBy('state_timestamp')
          .orderBy('id')
          .limit(limit),
      )
      return rows.map(toFlowRun)
    },

    *former({ deploymentId, scheduleId }, { flowRunId, expectedAt, limit }) {
      return yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select(['id', 'name'])
          .where('deployment_id', '=', deploymentId)
          .where('created_by_id', '=', scheduleId)
          .where('id', '<>', flowRunId)
          .where('state_type', 'in', ['pending', 'running', 'paused', 'cancelling', 'scheduled'])
          .where((where) =>
            where.or([
              where('state_type', '<>', 'scheduled'),
              where('run_count', '>', 0),
              where.and([where('state_name', '=', 'AwaitingConcurrencySlot'), where('expected_at', '<', expectedAt)]),
            ]),
          )
          .orderBy('expected_at')
          .orderBy('id')
          .limit(limit),
      )
    },

    *expiring(moment, limit) {
      const query = sqlBuilder
        .selectFrom('flow_runs')
        .selectAll()
        .where('state_type', '=', sql.lit('scheduled'))
        .where('scheduled_for', '<=', moment)
        .where('auto_scheduled', '=', 1)
        .where('run_count', '=', 0)
        .where('context', 'like', EXPIRES)
      return (yield* select(query.orderBy('scheduled_for').limit(limit))).map(toFlowRun)
    },

    *late(queueId) {
      const row = (yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select(sqlBuilder.fn.countAll<number>().as('runs'))
          .where('work_queue_id', '=', queueId)
          .where('state_type', '=', 'scheduled')
          .where('state_name', '=', 'Late'),
      ))[0]
      return Number(row?.runs ?? 0)
    },
  }
}
