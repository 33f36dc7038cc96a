import { sql } from '../kysely.ts'
import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Work pools, their queues and their workers, and the runs that workers have claimed. */
export const workPools: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('work_pools')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('description', 'text')
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('base_job_template', 'text', (column) => column.notNull())
    .addColumn('is_paused', 'integer', (column) => column.notNull())
    .addColumn('concurrency_limit', 'bigint')
    .addColumn('status', 'text')
    .addColumn('default_queue_id', 'text', (column) => column.notNull())
    .addColumn('storage', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema
    .createTable('work_queues')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('work_pool_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('is_paused', 'integer', (column) => column.notNull())
    .addColumn('concurrency_limit', 'bigint')
    .addColumn('priority', 'bigint', (column) => column.notNull())
    .addColumn('filter', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('last_polled_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('work_queues_name').unique().on('work_queues').columns(['work_pool_id', 'name']),
  sqlBuilder.schema.createIndex('work_queues_polled').on('work_queues').columns(['status', 'last_polled_at']),
  sqlBuilder.schema
    .createTable('workers')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('work_pool_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('heartbeat_at', 'bigint', (column) => column.notNull())
    .addColumn('heartbeat_interval_s', 'bigint')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('workers_name').unique().on('workers').columns(['work_pool_id', 'name']),
  sqlBuilder.schema.createIndex('workers_status').on('workers').columns(['status', 'heartbeat_at']),
  sqlBuilder.schema
    .createTable('run_claims')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull().unique())
    .addColumn('worker', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('run_claims_until').on('run_claims').column('until'),
  // Which runs of a queue are due, and how many hold its slots.
  sqlBuilder.schema
    .createIndex('flow_runs_queue')
    .on('flow_runs')
    .columns(['work_queue_id', 'state_type', 'scheduled_for'])
    .where(sql.ref('work_queue_id'), 'is not', null),
  // The same of a deployment, for those who serve their own.
  sqlBuilder.schema
    .createIndex('flow_runs_deployment_due')
    .on('flow_runs')
    .columns(['deployment_id', 'state_type', 'scheduled_for'])
    .where(sql.ref('deployment_id'), 'is not', null),
]
