import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** What schedules say beyond the protocol, the calendars they go by, and deployments run for times that have passed. */
export const schedules: readonly Compilable[] = [
  sqlBuilder.schema.alterTable('deployment_schedules').addColumn('options', 'text'),
  sqlBuilder.schema
    .createTable('calendars')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('description', 'text')
    .addColumn('weekend', 'text', (column) => column.notNull())
    .addColumn('holidays', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema
    .createTable('backfills')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('deployment_id', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('until_at', 'bigint', (column) => column.notNull())
    .addColumn('policy', 'text', (column) => column.notNull())
    .addColumn('parameters', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('backfills_status').on('backfills').columns(['status', 'id']),
  sqlBuilder.schema
    .createTable('backfill_runs')
    .addColumn('backfill_id', 'text', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull())
    .addColumn('logical_date', 'bigint', (column) => column.notNull())
    .addColumn('schedule_id', 'text')
    .addColumn('flow_run_id', 'text')
    .addPrimaryKeyConstraint('backfill_runs_key', ['backfill_id', 'ordinal']),
]
