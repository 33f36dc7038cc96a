import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** What a deployment was at each change, which of that a run was made from, and when a deployment was put aside. */
export const deploymentVersions: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('deployment_versions')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('deployment_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('version', 'text')
    .addColumn('origin', 'text')
    .addColumn('changes', 'text', (column) => column.notNull())
    .addColumn('snapshot', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema.createIndex('deployment_versions_number').unique().on('deployment_versions').columns(['deployment_id', 'number']),
  sqlBuilder.schema.alterTable('deployments').addColumn('version_id', 'text'),
  sqlBuilder.schema.alterTable('deployments').addColumn('deleted_at', 'bigint'),
  sqlBuilder.schema.alterTable('flow_runs').addColumn('deployment_version_id', 'text'),
]
