import type { Claim } from '../core/claim.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { change, hot, select, sqlBuilder } from './statements.ts'

export interface ClaimTable {
  /** Takes the place of a claim that the run had before. */
  put(claim: Claim): Script<void>
  get(id: string): Script<Claim | undefined>
  ofRun(flowRunId: string): Script<Claim | undefined>
  /** `false`: it is gone, or expired before `now`. */
  renew(id: string, until: Instant, now: Instant): Script<boolean>
  delete(id: string): Script<void>
  ofWorker(worker: string, limit: number): Script<readonly Claim[]>
  expired(now: Instant, limit: number): Script<readonly Claim[]>
}

const upsert = hot(
  sqlBuilder
    .insertInto('run_claims')
    .values({ id: '', flow_run_id: '', worker: '', until: 0 })
    .onConflict((conflict) =>
      conflict.column('flow_run_id').doUpdateSet((set) => ({
        id: set.ref('excluded.id'),
        worker: set.ref('excluded.worker'),
        until: set.ref('excluded.until'),
      })),
    ),
)

export function claimTable(): ClaimTable {
  const claims = sqlBuilder.selectFrom('run_claims').select(['id', 'flow_run_id as flowRunId', 'worker', 'until'])
  return {
    *put({ id, flowRunId, worker, until }) {
      yield* upsert([id, flowRunId, worker, until])
    },

    *get(id) {
      return (yield* select(claims.where('id', '=', id)))[0]
    },

    *ofRun(flowRunId) {
      return (yield* select(claims.where('flow_run_id', '=', flowRunId)))[0]
    },

    *renew(id, until, now) {
      return (yield* change(sqlBuilder.updateTable('run_claims').set({ until }).where('id', '=', id).where('until', '>', now))) > 0
    },

    *delete(id) {
      yield* change(sqlBuilder.deleteFrom('run_claims').where('id', '=', id))
    },

    *ofWorker(worker, limit) {
      return yield* select(claims.where('worker', '=', worker).orderBy('id').limit(limit))
    },

    *expired(now, limit) {
      return yield* select(claims.where('until', '<=', now).orderBy('until').limit(limit))
    },
  }
}
