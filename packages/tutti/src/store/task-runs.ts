import { sql } from './kysely.ts'
import type { Page, TaskRunQuery } from '../core/query.ts'
import { JsonText, parseLiterally } from '../core/literal-json.ts'
import type { StateDetails } from '../core/state-details.ts'
import { defaultStateName, isTerminal, STATE_TYPES } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import { HISTORY_MAX } from '../core/task-run.ts'
import type { CallKey, Checkpoint, HistoryEntry, TaskRun, ToldTaskRun } from '../core/task-run.ts'
import type { Instant } from '../core/time.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { stateOf } from './flow-run-rows.ts'
import { pageLimit, stateList } from './flow-runs.ts'
import type { CountMarks } from './run-counts.ts'
import type { Script } from './script.ts'
import { dataText, detailsText, scheduledFor, storedValue } from './states.ts'
import { change, hot, listText, prepared, select, sqlBuilder, textList } from './statements.ts'
import type { TaskRunRow } from './tables.ts'

export interface TaskRunTable {
  get(id: string): Script<TaskRun | undefined>
  list(query: TaskRunQuery): Script<Page<TaskRun>>
  countByState(flowRunId: string): Script<Readonly<Partial<Record<StateType, number>>>>
  /** Writes a task run as it is; `false`: it was overtaken, and nothing changed. */
  save(checkpoint: Checkpoint): Script<boolean>
  /** A task run that is told of, not checkpointed: `false`, and nothing is written, when its id or its call is known. */
  insertTold(run: TaskRun): Script<boolean>
  /** A told task run as it is now, whatever its sequence. */
  saveTold(run: TaskRun): Script<void>
  /** The task run of a call. */
  byCall(flowRunId: string | null, taskKey: string, dynamicKey: string): Script<TaskRun | undefined>
  /** The task run that is, or was, in a state of this id. A former one is looked for among the runs that began before it. */
  byState(stateId: string): Script<TaskRun | undefined>
  /** Of one flow run, in the order of their ids. */
  ofFlowRun(flowRunId: string, limit: number): Script<readonly TaskRun[]>
  /** Of one flow run, without outcomes and the data of states. */
  inOrderOfCalls(flowRunId: string, page: { readonly after: CallKey | null; readonly limit: number }): Script<readonly TaskRun[]>
  /** The same, of those whose state is of that time or later, oldest state first. */
  changedSince(flowRunId: string, page: { readonly since: Instant; readonly limit: number }): Script<readonly TaskRun[]>
  rename(id: string, name: string): Script<number>
  delete(id: string): Script<number>
  /** Many at once; how many rows they changed is not told. */
  saveAll(checkpoints: readonly Checkpoint[]): Script<void>
  /**
   * Ends task runs that nobody works on any more: those of one flow run, or one by itself. Their sequence stays, so that the next attempt
   * may write over them.
   */
  endUnfinished(which: { readonly flowRunId: string } | { readonly id: string }, end: TaskRunsEnd): Script<void>
}

export interface TaskRunsEnd {
  readonly type: 'crashed' | 'cancelled'
  readonly message: string | null
  readonly at: Instant
  readonly stateId: () => string
}

const UNFINISHED = STATE_TYPES.filter((type) => !isTerminal(type))

export const TASK_RUN_COLUMNS = [
  'id',
  'flow_run_id',
  'task_key',
  'dynamic_key',
  'ordinal',
  'name',
  'kind',
  'tags',
  'parent_task_run_id',
  'child_flow_run_id',
  'upstream',
  'sequence',
  'attempt',
  'state_id',
  'state_type',
  'state_name',
  'state_timestamp',
  'state_message',
  'scheduled_for',
  'history',
  'run_count',
  'failures',
  'number',
  'created_at',
  'started_at',
  'ended_at',
  'outcome_format',
  'outcome_text',
  'state_details',
  'state_data',
  'told',
] as const satisfies readonly (keyof TaskRunRow)[]

/** The identity of a call; what a later write may change is all the rest. */
const IDENTITY: readonly (keyof TaskRunRow)[] = [
  'id',
  'flow_run_id',
  'task_key',
  'dynamic_key',
  'ordinal',
  'kind',
  'tags',
  'parent_task_run_id',
  'created_at',
]
const CHANGING = TASK_RUN_COLUMNS.filter((column) => !IDENTITY.includes(column))

type Heavy = 'outcome_format' | 'outcome_text' | 'state_data'
const HEAVY: readonly (keyof TaskRunRow)[] = ['outcome_format', 'outcome_text', 'state_data'] satisfies readonly Heavy[]
const LIGHT = TASK_RUN_COLUMNS.filter((column): column is Exclude<(typeof TASK_RUN_COLUMNS)[number], Heavy> => !HEAVY.includes(column))

const upsert = prepared(
  sqlBuilder
    .insertInto('task_runs')
    .values(Object.fromEntries(TASK_RUN_COLUMNS.map((column) => [column, ''])) as unknown as TaskRunRow) // only the places of the parameters matter
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((set) => Object.fromEntries(CHANGING.map((column) => [column, set.ref(`excluded.${column}`)])))
        .whereRef('excluded.sequence', '>', 'task_runs.sequence'),
    ),
)

const insertOnce = hot(
  sqlBuilder
    .insertInto('task_runs')
    .values(Object.fromEntries(TASK_RUN_COLUMNS.map((column) => [column, ''])) as unknown as TaskRunRow) // as above
    .onConflict((conflict) => conflict.doNothing()),
)
const replaceTold = hot(
  sqlBuilder
    .updateTable('task_runs')
    .set(Object.fromEntries([...CHANGING, 'tags', 'created_at'].map((column) => [column, ''])))
    .where('id', '=', ''),
)

const endTaskRun = hot(
  sqlBuilder
    .updateTable('task_runs')
    .set({
      state_id: '',
      state_type: '',
      state_name: '',
      state_timestamp: 0,
      state_message: null,
      scheduled_for: null,
      history: null,
      ended_at: 0,
    })
    .where('id', '=', ''),
)

export function taskRunTable(marks: CountMarks): TaskRunTable {
  return {
    *get(id) {
      const row = (yield* select(sqlBuilder.selectFrom('task_runs').selectAll().where('id', '=', id)))[0]
      return row === undefined ? undefined : toTaskRun(row)
    },

    *list(query) {
      const limit = pageLimit(query.limit)
      let from = sqlBuilder
        .selectFrom('task_runs')
        .selectAll()
        .orderBy('id')
        .limit(limit + 1)
      if (query.flowRunId !== undefined) from = from.where('flow_run_id', '=', query.flowRunId)
      if (query.states !== undefined) from = from.where('state_type', 'in', stateList(query.states))
      if (query.taskKey !== undefined) from = from.where('task_key', '=', query.taskKey)
      if (query.cursor !== undefined) from = from.where('id', '>', decodeCursor('task-runs', query.cursor))
      const rows = yield* select(from)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return { items: rows.slice(0, limit).map(toTaskRun), cursor: last === undefined ? null : encodeCursor('task-runs', last.id) }
    },

    *countByState(flowRunId) {
      const rows = yield* select(
        sqlBuilder
          .selectFrom('task_runs')
          .select(['state_type', sqlBuilder.fn.countAll<number>().as('runs')])
          .where('flow_run_id', '=', flowRunId)
          .groupBy('state_type'),
      )
      return Object.fromEntries(rows.map((row) => [row.state_type, Number(row.runs)]))
    },

    *insertTold(run) {
      const isNew = (yield* insertOnce(parametersOf(run))) > 0
      if (isNew) yield* marks.changed('task-runs', [run.createdAt])
      return isNew
    },

    *saveTold(run) {
      const values = parametersOf(run)
      const columns: readonly string[] = TASK_RUN_COLUMNS
      const changing = [...CHANGING, 'tags', 'created_at'].map((column) => values[columns.indexOf(column)])
      // The time that was told of it may be another now.
      yield* marks.deleted('task-runs', sql<boolean>`id = ${run.id}`)
      yield* replaceTold([...changing, run.id])
      yield* marks.changed('task-runs', [run.createdAt])
    },

    *byCall(flowRunId, taskKey, dynamicKey) {
      let query = sqlBuilder.selectFrom('task_runs').selectAll().where('task_key', '=', taskKey).where('dynamic_key', '=', dynamicKey)
      query = flowRunId === null ? query.where('flow_run_id', 'is', null) : query.where('flow_run_id', '=', flowRunId)
      const row = (yield* select(query))[0]
      return row === undefined ? undefined : toTaskRun(row)
    },

    *byState(stateId) {
      const current = (yield* select(sqlBuilder.selectFrom('task_runs').selectAll().where('state_id', '=', stateId)))[0]
      if (current !== undefined) return toTaskRun(current)
      // Ids are in the order of time: the newest task run before it is looked at first.
      const recent = sqlBuilder
        .selectFrom('task_runs')
        .selectAll()
        .where('id', '<', idLater(stateId, STATE_BEFORE_RUN_MS))
        .where(sql<boolean>`replace(history, ${stateId}, '') <> history`)
        .orderBy('id', 'desc')
        .limit(1)
      const row = (yield* select(recent))[0]
      return row === undefined ? undefined : toTaskRun(row)
    },

    *ofFlowRun(flowRunId, limit) {
      const rows = yield* select(
        sqlBuilder.selectFrom('task_runs').selectAll().where('flow_run_id', '=', flowRunId).orderBy('id').limit(limit),
      )
      return rows.map(toTaskRun)
    },

    *inOrderOfCalls(flowRunId, { after, limit }) {
      let query = sqlBuilder.selectFrom('task_runs').select(LIGHT).where('flow_run_id', '=', flowRunId)
      if (after !== null) query = query.where(sql<boolean>`(task_key, dynamic_key) > (${after.taskKey}, ${after.dynamicKey})`)
      return (yield* select(query.orderBy('task_key').orderBy('dynamic_key').limit(limit))).map(toTaskRun)
    },

    *changedSince(flowRunId, { since, limit }) {
      const query = sqlBuilder
        .selectFrom('task_runs')
        .select(LIGHT)
        // Found by their states: what just changed is little, of all runs together, and one run may have many task runs.
        .where('state_type', 'in', STATE_TYPES)
        .where('state_timestamp', '>=', since)
        .where(sql<boolean>`flow_run_id || '' = ${flowRunId}`)
        .orderBy('state_timestamp')
        .limit(limit)
      return (yield* select(query)).map(toTaskRun)
    },

    *rename(id, name) {
      return yield* change(sqlBuilder.updateTable('task_runs').set({ name }).where('id', '=', id))
    },

    *delete(id) {
      yield* marks.deleted('task-runs', sql<boolean>`id = ${id}`)
      return yield* change(sqlBuilder.deleteFrom('task_runs').where('id', '=', id))
    },

    *save(checkpoint) {
      const { changes } = yield { sql: upsert, parameters: parametersOf(checkpoint), rows: false }
      yield* marks.changed('task-runs', [checkpoint.createdAt])
      return changes > 0
    },

    *saveAll(checkpoints) {
      yield { sql: upsert, parameters: [], rows: false, batch: checkpoints.map(parametersOf) }
      yield* marks.changed('task-runs', checkpoints.map(createdAtOf))
    },

    *endUnfinished(which, end) {
      let query = sqlBuilder
        .selectFrom('task_runs')
        .select(['id', 'state_id', 'state_type', 'state_name', 'state_timestamp', 'scheduled_for', 'history', 'created_at'])
        .where('state_type', 'in', UNFINISHED)
      query = 'id' in which ? query.where('id', '=', which.id) : query.where('flow_run_id', '=', which.flowRunId)
      for (const row of yield* select(query)) {
        const former = { id: row.state_id, type: row.state_type as StateType, name: row.state_name, timestamp: row.state_timestamp } // written by this file only
        // As everywhere: two states of one run never share a timestamp.
        const timestamp = end.at > former.timestamp ? end.at : former.timestamp + 1
        yield* endTaskRun([
          end.stateId(),
          end.type,
          defaultStateName(end.type),
          timestamp,
          end.message,
          // A crash does not shorten the wait for a retry: whoever resumes the run waits for the rest of it.
          end.type === 'crashed' ? row.scheduled_for : null,
          historyText([...historyOf(row.history), former].slice(-HISTORY_MAX)),
          timestamp,
          row.id,
        ])
        yield* marks.changed('task-runs', [row.created_at])
      }
    },
  }
}

/** How much earlier than its task run a first state may have got its id. */
const STATE_BEFORE_RUN_MS = 60_000

/** Where ids begin that were made so much later: they start with the time, in milliseconds and hexadecimal digits. */
function idLater(id: string, byMs: number): string {
  const madeMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
  const digits = (madeMs + byMs).toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
}

/** Also of a row that was read without what is heavy: it is not there then. */
export function toTaskRun(row: Omit<TaskRunRow, Heavy> & Partial<Pick<TaskRunRow, Heavy>>): TaskRun {
  const { outcome_format: format = null, outcome_text: text = null } = row
  return {
    id: row.id,
    flowRunId: row.flow_run_id,
    taskKey: row.task_key,
    dynamicKey: row.dynamic_key,
    ordinal: row.ordinal,
    name: row.name,
    kind: row.kind === 'flow' ? 'flow' : 'task',
    tags: textList(row.tags),
    parentTaskRunId: row.parent_task_run_id,
    childFlowRunId: row.child_flow_run_id,
    upstream: textList(row.upstream),
    sequence: row.sequence,
    attempt: row.attempt,
    state: stateOf(row),
    history: historyOf(row.history),
    runCount: row.run_count,
    failures: row.failures,
    number: row.number,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: format === null ? null : storedValue(format, text ?? ''),
    ...(row.told === null ? undefined : { told: toldOf(row.told) }),
  }
}

/** A function of the module, so that what is compiled for one store serves the next. */
function parametersOf(checkpoint: TaskRun): readonly unknown[] {
  const { state, outcome } = checkpoint
  return [
    checkpoint.id,
    checkpoint.flowRunId,
    checkpoint.taskKey,
    checkpoint.dynamicKey,
    checkpoint.ordinal,
    checkpoint.name,
    checkpoint.kind,
    listText(checkpoint.tags),
    checkpoint.parentTaskRunId,
    checkpoint.childFlowRunId,
    listText(checkpoint.upstream),
    checkpoint.sequence,
    checkpoint.attempt,
    state.id,
    state.type,
    state.name,
    state.timestamp,
    state.message,
    scheduledFor(state),
    historyText(checkpoint.history),
    checkpoint.runCount,
    checkpoint.failures,
    checkpoint.number,
    checkpoint.createdAt,
    checkpoint.startedAt,
    checkpoint.endedAt,
    outcome?.format ?? null,
    outcome?.text ?? null,
    detailsText(state),
    dataText(state),
    checkpoint.told === undefined ? null : JSON.stringify(checkpoint.told),
  ]
}

function createdAtOf({ createdAt }: TaskRun): Instant {
  return createdAt
}

function toldOf(text: string): ToldTaskRun {
  // Written by `parametersOf` only; JSON texts within it have become values again.
  const { labels, taskInputs, ...told } = parseLiterally(text) as ToldTaskRun
  return { ...told, labels: JsonText.of(labels), taskInputs: JsonText.of(taskInputs) }
}

/**
 * History is short JSON in the row, as lists in the order id, type, name, time: half the size of objects. What foreign clients told of a
 * state stands behind them.
 */
function historyText(history: readonly HistoryEntry[]): string | null {
  if (history.length === 0) return null
  const [first] = history
  // The history of almost every task run: it was running, then it ended.
  if (history.length === 1 && first!.name === 'Running' && !isTold(first!))
    return `[["${first!.id}","${first!.type}","Running",${first!.timestamp}]]`
  return JSON.stringify(
    history.map((entry) => {
      const { id, type, name, timestamp, message, details, data } = entry
      return isTold(entry) ? [id, type, name, timestamp, { message, details, data: data?.text }] : [id, type, name, timestamp]
    }),
  )
}

function isTold({ message, details, data }: HistoryEntry): boolean {
  return message !== undefined || details !== undefined || data !== undefined
}

interface StoredTold {
  readonly message?: string
  readonly details?: StateDetails
  readonly data?: string
}

export function historyOf(text: string | null): readonly HistoryEntry[] {
  if (text === null) return []
  const entries = JSON.parse(text) as readonly (readonly [string, StateType, string, number, StoredTold?])[] // written by `historyText` only
  return entries.map(([id, type, name, timestamp, told]) => {
    if (told === undefined) return { id, type, name, timestamp }
    const { data, ...rest } = told
    return { id, type, name, timestamp, ...rest, ...(data === undefined ? undefined : { data: new JsonText(data) }) }
  })
}
