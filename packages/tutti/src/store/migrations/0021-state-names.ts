import { sql } from '../kysely.ts'
import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Names that say no more than the type of the state. The words are those of the lists (`state-parts.ts`). */
const named = sql<boolean>`state_name not in ('Scheduled', 'Pending', 'Running', 'Paused', 'Cancelling', 'Completed', 'Failed', 'Crashed', 'Cancelled')`

/** Flow runs whose state has a name of its own, as `Late`, in the orders of the lists: few runs, and looked for often. */
export const stateNames: readonly Compilable[] = [
  sqlBuilder.schema.createIndex('flow_runs_named_expected').on('flow_runs').columns(['state_name', 'expected_at', 'id']).where(named),
  sqlBuilder.schema
    .createIndex('flow_runs_named_started')
    .on('flow_runs')
    .expression(sql`state_name, coalesce(started_at, expected_at), id`)
    .where(named),
]
