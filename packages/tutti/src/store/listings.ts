import type { Condition, ConditionNoun, Listing } from '../core/condition.ts'
import type { Deployment } from '../core/deployment.ts'
import type { Flow } from '../core/flow.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { FlowRunHistory, HistoryRequest } from '../core/listing-operations.ts'
import type { LogRecord } from '../core/log.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { Instant } from '../core/time.ts'
import { conjuncts, isNarrow } from './condition-shape.ts'
import { listedSql, nouns, toSql } from './conditions.ts'
import { toDeployment } from './deployments.ts'
import { toFlowRun } from './flow-run-rows.ts'
import { toFlow } from './flows.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import { toRecord } from './logs.ts'
import type { CountedNoun } from './run-counts.ts'
import { countRows } from './row-counts.ts'
import { runTallies } from './run-tallies.ts'
import type { Row, Script } from './script.ts'
import { partsByState } from './state-parts.ts'
import { selectSql } from './statements.ts'
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

/** A page of rows of any noun. */
export function listedRows(noun: ConditionNoun, listing: Listing): Script<readonly Row[]> {
  return selectSql(rowsSql(noun, listing))
}

/** A page from some place on, or in the opposite order. */
export interface PlacedListing extends Listing {
  readonly order?: Order
  readonly beyond?: RawBuilder<boolean>
}

export function rowsSql(noun: ConditionNoun, { where, sort, limit, offset, order: asked, beyond }: PlacedListing): RawBuilder<unknown> {
  const order = asked ?? ORDERS[noun]?.[sort]
  const further = beyond === undefined ? sql`` : sql` and ${beyond}`
  if (order === undefined) throw new Error(`${noun} cannot be sorted by ${sort}`)
  const table = sql.table(nouns[noun].table)
  const page = sql`order by ${sql.join(order)} limit ${limit} offset ${offset}`
  const tagged = noun === 'flow-runs' && sort === 'ID_DESC' && asked === undefined && beyond === undefined ? taggedBy(where) : undefined
  if (tagged !== undefined) {
    // The index of tags has the runs of each in the order of the list.
    return sql`
      select flow_runs.* from flow_run_tags as tagged cross join flow_runs
      where tagged.tag = ${tagged.tag} and flow_runs.id = tagged.flow_run_id and ${toSql(noun, tagged.rest)}
      order by tagged.flow_run_id desc limit ${limit} offset ${offset}`
  }
  const parts = partsByState(noun, where, sort)
  if (parts === undefined) {
    const needed = NEEDED[`${noun} ${sort}`]
    const wanted = needed === undefined ? listedSql(noun, where) : sql<boolean>`${needed} and ${toSql(noun, where)}`
    return sql`select * from ${table} where ${wanted}${further} ${page}`
  }
  // The first of all are among the first of each part.
  const firsts = parts.map(
    (wanted) =>
      sql`select * from (select * from ${table} where ${wanted}${further} order by ${sql.join(order)} limit ${limit + offset}) as firsts`,
  )
  return sql`select * from (${sql.join(firsts, sql` union all `)}) as found ${page}`
}

/** One tag that every run of the list has, and what else must hold; `undefined`: there is none, or better to go by. */
function taggedBy(where: Condition): { readonly tag: string; readonly rest: Condition } | undefined {
  if (isNarrow(where)) return undefined
  const conditions = conjuncts(where)
  for (const [at, each] of conditions.entries()) {
    if (each.type !== 'field' || each.field !== 'tags' || (each.test.is !== 'has-all' && each.test.is !== 'has-any')) continue
    const [tag, ...others] = each.test.values
    if (tag === undefined || (each.test.is === 'has-any' && others.length > 0)) continue
    const rest: Condition = { ...each, test: { is: 'has-all', values: others } }
    return { tag, rest: { type: 'all', of: conditions.with(at, rest) } }
  }
  return undefined
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

    count: countRows,

    flowRunHistory: (where, request, now) => history('flow-runs', where, request, now),
    taskRunHistory: (where, request, now) => history('task-runs', where, request, now),

    *lateness(where, now) {
      const tallies = yield* runTallies({ noun: 'flow-runs', where, from: null, to: null, now })
      const runs = tallies.reduce((sum, tally) => sum + tally.runs, 0)
      return runs === 0 ? null : tallies.reduce((sum, tally) => sum + tally.lateUs, 0) / runs / 1_000_000
    },
  }
}

function history(
  noun: CountedNoun,
  where: Condition,
  { start, end, intervalUs }: HistoryRequest,
  now: Instant,
): Script<readonly FlowRunHistory[]> {
  return runTallies({ noun, where, from: start, to: end, intervals: { start, intervalUs }, now })
}
