import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

function artifactColumns(table: 'artifacts' | 'artifact_collections') {
  return sqlBuilder.schema
    .createTable(table)
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('type', 'text')
    .addColumn('description', 'text')
    .addColumn('data', 'text')
    .addColumn('metadata', 'text')
    .addColumn('flow_run_id', 'text')
    .addColumn('task_run_id', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
}

/** Variables, artifacts and their collections, inputs of flow runs. */
export const variables: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('variables')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('tags', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema
    .createTable('flow_run_inputs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('flow_run_id', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('sender', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('flow_run_inputs_key', ['flow_run_id', 'key']),
  artifactColumns('artifacts').addColumn('key', 'text'),
  sqlBuilder.schema.createIndex('artifacts_key').on('artifacts').columns(['key', 'id']),
  sqlBuilder.schema.createIndex('artifacts_flow_run').on('artifacts').column('flow_run_id'),
  sqlBuilder.schema.createIndex('artifacts_task_run').on('artifacts').column('task_run_id'),
  // The latest artifact of each key, with all of it: what people look at is one row.
  artifactColumns('artifact_collections')
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('latest_id', 'text', (column) => column.notNull())
    .addColumn('latest_created_at', 'bigint', (column) => column.notNull()),
]
