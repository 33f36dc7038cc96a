import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** What only Tutti knows of a deployment. */
export const deploymentOptions: readonly Compilable[] = [
  sqlBuilder.schema.alterTable('deployments').addColumn('options', 'text', (column) => column.notNull().defaultTo('{}')),
]
