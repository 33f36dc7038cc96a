import { sql } from '../kysely.ts'
import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

const FLOW_RUN_COLUMNS = [
  ['updated_at', 'bigint'],
  ['state_details', 'text'],
  ['state_data', 'text'],
  ['deployment_id', 'text'],
  ['deployment_version', 'text'],
  ['work_queue_id', 'text'],
  ['auto_scheduled', 'integer'],
  ['created_by_id', 'text'],
  ['created_by_type', 'text'],
  ['created_by_value', 'text'],
  ['labels', 'text'],
  ['context', 'text'],
  ['job_variables', 'text'],
  ['infrastructure_document_id', 'text'],
  ['infrastructure_pid', 'text'],
] as const

/** What foreign clients tell of flows, runs and states; task runs and log lines without a flow run. */
export const protocol: readonly Compilable[] = [
  sqlBuilder.schema.alterTable('flows').addColumn('tags', 'text'),
  sqlBuilder.schema.alterTable('flows').addColumn('labels', 'text'),
  sqlBuilder.schema.alterTable('flows').addColumn('updated_at', 'bigint'),

  ...FLOW_RUN_COLUMNS.map(([column, type]) => sqlBuilder.schema.alterTable('flow_runs').addColumn(column, type)),
  sqlBuilder.schema
    .createIndex('flow_runs_deployment')
    .on('flow_runs')
    .columns(['deployment_id', 'id'])
    .where(sql.ref('deployment_id'), 'is not', null),
  // What workers and `serve` ask for: due runs, soonest first.
  sqlBuilder.schema
    .createIndex('flow_runs_due')
    .on('flow_runs')
    .columns(['scheduled_for', 'id'])
    .where(sql.ref('state_type'), '=', sql.lit('scheduled')),
  sqlBuilder.schema.createIndex('flow_runs_expected').on('flow_runs').columns(['expected_at', 'id']),

  sqlBuilder.schema.alterTable('flow_run_states').addColumn('details', 'text'),
  sqlBuilder.schema.alterTable('flow_run_states').addColumn('data', 'text'),
  sqlBuilder.schema.createIndex('flow_run_states_id').on('flow_run_states').column('id'),
  sqlBuilder.schema.createIndex('flow_run_states_time').on('flow_run_states').column('timestamp'),

  // A column cannot be made nullable in every database: the table is made anew.
  sqlBuilder.schema
    .createTable('told_task_runs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_run_id', 'text')
    .addColumn('task_key', 'text', (column) => column.notNull())
    .addColumn('dynamic_key', 'text', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('tags', 'text')
    .addColumn('parent_task_run_id', 'text')
    .addColumn('child_flow_run_id', 'text')
    .addColumn('upstream', 'text')
    .addColumn('sequence', 'bigint', (column) => column.notNull())
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
    .addColumn('outcome_text', 'text')
    .addColumn('state_details', 'text')
    .addColumn('state_data', 'text')
    .addColumn('told', 'text'),
  copyOf(
    'task_runs',
    'told_task_runs',
    (
      'id flow_run_id task_key dynamic_key ordinal name kind tags parent_task_run_id child_flow_run_id upstream sequence attempt ' +
      'state_id state_type state_name state_timestamp state_message scheduled_for history run_count failures number created_at ' +
      'started_at ended_at outcome_format outcome_text'
    ).split(' '),
  ),
  sqlBuilder.schema.dropTable('task_runs'),
  sqlBuilder.schema.alterTable('told_task_runs').renameTo('task_runs'),
  sqlBuilder.schema.createIndex('task_runs_identity').unique().on('task_runs').columns(['flow_run_id', 'task_key', 'dynamic_key']),
  // Task runs of no flow run: NULL is never equal to NULL.
  sqlBuilder.schema
    .createIndex('task_runs_background')
    .unique()
    .on('task_runs')
    .columns(['task_key', 'dynamic_key'])
    .where(sql.ref('flow_run_id'), 'is', null),
  sqlBuilder.schema.createIndex('task_runs_state').on('task_runs').columns(['state_type', 'state_timestamp']),
  sqlBuilder.schema.createIndex('task_runs_started').on('task_runs').column('started_at'),
  sqlBuilder.schema.createIndex('task_runs_state_id').on('task_runs').column('state_id'),

  sqlBuilder.schema
    .createTable('told_logs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_run_id', 'text')
    .addColumn('task_run_id', 'text')
    .addColumn('logger', 'text', (column) => column.notNull())
    .addColumn('level', 'integer', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('timestamp', 'bigint', (column) => column.notNull()),
  copyOf('logs', 'told_logs', ['id', 'flow_run_id', 'task_run_id', 'logger', 'level', 'message', 'timestamp']),
  sqlBuilder.schema.dropTable('logs'),
  sqlBuilder.schema.alterTable('told_logs').renameTo('logs'),
  sqlBuilder.schema.createIndex('logs_run').on('logs').columns(['flow_run_id', 'timestamp']),
  sqlBuilder.schema.createIndex('logs_time').on('logs').columns(['timestamp', 'id']),
  sqlBuilder.schema
    .createIndex('logs_task_run')
    .on('logs')
    .columns(['task_run_id', 'timestamp'])
    .where(sql.ref('task_run_id'), 'is not', null),
]

function copyOf(from: string, to: string, columns: readonly string[]): Compilable {
  const list = sql.join(columns.map((column) => sql.ref(column)))
  return { compile: () => sql`insert into ${sql.table(to)} (${list}) select ${list} from ${sql.table(from)}`.compile(sqlBuilder) }
}
