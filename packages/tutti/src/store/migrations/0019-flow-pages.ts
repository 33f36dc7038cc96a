import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** The runs of a flow by the time they were due: its last ones without those that are planned, and those of any time. */
export const flowPages: readonly Compilable[] = [
  sqlBuilder.schema.createIndex('flow_runs_flow_expected').on('flow_runs').columns(['flow_id', 'expected_at']),
]
