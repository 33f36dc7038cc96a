import { sql } from './kysely.ts'
import type { Actor } from '../core/actor.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun, FlowRunPolicy } from '../core/flow-run.ts'
import type { LeaseHolder } from '../core/lease.ts'
import type { JsonText } from '../core/literal-json.ts'
import { PAGE_LIMIT_MAX } from '../core/query.ts'
import type { FlowRunQuery, Page } from '../core/query.ts'
import { isTerminal } from '../core/state.ts'
import type { State, StateType } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import type { FlowRunChanges } from '../core/told-flow-run.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { FLOW_RUN_COLUMNS, flowRunParameters, stateParameters, toFlowRun, toHistoryState } from './flow-run-rows.ts'
import type { CountMarks } from './run-counts.ts'
import type { Script } from './script.ts'
import { change, hot, hotBlind, hotSelect, hotSelectIn, select, sqlBuilder } from './statements.ts'
import { dataText, detailsText, scheduledFor } from './states.ts'
import type { FlowRunRow } from './tables.ts'

export interface FlowRunTable {
  get(id: string): Script<FlowRun | undefined>
  /** The attempt that may write for a run, and whether it has ended; the fence of every flush. */
  fence(id: string): Script<Fence | undefined>
  /** As `fence`, of those runs that there are. */
  fences(ids: readonly string[]): Script<ReadonlyMap<string, Fence>>
  getMany(ids: readonly string[]): Script<readonly FlowRun[]>
  byIdempotencyKey(flowId: string, key: string): Script<FlowRun | undefined>
  find(reference: string): Script<FlowRun | undefined>
  list(query: FlowRunQuery): Script<Page<FlowRun>>
  countByState(query: FlowRunQuery): Script<Readonly<Partial<Record<StateType, number>>>>
  states(id: string): Script<readonly State[]>
  /** One state of any run, by its id. */
  state(id: string): Script<{ readonly flowRunId: string; readonly state: State } | undefined>
  /** A new run with the states it went through, oldest first; the last one is its state. `false`, and nothing is written, when there is a run of that id. */
  insert(run: FlowRun, states: readonly State[], actor?: Actor): Script<boolean>
  /** As `insert`, of a run of whose id there is none. */
  insertNew(run: FlowRun, states: readonly State[], actor?: Actor): Script<void>
  /** The run as it is after a decision; its new state joins the history, with who brought it about. */
  save(run: FlowRun, former: FlowRun, actor?: Actor): Script<void>
  /** Changes other than of its state. */
  update(id: string, changes: FlowRunChanges, now: Instant): Script<void>
  setLabels(id: string, labels: JsonText, now: Instant): Script<void>
  renew(id: string, attempt: number, until: number): Script<number>
  /** What the holder of a run must know of it. */
  standing(id: string): Script<FlowRunStanding | undefined>
  /** Runs that somebody holds, oldest lease first, a page at a time. */
  held(limit: number, after?: HeldPlace): Script<readonly HeldRun[]>
  ofFlow(flowId: string, limit: number): Script<readonly string[]>
  /** Which of some runs there are. */
  known(ids: readonly string[]): Script<ReadonlySet<string>>
  /** The runs are gone at once; what belongs to them is left to `retention.sweep`. */
  delete(ids: readonly string[], now: Instant): Script<void>
}

export interface Fence {
  readonly attempt: number
  readonly ended: boolean
}

export interface FlowRunStanding {
  readonly attempt: number
  readonly type: StateType
  readonly name: string
  readonly message: string | null
}

export interface HeldPlace {
  readonly id: string
  readonly until: Instant
}

export interface HeldRun extends HeldPlace {
  readonly holder: LeaseHolder
  /** Of the root of its tree, with which it goes on. */
  readonly rootPolicy: FlowRunPolicy
}

const NO_POLICY = '{"retries":0,"crashRestarts":0}'

const insertion = sqlBuilder
  .insertInto('flow_runs')
  .values(Object.fromEntries(FLOW_RUN_COLUMNS.map((column) => [column, ''])) as unknown as FlowRunRow) // only the places of the parameters matter
const insertRun = hot(insertion.onConflict((conflict) => conflict.column('id').doNothing()))
const insertNewRun = hotBlind(insertion)
const updateRun = hotBlind(
  sqlBuilder
    .updateTable('flow_runs')
    .set({
      state_id: '',
      state_type: '',
      state_name: '',
      state_timestamp: 0,
      state_message: null,
      scheduled_for: null,
      run_count: 0,
      attempt: 0,
      failures: 0,
      replay_failed_from: 0,
      lease_until: null,
      lease_holder: null,
      started_at: null,
      ended_at: null,
      total_run_us: 0,
      outcome_format: null,
      outcome_text: null,
      policy: '',
      state_details: null,
      state_data: null,
    })
    .where('id', '=', ''),
)
const insertState = hotBlind(
  sqlBuilder.insertInto('flow_run_states').values({
    id: '',
    flow_run_id: '',
    type: '',
    name: '',
    timestamp: 0,
    message: null,
    scheduled_for: null,
    details: null,
    data: null,
    actor: null,
  }),
)
const insertTag = hotBlind(
  sqlBuilder
    .insertInto('flow_run_tags')
    .values({ tag: '', flow_run_id: '' })
    .onConflict((conflict) => conflict.doNothing()),
)
const selectFences = hotSelectIn((ids) => sqlBuilder.selectFrom('flow_runs').select(['id', 'attempt', 'state_type']).where('id', 'in', ids))
const selectRuns = hotSelectIn((ids) => sqlBuilder.selectFrom('flow_runs').selectAll().where('id', 'in', ids))
const selectRun = hotSelect(sqlBuilder.selectFrom('flow_runs').selectAll().where('id', '=', ''))
const selectStanding = hotSelect(
  sqlBuilder.selectFrom('flow_runs').select(['attempt', 'state_type', 'state_name', 'state_message']).where('id', '=', ''),
)
const insertDeleted = hotBlind(
  sqlBuilder
    .insertInto('deleted_flow_runs')
    .values({ id: '', deleted_at: 0 })
    .onConflict((conflict) => conflict.doNothing()),
)
const renewLease = hot(
  sqlBuilder
    .updateTable('flow_runs')
    .set({ lease_until: 0 })
    .where('id', '=', '')
    .where('attempt', '=', 0)
    .where('lease_until', 'is not', null),
)
export function flowRunTable(marks: CountMarks): FlowRunTable {
  return {
    *get(id) {
      return first(yield* selectRun([id]))
    },

    *fence(id) {
      const [row] = yield* selectFences([id])
      return row === undefined ? undefined : toFence(row)
    },

    *fences(ids) {
      return new Map((yield* selectFences(ids)).map((row) => [row.id, toFence(row)]))
    },

    *getMany(ids) {
      return (yield* selectRuns(ids)).map(toFlowRun)
    },

    *byIdempotencyKey(flowId, key) {
      return first(
        yield* select(sqlBuilder.selectFrom('flow_runs').selectAll().where('flow_id', '=', flowId).where('idempotency_key', '=', key)),
      )
    },

    *find(reference) {
      const exact = yield* selectRun([reference])
      if (exact.length > 0) return first(exact)
      if (/^[0-9a-f-]{8,36}$/.test(reference)) {
        const query = sqlBuilder
          .selectFrom('flow_runs')
          .selectAll()
          .where('id', '>=', reference)
          .where('id', '<', `${reference}g`)
          .orderBy('id', 'desc')
          .limit(2)
        const rows = yield* select(query)
        if (rows.length > 1)
          throw new TuttiError('FLOW_RUN_NOT_FOUND', `more than one flow run has an id that begins with ${reference}; give more of it`)
        if (rows.length === 1) return first(rows)
      }
      return first(
        yield* select(sqlBuilder.selectFrom('flow_runs').selectAll().where('name', '=', reference).orderBy('id', 'desc').limit(1)),
      )
    },

    *list(query) {
      const limit = pageLimit(query.limit)
      let select_ = filtered(query)
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit + 1)
      if (query.cursor !== undefined) select_ = select_.where('id', '<', decodeCursor('flow-runs', query.cursor))
      const rows = yield* select(select_)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return { items: rows.slice(0, limit).map(toFlowRun), cursor: last === undefined ? null : encodeCursor('flow-runs', last.id) }
    },

    *countByState(query) {
      const rows = yield* select(
        filtered(query)
          .select(['state_type', sqlBuilder.fn.countAll<number>().as('runs')])
          .groupBy('state_type'),
      )
      return Object.fromEntries(rows.map((row) => [row.state_type, Number(row.runs)]))
    },

    *states(id) {
      const rows = yield* select(
        sqlBuilder.selectFrom('flow_run_states').selectAll().where('flow_run_id', '=', id).orderBy('timestamp').orderBy('id'),
      )
      return rows.map(toHistoryState)
    },

    *state(id) {
      const row = (yield* select(sqlBuilder.selectFrom('flow_run_states').selectAll().where('id', '=', id)))[0]
      return row === undefined ? undefined : { flowRunId: row.flow_run_id, state: toHistoryState(row) }
    },

    *insert(run, states, actor) {
      if ((yield* insertRun(flowRunParameters(run))) === 0) return false
      yield* insertRest(marks, run, states, actor)
      return true
    },

    *insertNew(run, states, actor) {
      yield* insertNewRun(flowRunParameters(run))
      yield* insertRest(marks, run, states, actor)
    },

    *save(run, former, actor) {
      const { state, lease } = run
      yield* updateRun([
        state.id,
        state.type,
        state.name,
        state.timestamp,
        state.message,
        scheduledFor(state),
        run.runCount,
        run.attempt,
        run.failures,
        run.replayFailedFrom,
        lease?.until ?? null,
        lease === null ? null : JSON.stringify(lease.holder),
        run.startedAt,
        run.endedAt,
        Math.round(run.totalRunMs * 1000),
        run.outcome?.format ?? null,
        run.outcome?.text ?? null,
        JSON.stringify(run.policy),
        detailsText(state),
        dataText(state),
        run.id,
      ])
      if (state.id === former.state.id) return
      yield* insertState(stateParameters(run.id, state, actor))
      if (isTerminal(state.type) || isTerminal(former.state.type)) yield* marks.changed('flow-runs', [run.expectedAt])
    },

    *update(id, { name, flowVersion, parameters, policy, tags, infrastructurePid, jobVariables }, now) {
      const columns = {
        ...(name === undefined ? undefined : { name }),
        ...(flowVersion === undefined ? undefined : { version: flowVersion }),
        ...(parameters === undefined ? undefined : { parameters_format: 'json', parameters_text: parameters.text }),
        ...(policy === undefined ? undefined : { policy: JSON.stringify(policy) }),
        ...(tags === undefined ? undefined : { tags: JSON.stringify(tags) }),
        ...(infrastructurePid === undefined ? undefined : { infrastructure_pid: infrastructurePid }),
        ...(jobVariables === undefined ? undefined : { job_variables: jobVariables?.text ?? null }),
      }
      // A run of our own engine gets a dispatch with the first thing that belongs there.
      const dispatched =
        infrastructurePid === undefined && jobVariables === undefined ? undefined : { labels: sql<string>`coalesce(labels, '{}')` }
      yield* change(
        sqlBuilder
          .updateTable('flow_runs')
          .set({ ...columns, ...dispatched, updated_at: now })
          .where('id', '=', id),
      )
      if (tags === undefined) return
      yield* change(sqlBuilder.deleteFrom('flow_run_tags').where('flow_run_id', '=', id))
      for (const tag of tags) yield* insertTag([tag, id])
    },

    *setLabels(id, labels, now) {
      yield* change(sqlBuilder.updateTable('flow_runs').set({ labels: labels.text, updated_at: now }).where('id', '=', id))
    },

    *renew(id, attempt, until) {
      return yield* renewLease([until, id, attempt])
    },

    *standing(id) {
      const row = (yield* selectStanding([id]))[0]
      if (row === undefined) return undefined
      return { attempt: row.attempt, type: row.state_type as StateType, name: row.state_name, message: row.state_message } // written by this file only
    },

    *held(limit, after) {
      let query = sqlBuilder
        .selectFrom('flow_runs')
        .select([
          'id',
          'lease_until',
          'lease_holder',
          sql<string | null>`(select roots.policy from flow_runs as roots where roots.id = flow_runs.root_id)`.as('root_policy'),
        ])
        .where('lease_until', 'is not', null)
        .orderBy('lease_until')
        .orderBy('id')
        .limit(limit)
      if (after !== undefined) query = query.where(sql<boolean>`(lease_until, id) > (${after.until}, ${after.id})`)
      const rows = yield* select(query)
      return rows.map((row) => ({
        id: row.id,
        until: row.lease_until ?? 0,
        holder: JSON.parse(row.lease_holder ?? '{}') as LeaseHolder, // both are there, or neither
        rootPolicy: JSON.parse(row.root_policy ?? NO_POLICY) as FlowRunPolicy, // written by this file only; a root that was deleted has none
      }))
    },

    *ofFlow(flowId, limit) {
      const rows = yield* select(sqlBuilder.selectFrom('flow_runs').select('id').where('flow_id', '=', flowId).limit(limit))
      return rows.map((row) => row.id)
    },

    *known(ids) {
      if (ids.length === 0) return new Set()
      const rows = yield* select(
        sqlBuilder
          .selectFrom('flow_runs')
          .select('id')
          .where('id', 'in', [...ids]),
      )
      return new Set(rows.map((row) => row.id))
    },

    *delete(ids, now) {
      if (ids.length === 0) return
      for (const table of ['flow_run_states', 'flow_run_tags', 'flow_run_inputs'] as const) {
        yield* change(sqlBuilder.deleteFrom(table).where('flow_run_id', 'in', [...ids]))
      }
      yield* marks.deleted('flow-runs', sql<boolean>`id in (${sql.join(ids)})`)
      yield* change(sqlBuilder.deleteFrom('flow_runs').where('id', 'in', [...ids]))
      for (const id of ids) yield* insertDeleted([id, now])
    },
  }
}

function* insertRest(marks: CountMarks, run: FlowRun, states: readonly State[], actor: Actor | undefined): Script<void> {
  for (const state of states) yield* insertState(stateParameters(run.id, state, actor))
  for (const tag of run.tags) yield* insertTag([tag, run.id])
  if (isTerminal(run.state.type)) yield* marks.changed('flow-runs', [run.expectedAt])
}

function toFence({ attempt, state_type: type }: Pick<FlowRunRow, 'attempt' | 'state_type'>): Fence {
  return { attempt, ended: isTerminal(type as StateType) } // written by this file only
}

function filtered(query: FlowRunQuery) {
  let from = sqlBuilder.selectFrom('flow_runs')
  // By the flow's id: its index holds the runs of a flow in the order of lists.
  if (query.flowName !== undefined)
    from = from.where('flow_id', '=', sqlBuilder.selectFrom('flows').select('id').where('name', '=', query.flowName))
  if (query.states !== undefined) from = from.where('state_type', 'in', stateList(query.states))
  if (query.since !== undefined) from = from.where('created_at', '>=', query.since)
  if (query.until !== undefined) from = from.where('created_at', '<', query.until)
  if (query.parentTaskRunId !== undefined) from = from.where('parent_task_run_id', '=', query.parentTaskRunId)
  if (query.level === 'roots') from = from.where('parent_task_run_id', 'is', null)
  // instr is not in PostgreSQL, like needs escaping: both know replace.
  if (query.nameContains !== undefined && query.nameContains !== '')
    from = from.where(sql<boolean>`replace(name, ${query.nameContains}, '') <> name`)
  for (const tag of query.tags ?? []) {
    from = from.where('id', 'in', sqlBuilder.selectFrom('flow_run_tags').select('flow_run_id').where('tag', '=', tag))
  }
  return from
}

/** No state at all is a condition that nothing meets; an empty list is not SQL everywhere, and no state has the empty name. */
export function stateList(states: readonly StateType[]): readonly string[] {
  return states.length === 0 ? [''] : states
}

/** Never more than a page may have; a limit that is no number is the caller's mistake. */
export function pageLimit(limit: number): number {
  if (Number.isNaN(limit)) throw new TuttiError('INVALID_OPTION', 'the limit of a page is not a number')
  return Math.max(1, Math.min(PAGE_LIMIT_MAX, Math.floor(limit)))
}

function first(rows: readonly FlowRunRow[]): FlowRun | undefined {
  const row = rows[0]
  return row === undefined ? undefined : toFlowRun(row)
}
