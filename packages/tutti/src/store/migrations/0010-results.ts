import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Large results, where they are kept in the database. */
export const results: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('results')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('bytes', 'blob', (column) => column.notNull())
    .addColumn('written_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('results_key', ['owner', 'key']),
]
