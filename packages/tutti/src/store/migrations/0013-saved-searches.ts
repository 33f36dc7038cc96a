import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

export const savedSearches: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('saved_searches')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('filters', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
]
