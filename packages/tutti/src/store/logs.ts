import { sql } from './kysely.ts'
import type { LogRecord } from '../core/log.ts'
import type { LogQuery, Page } from '../core/query.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { pageLimit } from './flow-runs.ts'
import type { Script } from './script.ts'
import { hot, select, sqlBuilder } from './statements.ts'
import type { LogRow } from './tables.ts'

export interface LogTable {
  append(record: LogRecord): Script<void>
  list(query: LogQuery): Script<Page<LogRecord>>
}

const insertLog = hot(
  sqlBuilder
    .insertInto('logs')
    .values({ id: '', flow_run_id: '', task_run_id: null, logger: '', level: 0, message: '', timestamp: 0 })
    .onConflict((conflict) => conflict.doNothing()),
)

export function logTable(): LogTable {
  return {
    *append(record) {
      yield* insertLog([record.id, record.flowRunId, record.taskRunId, record.logger, record.level, record.message, record.timestamp])
    },

    *list(query) {
      const limit = pageLimit(query.limit)
      const newest = query.order === 'newest'
      const direction = newest ? 'desc' : 'asc'
      let from = sqlBuilder
        .selectFrom('logs')
        .selectAll()
        .where('flow_run_id', '=', query.flowRunId)
        .orderBy('timestamp', direction)
        .orderBy('id', direction)
        .limit(limit + 1)
      if (query.taskRunId !== undefined) from = from.where('task_run_id', '=', query.taskRunId)
      if (query.levelMin !== undefined) from = from.where('level', '>=', query.levelMin)
      if (query.cursor !== undefined) {
        const [timestamp, id] = decodeCursor('logs', query.cursor).split(' ')
        const place = [Number(timestamp), id ?? ''] as const
        from = from.where(
          newest ? sql<boolean>`(timestamp, id) < (${place[0]}, ${place[1]})` : sql<boolean>`(timestamp, id) > (${place[0]}, ${place[1]})`,
        )
      }
      const rows = yield* select(from)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(toRecord),
        cursor: last === undefined ? null : encodeCursor('logs', `${last.timestamp} ${last.id}`),
      }
    },
  }
}

export function toRecord(row: LogRow): LogRecord {
  return {
    id: row.id,
    flowRunId: row.flow_run_id,
    taskRunId: row.task_run_id,
    logger: row.logger,
    level: row.level,
    message: row.message,
    timestamp: row.timestamp,
  }
}
