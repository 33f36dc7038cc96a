import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

export const maintenanceModes: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('maintenance_modes')
    .addColumn('scope', 'text', (column) => column.primaryKey().notNull())
    .addColumn('message', 'text')
    .addColumn('started_at', 'bigint', (column) => column.notNull()),
]
