import type { Listing } from '../core/condition.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Variable, VariableRef } from '../core/variable.ts'
import { listedRows } from './listings.ts'
import type { Script } from './script.ts'
import { change, listText, select, sqlBuilder, textList } from './statements.ts'
import type { VariableRow } from './tables.ts'

export interface VariableTable {
  /** `false`: there is one of that name. */
  insert(variable: Variable): Script<boolean>
  get(ref: VariableRef): Script<Variable | undefined>
  list(listing: Listing): Script<readonly Variable[]>
  save(variable: Variable): Script<void>
  delete(id: string): Script<void>
}

export function variableTable(): VariableTable {
  return {
    *insert(variable) {
      const row = rowOf(variable)
      return (
        (yield* change(
          sqlBuilder
            .insertInto('variables')
            .values(row)
            .onConflict((conflict) => conflict.doNothing()),
        )) > 0
      )
    },

    *get(ref) {
      const query = sqlBuilder.selectFrom('variables').selectAll()
      const rows = yield* select('id' in ref ? query.where('id', '=', ref.id) : query.where('name', '=', ref.name))
      return rows[0] === undefined ? undefined : toVariable(rows[0])
    },

    *list(listing) {
      const rows = yield* listedRows('variables', listing)
      return (rows as unknown as readonly VariableRow[]).map(toVariable) // the columns of the table
    },

    *save(variable) {
      const { id, ...row } = rowOf(variable)
      yield* change(sqlBuilder.updateTable('variables').set(row).where('id', '=', id))
    },

    *delete(id) {
      yield* change(sqlBuilder.deleteFrom('variables').where('id', '=', id))
    },
  }
}

function rowOf({ id, name, value, tags, createdAt, updatedAt }: Variable): VariableRow {
  return { id, name, value: value.text, tags: listText(tags), created_at: createdAt, updated_at: updatedAt }
}

function toVariable(row: VariableRow): Variable {
  return {
    id: row.id,
    name: row.name,
    value: new JsonText(row.value),
    tags: textList(row.tags),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
