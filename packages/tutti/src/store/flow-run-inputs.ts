import type { FlowRunInput, InputQuery } from '../core/flow-run-input.ts'
import { sql } from './kysely.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'
import type { FlowRunInputRow } from './tables.ts'

export interface FlowRunInputTable {
  /** `false`: the key is taken. */
  insert(input: FlowRunInput): Script<boolean>
  get(flowRunId: string, key: string): Script<FlowRunInput | undefined>
  /** Oldest first. */
  list(flowRunId: string, query: InputQuery): Script<readonly FlowRunInput[]>
  /** `false`: it is not there. */
  delete(flowRunId: string, key: string): Script<boolean>
}

export function flowRunInputTable(): FlowRunInputTable {
  return {
    *insert({ id, flowRunId, key, value, sender, createdAt, updatedAt }) {
      const row = { id, flow_run_id: flowRunId, key, value, sender, created_at: createdAt, updated_at: updatedAt }
      return (
        (yield* change(
          sqlBuilder
            .insertInto('flow_run_inputs')
            .values(row)
            .onConflict((conflict) => conflict.doNothing()),
        )) > 0
      )
    },

    *get(flowRunId, key) {
      const row = (yield* select(
        sqlBuilder.selectFrom('flow_run_inputs').selectAll().where('flow_run_id', '=', flowRunId).where('key', '=', key),
      ))[0]
      return row === undefined ? undefined : toInput(row)
    },

    *list(flowRunId, { prefix, excludeKeys, limit }) {
      let query = sqlBuilder
        .selectFrom('flow_run_inputs')
        .selectAll()
        .where('flow_run_id', '=', flowRunId)
        .where(sql<boolean>`substr(key, 1, ${sql.lit(prefix.length)}) = ${prefix}`)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
      if (excludeKeys.length > 0) query = query.where('key', 'not in', excludeKeys)
      return (yield* select(query)).map(toInput)
    },

    *delete(flowRunId, key) {
      return (yield* change(sqlBuilder.deleteFrom('flow_run_inputs').where('flow_run_id', '=', flowRunId).where('key', '=', key))) > 0
    },
  }
}

function toInput(row: FlowRunInputRow): FlowRunInput {
  return {
    id: row.id,
    flowRunId: row.flow_run_id,
    key: row.key,
    value: row.value,
    sender: row.sender,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
