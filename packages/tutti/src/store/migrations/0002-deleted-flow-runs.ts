import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Flow runs that are gone, while their task runs, logs and files still have to go: in small steps that a crash may interrupt. */
export const deletedFlowRuns: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('deleted_flow_runs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('deleted_at', 'bigint', (column) => column.notNull()),
]
