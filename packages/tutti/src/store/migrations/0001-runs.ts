import { sql } from '../kysely.ts'
import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Flows, flow runs with their history, task runs, logs, cached results and hourly counts. */
export const runs: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('flows')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull()),

  sqlBuilder.schema
    .createTable('flow_runs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_id', 'text', (column) => column.notNull())
    .addColumn('flow_name', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'text')
    .addColumn('entrypoint', 'text')
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('parameters_format', 'text', (column) => column.notNull())
    .addColumn('parameters_text', 'text', (column) => column.notNull())
    .addColumn('idempotency_key', 'text')
    .addColumn('parent_task_run_id', 'text')
    .addColumn('root_id', 'text', (column) => column.notNull())
    .addColumn('policy', 'text', (column) => column.notNull())
    .addColumn('state_id', 'text', (column) => column.notNull())
    .addColumn('state_type', 'text', (column) => column.notNull())
    .addColumn('state_name', 'text', (column) => column.notNull())
    .addColumn('state_timestamp', 'bigint', (column) => column.notNull())
    .addColumn('state_message', 'text')
    .addColumn('scheduled_for', 'bigint')
    .addColumn('run_count', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('replay_failed_from', 'integer', (column) => column.notNull())
    .addColumn('lease_until', 'bigint')
    .addColumn('lease_holder', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expected_at', 'bigint', (column) => column.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('total_run_us', 'bigint', (column) => column.notNull())
    .addColumn('outcome_format', 'text')
    .addColumn('outcome_text', 'text'),
  sqlBuilder.schema.createIndex('flow_runs_flow').on('flow_runs').columns(['flow_id', 'id']),
  sqlBuilder.schema.createIndex('flow_runs_state').on('flow_runs').columns(['state_type', 'state_timestamp']),
  sqlBuilder.schema.createIndex('flow_runs_name').on('flow_runs').column('name'),
  // Most runs have none of these: the indexes hold only those that do.
  sqlBuilder.schema
    .createIndex('flow_runs_idempotency')
    .unique()
    .on('flow_runs')
    .columns(['flow_id', 'idempotency_key'])
    .where(sql.ref('idempotency_key'), 'is not', null),
  sqlBuilder.schema.createIndex('flow_runs_lease').on('flow_runs').column('lease_until').where(sql.ref('lease_until'), 'is not', null),
  sqlBuilder.schema
    .createIndex('flow_runs_children')
    .on('flow_runs')
    .columns(['parent_task_run_id', 'id'])
    .where(sql.ref('parent_task_run_id'), 'is not', null),

  sqlBuilder.schema
    .createTable('flow_run_states')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('timestamp', 'bigint', (column) => column.notNull())
    .addColumn('message', 'text')
    .addColumn('scheduled_for', 'bigint'),
  sqlBuilder.schema.createIndex('flow_run_states_run').on('flow_run_states').columns(['flow_run_id', 'timestamp']),

  sqlBuilder.schema
    .createTable('flow_run_tags')
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('flow_run_tags_key', ['tag', 'flow_run_id']),
  sqlBuilder.schema.createIndex('flow_run_tags_run').on('flow_run_tags').column('flow_run_id'),

  sqlBuilder.schema
    .createTable('task_runs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addColumn('task_key', 'text', (column) => column.notNull())
    .addColumn('dynamic_key', 'text', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('tags', 'text')
    .addColumn('parent_task_run_id', 'text')
    .addColumn('child_flow_run_id', 'text')
    .addColumn('upstream', 'text')
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('state_id', 'text', (column) => column.notNull())
    .addColumn('state_type', 'text', (column) => column.notNull())
    .addColumn('state_name', 'text', (column) => column.notNull())
    .addColumn('state_timestamp', 'bigint', (column) => column.notNull())
    .addColumn('state_message', 'text')
    .addColumn('scheduled_for', 'bigint')
    .addColumn('history', 'text')
    .addColumn('run_count', 'integer', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('number', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('outcome_format', 'text')
    .addColumn('outcome_text', 'text'),
  sqlBuilder.schema.createIndex('task_runs_identity').unique().on('task_runs').columns(['flow_run_id', 'task_key', 'dynamic_key']),
  sqlBuilder.schema.createIndex('task_runs_state').on('task_runs').columns(['state_type', 'state_timestamp']),
  sqlBuilder.schema.createIndex('task_runs_started').on('task_runs').column('started_at'),
  sqlBuilder.schema.createIndex('task_runs_state_id').on('task_runs').column('state_id'),

  sqlBuilder.schema
    .createTable('journal_values')
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('journal_values_key', ['flow_run_id', 'key']),

  sqlBuilder.schema
    .createTable('logs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addColumn('task_run_id', 'text')
    .addColumn('logger', 'text', (column) => column.notNull())
    .addColumn('level', 'integer', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('timestamp', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('logs_run').on('logs').columns(['flow_run_id', 'timestamp']),
  sqlBuilder.schema.createIndex('logs_time').on('logs').column('timestamp'),

  sqlBuilder.schema
    .createTable('cache_entries')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('task_run_id', 'text', (column) => column.notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addColumn('outcome_format', 'text', (column) => column.notNull())
    .addColumn('outcome_text', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull()),

  sqlBuilder.schema
    .createTable('flow_run_hours')
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('flow_id', 'text', (column) => column.notNull())
    .addColumn('state_type', 'text', (column) => column.notNull())
    .addColumn('runs', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('flow_run_hours_key', ['hour', 'flow_id', 'state_type']),
]
