import { sql } from '../kysely.ts'
import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/**
 * Runs that ended otherwise than well are few, and looked for often: each such state has its runs in the order of the lists. The words are
 * those of the lists (`listings.ts`), and no other index has them: both databases would rather take the one of states, and sort.
 */
const notWell = ['failed', 'crashed', 'cancelled'].flatMap((type) => {
  const ofType = sql<boolean>`(state_type || '') = ${sql.lit(type)}`
  return [
    sqlBuilder.schema.createIndex(`flow_runs_${type}`).on('flow_runs').column('id').where(ofType),
    sqlBuilder.schema.createIndex(`flow_runs_${type}_expected`).on('flow_runs').columns(['expected_at', 'id']).where(ofType),
    sqlBuilder.schema
      .createIndex(`flow_runs_${type}_started`)
      .on('flow_runs')
      .expression(sql`coalesce(started_at, expected_at), id`)
      .where(ofType),
    sqlBuilder.schema.createIndex(`task_runs_${type}`).on('task_runs').column('id').where(ofType),
  ]
})

/** What lists, counts and histories of millions of runs are answered from. */
export const runCounts: readonly Compilable[] = [
  sqlBuilder.schema.dropTable('flow_run_hours'),
  sqlBuilder.schema
    .createTable('run_counts')
    .addColumn('noun', 'text', (column) => column.notNull())
    .addColumn('span', 'text', (column) => column.notNull())
    .addColumn('nth', 'bigint', (column) => column.notNull())
    .addColumn('state_type', 'text', (column) => column.notNull())
    .addColumn('state_name', 'text', (column) => column.notNull())
    .addColumn('runs', 'bigint', (column) => column.notNull())
    .addColumn('ran_us', 'bigint', (column) => column.notNull())
    .addColumn('late_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('run_counts_key', ['noun', 'span', 'nth', 'state_type', 'state_name']),
  sqlBuilder.schema
    .createTable('run_counts_until')
    .addColumn('noun', 'text', (column) => column.primaryKey().notNull())
    .addColumn('quarter', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema
    .createTable('stale_run_counts')
    .addColumn('noun', 'text', (column) => column.notNull())
    .addColumn('quarter', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('stale_run_counts_key', ['noun', 'quarter']),

  sqlBuilder.schema.createIndex('flow_runs_flow_state').on('flow_runs').columns(['flow_id', 'state_type', 'id']),
  sqlBuilder.schema
    .createIndex('flow_runs_started')
    .on('flow_runs')
    .expression(sql`coalesce(started_at, expected_at), id`),
  sqlBuilder.schema
    .createIndex('flow_runs_ended')
    .on('flow_runs')
    .expression(sql`coalesce(ended_at, -1), id`),

  // By the time that lists and histories go by, instead of the one that only few ask for.
  sqlBuilder.schema.dropIndex('task_runs_started'),
  sqlBuilder.schema.createIndex('task_runs_created').on('task_runs').column('created_at'),
  ...notWell,
]
