import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { change, sqlBuilder } from './statements.ts'

/** Whose turn it is to do what of several servers only one should. */
export interface TurnTable {
  /** `false`: another holder has it. */
  take(turn: { readonly service: string; readonly holder: string; readonly until: Instant }, now: Instant): Script<boolean>
  end(holder: string): Script<void>
}

export function turnTable(): TurnTable {
  return {
    *take({ service, holder, until }, now) {
      const query = sqlBuilder
        .insertInto('service_turns')
        .values({ service, holder, until })
        .onConflict((conflict) =>
          conflict
            .column('service')
            .doUpdateSet({ holder, until })
            .where((where) => where.or([where('service_turns.holder', '=', holder), where('service_turns.until', '<=', now)])),
        )
      return (yield* change(query)) > 0
    },

    *end(holder) {
      yield* change(sqlBuilder.deleteFrom('service_turns').where('holder', '=', holder))
    },
  }
}
