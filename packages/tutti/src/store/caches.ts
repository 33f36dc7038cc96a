import type { CachedOutcome } from '../core/orchestrator.ts'
import type { StoredValue } from '../core/json.ts'
import type { Instant } from '../core/time.ts'
import { storedValue } from './states.ts'
import type { Script } from './script.ts'
import { hot, select, sqlBuilder } from './statements.ts'

/** Results that later calls may take. An entry has its own copy, so it outlives the run that made it. */
export interface CacheTable {
  get(key: string, now: Instant): Script<CachedOutcome | undefined>
  put(entry: NewCacheEntry): Script<void>
  /** The keys of the large outcomes that entries refer to. */
  blobs(): Script<ReadonlySet<string>>
}

export interface NewCacheEntry {
  readonly key: string
  readonly expiresAt: Instant | null
  readonly taskRunId: string
  readonly flowRunId: string
  readonly outcome: StoredValue
  readonly createdAt: Instant
}

const insertEntry = hot(
  sqlBuilder
    .insertInto('cache_entries')
    .values({ key: '', expires_at: null, task_run_id: '', flow_run_id: '', outcome_format: '', outcome_text: '', created_at: 0 })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((set) => ({
        expires_at: set.ref('excluded.expires_at'),
        task_run_id: set.ref('excluded.task_run_id'),
        flow_run_id: set.ref('excluded.flow_run_id'),
        outcome_format: set.ref('excluded.outcome_format'),
        outcome_text: set.ref('excluded.outcome_text'),
        created_at: set.ref('excluded.created_at'),
      })),
    ),
)

export function cacheTable(): CacheTable {
  return {
    *get(key, now) {
      const row = (yield* select(
        sqlBuilder
          .selectFrom('cache_entries')
          .selectAll()
          .where('key', '=', key)
          .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)])),
      ))[0]
      if (row === undefined) return undefined
      const { expires_at: expiresAt, task_run_id: taskRunId, flow_run_id: flowRunId } = row
      return { key, expiresAt, taskRunId, flowRunId, outcome: storedValue(row.outcome_format, row.outcome_text) }
    },

    *blobs() {
      const rows = yield* select(sqlBuilder.selectFrom('cache_entries').select('outcome_text').where('outcome_format', '=', 'blob'))
      return new Set(rows.map((row) => row.outcome_text))
    },

    *put(entry) {
      const { outcome } = entry
      yield* insertEntry([entry.key, entry.expiresAt, entry.taskRunId, entry.flowRunId, outcome.format, outcome.text, entry.createdAt])
    },
  }
}
