import { sql } from '../kysely.ts'
import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** What the services of a server look for again and again, and whose turn it is where there are several servers. */
export const services: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('service_turns')
    .addColumn('service', 'text', (column) => column.primaryKey().notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull()),
  // Runs that are late may be many, and are looked at no more.
  sqlBuilder.schema
    .createIndex('flow_runs_waiting')
    .on('flow_runs')
    .columns(['scheduled_for', 'id'])
    .where(sql.ref('state_type'), '=', sql.lit('scheduled'))
    .where(sql.ref('state_name'), '=', sql.lit('Scheduled')),
]
