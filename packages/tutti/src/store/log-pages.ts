import type { LogRecord } from '../core/log.ts'
import type { Instant } from '../core/time.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import { toRecord } from './logs.ts'
import type { Row, Script } from './script.ts'
import { selectSql } from './statements.ts'
import type { LogRow } from './tables.ts'

/** What views of logs ask: lines around a place, and lines with a text among as many as may be looked at. */
export interface LogPageTable {
  get(id: string): Script<LogRecord | undefined>
  /** Lines next to a place, the nearest first. `inclusive`: with the line of the place. `place: null`: from the end of the log. */
  near(
    of: LinesOf,
    request: {
      readonly place: string | null
      readonly direction: 'before' | 'after'
      readonly inclusive?: boolean
      readonly limit: number
    },
  ): Script<readonly LogRecord[]>
  /** The matching lines among the next `lookMax`, in the order of the search. */
  scan(request: LogScan): Script<LogScanned>
  placeOf(record: Pick<LogRecord, 'timestamp' | 'id'>): string
  runsOf(ids: readonly string[]): Script<ReadonlyMap<string, LogRun>>
}

export interface LinesOf {
  readonly flowRunId: string
  readonly taskRunId: string | null
  readonly levelMin: number | null
}

export interface LogScan {
  /** Absent: lines of all runs, by time. */
  readonly flowRunId?: string
  readonly taskRunId: string | null
  readonly levelMin: number | null
  readonly text: string | null
  readonly after: Instant | null
  readonly before: Instant | null
  readonly flowRunIds: readonly string[]
  readonly flowIds: readonly string[]
  readonly deploymentIds: readonly string[]
  readonly order: 'newest' | 'oldest'
  readonly cursor: string | null
  readonly lookMax: number
  readonly limit: number
}

export interface LogScanned {
  readonly lines: readonly LogRecord[]
  /** Matching lines among those that were looked at, counted up to a limit of their own. */
  readonly total: number
  readonly looked: number
  /** The last line that was looked at; `null`: there was none. */
  readonly last: { readonly timestamp: Instant; readonly id: string } | null
}

export interface LogRun {
  readonly name: string
  readonly flowId: string
  readonly flowName: string
  readonly deploymentId: string | null
}

export function logPageTable(): LogPageTable {
  return {
    placeOf: ({ timestamp, id }) => encodeCursor('logs', `${timestamp} ${id}`),

    *get(id) {
      const [row] = yield* selectSql(sql`select * from logs where id = ${id}`)
      return row === undefined ? undefined : recordOf(row)
    },

    *near({ flowRunId, taskRunId, levelMin }, { place, direction, inclusive = false, limit }) {
      const isBefore = direction === 'before'
      const rows = yield* selectSql(sql`
        select * from logs where ${joined([
          sql`flow_run_id = ${flowRunId}`,
          ...(taskRunId === null ? [] : [sql`task_run_id = ${taskRunId}`]),
          ...(levelMin === null ? [] : [sql`level >= ${levelMin}`]),
          ...(place === null ? [] : [beyond(place, isBefore ? 'newest' : 'oldest', inclusive)]),
        ])} ${orderOf(isBefore ? 'newest' : 'oldest')} limit ${limit}`)
      return rows.map(recordOf)
    },

    *scan(request) {
      const { text, levelMin, limit, lookMax, order } = request
      const looked = sql`(select * from logs where ${joined(windowOf(request))} ${orderOf(order)} limit ${lookMax}) as looked`
      const wanted = joined([
        ...(levelMin === null ? [] : [sql`level >= ${levelMin}`]),
        ...(text === null ? [] : [containsSql(text)]),
        ...ofRuns(request),
      ])
      const found = yield* selectSql(sql`select * from ${looked} where ${wanted} ${orderOf(order)} limit ${limit}`)
      const counted = sql`select timestamp, id, case when ${wanted} then 1 else 0 end as hit from ${looked}`
      const [sums] = yield* selectSql(sql`select count(*) as looked, sum(hit) as total from (${counted}) as counted`)
      const count = Number(sums?.['looked'] ?? 0)
      const [last] =
        count === 0
          ? []
          : yield* selectSql(
              sql`select timestamp, id from logs where ${joined(windowOf(request))} ${orderOf(order)} limit 1 offset ${count - 1}`,
            )
      return {
        lines: found.map(recordOf),
        total: Number(sums?.['total'] ?? 0),
        looked: count,
        last: last === undefined ? null : { timestamp: Number(last['timestamp']), id: String(last['id']) },
      }
    },

    *runsOf(ids) {
      if (ids.length === 0) return new Map()
      const rows = yield* selectSql(
        sql`select id, name, flow_id, flow_name, deployment_id from flow_runs where id in (${sql.join([...new Set(ids)])})`,
      )
      return new Map(
        rows.map((row) => [
          String(row['id']),
          {
            name: String(row['name']),
            flowId: String(row['flow_id']),
            flowName: String(row['flow_name']),
            deploymentId: row['deployment_id'] === null ? null : String(row['deployment_id']),
          },
        ]),
      )
    },
  }
}

function windowOf({ flowRunId, taskRunId, after, before, order, cursor }: LogScan): readonly RawBuilder<unknown>[] {
  return [
    ...(flowRunId === undefined ? [] : [sql`flow_run_id = ${flowRunId}`]),
    ...(taskRunId === null ? [] : [sql`task_run_id = ${taskRunId}`]),
    ...(after === null ? [] : [sql`timestamp >= ${after}`]),
    ...(before === null ? [] : [sql`timestamp <= ${before}`]),
    ...(cursor === null ? [] : [beyond(cursor, order, false)]),
  ]
}

function ofRuns({ flowRunIds, flowIds, deploymentIds }: LogScan): readonly RawBuilder<unknown>[] {
  const asked = joined([
    ...(flowIds.length === 0 ? [] : [sql`flow_runs.flow_id in (${sql.join(flowIds)})`]),
    ...(deploymentIds.length === 0 ? [] : [sql`flow_runs.deployment_id in (${sql.join(deploymentIds)})`]),
  ])
  return [
    ...(flowRunIds.length === 0 ? [] : [sql`flow_run_id in (${sql.join(flowRunIds)})`]),
    ...(flowIds.length + deploymentIds.length === 0
      ? []
      : [sql`exists (select 1 from flow_runs where flow_runs.id = looked.flow_run_id and ${asked})`]),
  ]
}

function joined(parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return parts.length === 0 ? sql`1 = 1` : sql.join(parts, sql` and `)
}

function beyond(cursor: string, order: 'newest' | 'oldest', inclusive: boolean): RawBuilder<unknown> {
  const [timestamp, id] = decodeCursor('logs', cursor).split(' ')
  const place = sql`(${Number(timestamp)}, ${id ?? ''})`
  if (order === 'newest') return inclusive ? sql`(timestamp, id) <= ${place}` : sql`(timestamp, id) < ${place}`
  return inclusive ? sql`(timestamp, id) >= ${place}` : sql`(timestamp, id) > ${place}`
}

function orderOf(order: 'newest' | 'oldest'): RawBuilder<unknown> {
  return order === 'newest' ? sql`order by timestamp desc, id desc` : sql`order by timestamp, id`
}

/** SQLite folds the case of ASCII only: other letters are looked for as they are written, in lower and in upper case. */
function containsSql(text: string): RawBuilder<unknown> {
  const spellings = new Set([text, text.toLowerCase(), upperCase(text)].map(asciiLower))
  const each = [...spellings].map((spelling) => {
    const pattern = `%${spelling.replaceAll(/[!%_]/g, '!$&')}%`
    return sql`lower(message) like ${pattern} escape '!'`
  })
  return sql`(${sql.join(each, sql` or `)})`
}

/** Letters that become two stay as they are. */
function upperCase(text: string): string {
  return [...text].map((letter) => (letter.toUpperCase().length === letter.length ? letter.toUpperCase() : letter)).join('')
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function recordOf(row: Row): LogRecord {
  return toRecord(row as unknown as LogRow) // all columns of the table
}
