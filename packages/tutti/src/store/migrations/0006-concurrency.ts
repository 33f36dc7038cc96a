import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Concurrency limits, and the leases that hold their slots. */
export const concurrency: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('concurrency_limits')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('slots_max', 'bigint', (column) => column.notNull())
    .addColumn('active_slots', 'bigint', (column) => column.notNull())
    .addColumn('active_since', 'bigint', (column) => column.notNull())
    .addColumn('denied_slots', 'bigint', (column) => column.notNull())
    .addColumn('denied_since', 'bigint', (column) => column.notNull())
    .addColumn('slot_decay_per_second', 'double precision', (column) => column.notNull())
    .addColumn('avg_occupancy_s', 'double precision', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema
    .createTable('slot_leases')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('slots', 'bigint', (column) => column.notNull())
    .addColumn('holder_type', 'text')
    .addColumn('holder_id', 'text')
    .addColumn('taken_at', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('slot_leases_until').on('slot_leases').column('until'),
  sqlBuilder.schema.createIndex('slot_leases_holder').on('slot_leases').columns(['holder_id', 'holder_type']),
  sqlBuilder.schema
    .createTable('slot_lease_limits')
    .addColumn('lease_id', 'text', (column) => column.notNull())
    .addColumn('limit_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('slot_lease_limits_key', ['lease_id', 'limit_id']),
  sqlBuilder.schema.createIndex('slot_lease_limits_limit').on('slot_lease_limits').column('limit_id'),
]
