import { sql } from './kysely.ts'
import type { CallKey, JournalEntry, JournalOutcome, JournalValue } from '../core/task-run.ts'
import { storedValue } from './states.ts'
import type { Script } from './script.ts'
import { hot, select, sqlBuilder } from './statements.ts'
import type { TaskRunRow } from './tables.ts'
import { historyOf, TASK_RUN_COLUMNS, toTaskRun } from './task-runs.ts'

/** What a run reads when it starts again, and the values it was handed. */
export interface JournalTable {
  /** In the order of the identity's index, so that a page costs what it holds. */
  entries(flowRunId: string, after: CallKey | null, limit: number): Script<readonly JournalEntry[]>
  outcomes(flowRunId: string, taskRunIds: readonly string[]): Script<readonly JournalOutcome[]>
  values(flowRunId: string): Script<readonly JournalValue[]>
  addValue(flowRunId: string, value: JournalValue): Script<void>
}

const insertValue = hot(
  sqlBuilder
    .insertInto('journal_values')
    .values({ flow_run_id: '', key: '', text: '' })
    .onConflict((conflict) => conflict.doNothing()),
)

type EntryColumn = Exclude<(typeof TASK_RUN_COLUMNS)[number], 'outcome_text'>
/** Outcomes may be large and are read when replay comes to them. */
const ENTRY_COLUMNS = TASK_RUN_COLUMNS.filter((column): column is EntryColumn => column !== 'outcome_text')

export function journalTable(): JournalTable {
  return {
    *entries(flowRunId, after, limit) {
      let query = sqlBuilder
        .selectFrom('task_runs')
        .select(ENTRY_COLUMNS)
        .where('flow_run_id', '=', flowRunId)
        .orderBy('task_key')
        .orderBy('dynamic_key')
        .limit(limit)
      if (after !== null) query = query.where(sql<boolean>`(task_key, dynamic_key) > (${after.taskKey}, ${after.dynamicKey})`)
      const rows = yield* select(query)
      const shared = sharedTexts()
      return rows.map((row) => toEntry(row, flowRunId, shared))
    },

    *outcomes(flowRunId, taskRunIds) {
      if (taskRunIds.length === 0) return []
      const rows = yield* select(
        sqlBuilder
          .selectFrom('task_runs')
          .select(['id', 'flow_run_id', 'outcome_format', 'outcome_text'])
          .where('id', 'in', [...taskRunIds]),
      )
      // Not a condition of the query: it would be answered from the index of the run's task runs, by reading all of them.
      const own = rows.filter((row) => row.flow_run_id === flowRunId)
      return own.map((row) => ({
        taskRunId: row.id,
        outcome: row.outcome_format === null ? null : storedValue(row.outcome_format, row.outcome_text ?? ''),
      }))
    },

    *values(flowRunId) {
      return yield* select(sqlBuilder.selectFrom('journal_values').select(['key', 'text']).where('flow_run_id', '=', flowRunId))
    },

    *addValue(flowRunId, { key, text }) {
      yield* insertValue([flowRunId, key, text])
    },
  }
}

type EntryRow = Pick<TaskRunRow, EntryColumn>

/** A journal may hold 100,000 entries at once: equal texts are kept once, and a history is read when somebody asks for it. */
function toEntry(row: EntryRow, flowRunId: string, shared: (text: string) => string): JournalEntry {
  const { history } = row
  const { outcome, ...rest } = toTaskRun({
    ...row,
    flow_run_id: flowRunId,
    task_key: shared(row.task_key),
    kind: shared(row.kind),
    state_type: shared(row.state_type),
    state_name: shared(row.state_name),
    history: null,
    outcome_text: null,
  })
  const outcomeFormat = outcome?.format ?? null
  const retryAt = row.scheduled_for
  if (history === null) return { ...rest, flowRunId, outcomeFormat, retryAt }
  return {
    ...rest,
    flowRunId,
    outcomeFormat,
    retryAt,
    get history() {
      return historyOf(history)
    },
  }
}

function sharedTexts(): (text: string) => string {
  const texts = new Map<string, string>()
  return (text) => {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }
}
