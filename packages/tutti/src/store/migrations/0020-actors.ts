import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Who or what brought a run into each of its states, and which programs workers are. */
export const actors: readonly Compilable[] = [
  sqlBuilder.schema.alterTable('flow_run_states').addColumn('actor', 'text'),
  sqlBuilder.schema.alterTable('workers').addColumn('version', 'text'),
]
