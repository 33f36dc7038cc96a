import type { TaskRunPage, TaskRunPageRequest } from '../core/task-run-page.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { sql } from './kysely.ts'
import { rowsSql } from './listings.ts'
import type { Script } from './script.ts'
import { selectSql } from './statements.ts'
import type { TaskRunRow } from './tables.ts'
import { toTaskRun } from './task-runs.ts'

/** Task runs page by page from a place on. */
export interface TaskRunPageTable {
  page(request: TaskRunPageRequest): Script<TaskRunPage>
}

export function taskRunPageTable(): TaskRunPageTable {
  return {
    *page({ where, limit, cursor }) {
      const beyond = cursor === null ? {} : { beyond: sql<boolean>`id < ${decodeCursor('task-runs', cursor)}` }
      const listing = { where, sort: 'ID_DESC', limit: limit + 1, offset: 0, ...beyond }
      const rows = (yield* selectSql(rowsSql('task-runs', listing))) as unknown as readonly TaskRunRow[] // all columns of the table
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return { items: rows.slice(0, limit).map(toTaskRun), cursor: last === undefined ? null : encodeCursor('task-runs', last.id) }
    },
  }
}
