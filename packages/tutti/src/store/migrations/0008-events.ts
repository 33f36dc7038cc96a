import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Events that cannot be derived from the history of runs. */
export const events: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('events')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('occurred_at', 'bigint', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('resource_id', 'text', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('related', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('follows', 'text'),
  sqlBuilder.schema.createIndex('events_occurred').on('events').columns(['occurred_at', 'id']),
  sqlBuilder.schema
    .createTable('event_resources')
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('resource_id', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('occurred_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('event_resources_key', ['event_id', 'resource_id', 'role']),
  sqlBuilder.schema.createIndex('event_resources_resource').on('event_resources').columns(['resource_id', 'occurred_at']),
]
