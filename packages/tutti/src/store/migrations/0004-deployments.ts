import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Deployments and their schedules. */
export const deployments: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('deployments')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('version', 'text')
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('tags', 'text')
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('parameters', 'text', (column) => column.notNull())
    .addColumn('parameter_schema', 'text')
    .addColumn('enforce_parameter_schema', 'integer', (column) => column.notNull())
    .addColumn('job_variables', 'text', (column) => column.notNull())
    .addColumn('pull_steps', 'text')
    .addColumn('path', 'text')
    .addColumn('entrypoint', 'text')
    .addColumn('work_queue_id', 'text')
    .addColumn('storage_document_id', 'text')
    .addColumn('infrastructure_document_id', 'text')
    .addColumn('concurrency_limit_id', 'text')
    .addColumn('concurrency_options', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('last_polled_at', 'bigint')
    .addColumn('created_by', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('deployments_name').unique().on('deployments').columns(['flow_id', 'name']),
  sqlBuilder.schema.createIndex('deployments_queue').on('deployments').column('work_queue_id'),
  sqlBuilder.schema.createIndex('deployments_polled').on('deployments').columns(['status', 'last_polled_at']),
  sqlBuilder.schema.createIndex('deployments_updated').on('deployments').column('updated_at'),
  sqlBuilder.schema
    .createTable('deployment_schedules')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('deployment_id', 'text', (column) => column.notNull())
    .addColumn('schedule', 'text', (column) => column.notNull())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('max_scheduled_runs', 'integer')
    .addColumn('parameters', 'text', (column) => column.notNull())
    .addColumn('slug', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('deployment_schedules_slug').unique().on('deployment_schedules').columns(['deployment_id', 'slug']),
]
