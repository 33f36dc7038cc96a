import type { Condition, ConditionNoun, Listing } from '../core/condition.ts'
import type { Deployment } from '../core/deployment.ts'
import type { Flow } from '../core/flow.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { FlowRunHistory, HistoryRequest } from '../core/listing-operations.ts'
import type { LogRecord } from '../core/log.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { Instant } from '../core/time.ts'
import { nouns, toSql } from './conditions.ts'
import { toDeployment } from './deployments.ts'
import { toFlowRun } from './flow-run-rows.ts'
import { toFlow } from './flows.ts'
import { sql } from './kysely.ts'
import type { Compilable, RawBuilder } from './kysely.ts'
import { toRecord } from './logs.ts'
import type { Row, Script } from './script.ts'
import { select, sqlBuilder } from './statements.ts'
import type { DeploymentRow, FlowRow, FlowRunRow, LogRow, TaskRunRow } from './tables.ts'
import { toTaskRun } from './task-runs.ts'

/** Lists as the protocol asks for them: any conditions, its sorts, pages by offset. */
export interface ListingTable {
  flows(listing: Listing): Script<readonly Flow[]>
  flowRuns(listing: Listing): Script<readonly FlowRun[]>
  taskRuns(listing: Listing): Script<readonly TaskRun[]>
  logs(listing: Listing): Script<readonly LogRecord[]>
  deployments(listing: Listing): Script<readonly Deployment[]>
  /** Rows of another noun's table, for who knows what they are. */
  rows(noun: ConditionNoun, listing: Listing): Script<readonly Row[]>
  count(noun: ConditionNoun, where: Condition): Script<number>
  /** Runs by state in equal intervals, by the time they were expected to start. */
  flowRunHistory(where: Condition, request: HistoryRequest, now: Instant): Script<readonly FlowRunHistory[]>
  taskRunHistory(where: Condition, request: HistoryRequest, now: Instant): Script<readonly FlowRunHistory[]>
  /** Seconds by which runs began late, or are late now, in the middle of all; `null` when there is none. */
  lateness(where: Condition, now: Instant): Script<number | null>
}

type Order = readonly RawBuilder<unknown>[]

const byId = sql`id desc`
const started = sql`coalesce(started_at, expected_at)`

const artifactOrders = {
  ID_DESC: [byId],
  CREATED_DESC: [sql`created_at desc`, byId],
  UPDATED_DESC: [sql`updated_at desc`, byId],
  KEY_ASC: [sql`coalesce(key, '') asc`, byId],
  KEY_DESC: [sql`coalesce(key, '') desc`, byId],
}

/** Every sort of the protocol. The id settles what is equal, in the same direction as the index runs. */
const ORDERS: Readonly<Partial<Record<ConditionNoun, Readonly<Record<string, Order>>>>> = {
  flows: {
    NAME_ASC: [sql`name asc`],
    NAME_DESC: [sql`name desc`],
    CREATED_DESC: [sql`created_at desc`, byId],
    UPDATED_DESC: [sql`coalesce(updated_at, created_at) desc`, byId],
  },
  'flow-runs': {
    ID_DESC: [byId],
    START_TIME_ASC: [sql`${started} asc`, sql`id asc`],
    START_TIME_DESC: [sql`${started} desc`, byId],
    EXPECTED_START_TIME_ASC: [sql`expected_at asc`, sql`id asc`],
    EXPECTED_START_TIME_DESC: [sql`expected_at desc`, byId],
    NAME_ASC: [sql`name asc`, sql`id asc`],
    NAME_DESC: [sql`name desc`, byId],
    NEXT_SCHEDULED_START_TIME_ASC: [sql`scheduled_for asc`, sql`id asc`],
    END_TIME_DESC: [sql`coalesce(ended_at, -1) desc`, byId],
  },
  'task-runs': {
    ID_DESC: [byId],
    EXPECTED_START_TIME_ASC: [sql`created_at asc`, sql`id asc`],
    EXPECTED_START_TIME_DESC: [sql`created_at desc`, byId],
    NAME_ASC: [sql`name asc`, sql`id asc`],
    NAME_DESC: [sql`name desc`, byId],
    NEXT_SCHEDULED_START_TIME_ASC: [sql`coalesce(scheduled_for, 9007199254740991) asc`, sql`id asc`],
    END_TIME_DESC: [sql`coalesce(ended_at, -1) desc`, byId],
  },
  deployments: {
    NAME_ASC: [sql`name asc`, sql`id asc`],
    NAME_DESC: [sql`name desc`, byId],
    CREATED_DESC: [sql`created_at desc`, byId],
    UPDATED_DESC: [sql`updated_at desc`, byId],
  },
  variables: {
    NAME_ASC: [sql`name asc`],
    NAME_DESC: [sql`name desc`],
    CREATED_DESC: [sql`created_at desc`, byId],
    UPDATED_DESC: [sql`updated_at desc`, byId],
  },
  artifacts: artifactOrders,
  'artifact-collections': artifactOrders,
  'block-types': { NAME_ASC: [sql`name asc`] },
  'block-schemas': { CREATED_DESC: [sql`created_at desc`, byId] },
  'block-documents': {
    NAME_ASC: [sql`name asc`, sql`id asc`],
    NAME_DESC: [sql`name desc`, byId],
    BLOCK_TYPE_AND_NAME_ASC: [sql`block_type_name asc`, sql`name asc`, sql`id asc`],
  },
  logs: { TIMESTAMP_ASC: [sql`timestamp asc`, sql`id asc`], TIMESTAMP_DESC: [sql`timestamp desc`, byId] },
}

/** Runs that are not scheduled have no next start: a list in its order is one of those that have. */
const NEEDED: Readonly<Record<string, RawBuilder<boolean>>> = {
  'flow-runs NEXT_SCHEDULED_START_TIME_ASC': sql<boolean>`state_type = 'scheduled'`,
}

const HISTORY_ROWS_MAX = 20_000

/** A page of rows of any noun. */
export function listedRows(noun: ConditionNoun, { where, sort, limit, offset }: Listing): Script<readonly Row[]> {
  const order = ORDERS[noun]?.[sort]
  if (order === undefined) throw new Error(`${noun} cannot be sorted by ${sort}`)
  const needed = NEEDED[`${noun} ${sort}`]
  const condition = needed === undefined ? toSql(noun, where) : sql<boolean>`${needed} and ${toSql(noun, where)}`
  return rowsOf(
    sql`select * from ${sql.table(nouns[noun].table)} where ${condition} order by ${sql.join(order)} limit ${limit} offset ${offset}`,
  )
}

export function listingTable(): ListingTable {
  const rows = listedRows
  return {
    rows,
    // The tables of the nouns have the columns of these rows.
    *flows(listing) {
      return ((yield* rows('flows', listing)) as unknown as readonly FlowRow[]).map(toFlow)
    },
    *flowRuns(listing) {
      return ((yield* rows('flow-runs', listing)) as unknown as readonly FlowRunRow[]).map(toFlowRun)
    },
    *taskRuns(listing) {
      return ((yield* rows('task-runs', listing)) as unknown as readonly TaskRunRow[]).map(toTaskRun)
    },
    *deployments(listing) {
      return ((yield* rows('deployments', listing)) as unknown as readonly DeploymentRow[]).map(toDeployment)
    },
    *logs(listing) {
      return ((yield* rows('logs', listing)) as unknown as readonly LogRow[]).map(toRecord)
    },

    *count(noun, where) {
      const [row] = yield* rowsOf(sql`select count(*) as found from ${sql.table(nouns[noun].table)} where ${toSql(noun, where)}`)
      return Number(row?.['found'] ?? 0)
    },

    flowRunHistory: (where, request, now) =>
      history('flow-runs', where, request, {
        expected: sql`expected_at`,
        ran: sql`total_run_us + case when state_type = 'running' then ${sql.lit(now)} - state_timestamp else 0 end`,
        now,
      }),
    taskRunHistory: (where, request, now) =>
      history('task-runs', where, request, {
        expected: sql`created_at`,
        ran: sql`coalesce(ended_at, ${sql.lit(now)}) - coalesce(started_at, ended_at, ${sql.lit(now)})`,
        now,
      }),

    *lateness(where, now) {
      const late = latenessSql(sql`expected_at`, now)
      const [row] = yield* rowsOf(sql`select avg(${late}) as late from flow_runs where ${toSql('flow-runs', where)}`)
      const value = row?.['late']
      return value === null || value === undefined ? null : Number(value) / 1_000_000
    },
  }
}

/** Microseconds by which a run began late, or is overdue. */
function latenessSql(expected: RawBuilder<unknown>, now: Instant): RawBuilder<number> {
  return sql<number>`case
    when started_at is not null then case when started_at > ${expected} then started_at - ${expected} else 0 end
    when state_type in ('completed', 'failed', 'crashed', 'cancelled') or ${expected} > ${sql.lit(now)} then 0
    else ${sql.lit(now)} - ${expected} end`
}

function* history(
  noun: 'flow-runs' | 'task-runs',
  where: Condition,
  { start, end, intervalUs }: HistoryRequest,
  { expected, ran, now }: { readonly expected: RawBuilder<unknown>; readonly ran: RawBuilder<unknown>; readonly now: Instant },
): Script<readonly FlowRunHistory[]> {
  // Whole numbers through whole numbers: both databases cut off what is left.
  const bucket = sql`(${expected} - ${sql.lit(start)}) / ${sql.lit(intervalUs)}`
  const found = yield* rowsOf(sql`
    select ${bucket} as bucket, state_type, state_name, count(*) as runs, sum(${ran}) as ran, sum(${latenessSql(expected, now)}) as late
    from ${sql.table(nouns[noun].table)}
    where ${expected} >= ${start} and ${expected} < ${end} and ${toSql(noun, where)}
    group by 1, state_type, state_name
    order by 1, state_type, state_name
    limit ${sql.lit(HISTORY_ROWS_MAX)}`)
  return found.map((row) => ({
    bucket: Number(row['bucket']),
    stateType: String(row['state_type']) as FlowRunHistory['stateType'], // only types of states are written
    stateName: String(row['state_name']),
    runs: Number(row['runs']),
    ranUs: Number(row['ran'] ?? 0),
    lateUs: Number(row['late'] ?? 0),
  }))
}

function rowsOf(query: RawBuilder<unknown>): Script<readonly Row[]> {
  const compilable = { compile: () => query.compile(sqlBuilder) } as Compilable // all of a compilable that is used
  return select(compilable) as Script<readonly Row[]> // whatever columns the query names
}
