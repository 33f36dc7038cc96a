import type { Condition } from '../core/condition.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { RunFilter, RunSort } from '../core/run-page.ts'
import type { StateType } from '../core/state.ts'
import { toSql } from './conditions.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { toFlowRun } from './flow-run-rows.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import { rowsSql } from './listings.ts'
import type { Script } from './script.ts'
import { selectSql } from './statements.ts'
import type { FlowRunRow } from './tables.ts'

/** Flow runs page by page from a place on, in either direction. */
export interface RunPageTable {
  page(request: RunFilter & { readonly sort: RunSort; readonly limit: number; readonly cursor: string | null }): Script<FoundRuns>
  /** Of the newest runs that meet a condition those with a text in their parameters, by state. */
  countByState(filter: RunFilter): Script<{ readonly counts: ReadonlyMap<StateType, number>; readonly hasMore: boolean }>
}

export interface FoundRuns {
  readonly runs: readonly FlowRun[]
  readonly cursor: string | null
  readonly prevCursor: string | null
  readonly isSampled: boolean
}

interface Order {
  readonly key: RawBuilder<unknown>
  readonly descending: boolean
  /** The sort of lists that finds runs in this order. */
  readonly list: string
}

const started = sql`coalesce(started_at, expected_at)`
const ended = sql`coalesce(ended_at, -1)`

/** Numbers that an index has in order, so that a place in them is found at once. The id settles what is equal. */
const ORDERS: Readonly<Record<Exclude<RunSort, 'NEWEST' | 'OLDEST'>, Order>> = {
  START_TIME_DESC: { key: started, descending: true, list: 'START_TIME_DESC' },
  START_TIME_ASC: { key: started, descending: false, list: 'START_TIME_ASC' },
  EXPECTED_START_TIME_DESC: { key: sql`expected_at`, descending: true, list: 'EXPECTED_START_TIME_DESC' },
  EXPECTED_START_TIME_ASC: { key: sql`expected_at`, descending: false, list: 'EXPECTED_START_TIME_ASC' },
  END_TIME_DESC: { key: ended, descending: true, list: 'END_TIME_DESC' },
  DURATION_DESC: { key: sql`total_run_us`, descending: true, list: 'ID_DESC' },
  DURATION_ASC: { key: sql`total_run_us`, descending: false, list: 'ID_DESC' },
}

/** Runs whose parameters are read for one page. */
const LOOK_MAX = 5_000
/** Durations have no index: so many of the newest runs are put in their order. */
const SORTED_MAX = 5_000

interface Place {
  readonly direction: 'next' | 'prev'
  readonly value: number
  readonly id: string
  /** Of durations: runs that were made later than this one were not sorted. */
  readonly top: string
}

export function runPageTable(): RunPageTable {
  return {
    *page({ where, parametersText, sort, limit, cursor }) {
      const place = cursor === null ? undefined : placeOf(sort, cursor)
      const isBack = place?.direction === 'prev'
      const byId = sort === 'NEWEST' || sort === 'OLDEST'
      const order: Order = byId ? { key: sql`id`, descending: sort === 'NEWEST', list: 'ID_DESC' } : ORDERS[sort]
      const descending = order.descending !== isBack
      const way = descending ? sql`desc` : sql`asc`
      const inOrder = byId ? [sql`id ${way}`] : [sql`${order.key} ${way}`, sql`id ${way}`]
      const than = descending ? sql`<` : sql`>`
      const beyond =
        place === undefined
          ? undefined
          : byId
            ? sql<boolean>`id ${than} ${place.id}`
            : sql<boolean>`(${order.key}, id) ${than} (${place.value}, ${place.id})`

      const isSorted = sort === 'DURATION_DESC' || sort === 'DURATION_ASC'
      const top = isSorted ? (place?.top ?? (yield* newest())) : ''
      const isWide = parametersText !== null || isSorted
      const lookMax = isSorted ? SORTED_MAX : parametersText === null ? limit + 1 : LOOK_MAX
      const looked = rowsSql('flow-runs', {
        where,
        sort: order.list,
        limit: lookMax,
        offset: 0,
        ...(isSorted ? { beyond: sql<boolean>`id <= ${top}` } : { order: inOrder, ...(beyond === undefined ? {} : { beyond }) }),
      })
      const wanted = sql.join(
        [
          ...(parametersText === null ? [] : [parametersSql(parametersText)]),
          ...(isSorted && beyond !== undefined ? [beyond] : []),
          sql`1 = 1`,
        ],
        sql` and `,
      )
      const rows = (yield* selectSql(
        isWide ? sql`select * from (${looked}) as looked where ${wanted} order by ${sql.join(inOrder)} limit ${limit + 1}` : looked,
      )) as unknown as readonly FlowRunRow[] // all columns of the table
      const shown = isBack ? rows.slice(0, limit).toReversed() : rows.slice(0, limit)

      const keyOf = (row: Pick<FlowRunRow, 'started_at' | 'expected_at' | 'ended_at' | 'total_run_us'>): number =>
        byId
          ? 0
          : order.key === started
            ? (row.started_at ?? row.expected_at)
            : order.key === ended
              ? (row.ended_at ?? -1)
              : isSorted
                ? row.total_run_us
                : row.expected_at
      const cursorAt = (row: FlowRunRow, direction: Place['direction']): string =>
        encodeCursor('flow-runs', [sort, direction, keyOf(row), row.id, top].join(' '))

      let last = rows.length > limit ? rows[limit - 1] : undefined
      if (last === undefined && isWide && !isSorted) {
        // Fewer than were asked for among those that were looked at: it goes on after them.
        const [end] = yield* selectSql(sql`select * from (${looked}) as looked limit 1 offset ${lookMax - 1}`)
        last = end as unknown as FlowRunRow | undefined // as above
      }
      const [first] = shown
      const final = shown.at(-1)
      const onward = last === undefined ? null : cursorAt(last, isBack ? 'prev' : 'next')
      // Whoever came from somewhere can go back there.
      const back =
        place === undefined
          ? null
          : isBack
            ? final === undefined
              ? null
              : cursorAt(final, 'next')
            : first === undefined
              ? null
              : cursorAt(first, 'prev')
      return {
        runs: shown.map(toFlowRun),
        cursor: isBack ? back : onward,
        prevCursor: isBack ? onward : back,
        isSampled: isSorted && (yield* hasMoreThan(where, SORTED_MAX)),
      }
    },

    *countByState({ where, parametersText }) {
      const looked = rowsSql('flow-runs', { where, sort: 'ID_DESC', limit: LOOK_MAX * 4, offset: 0 })
      const wanted = parametersText === null ? sql`1 = 1` : parametersSql(parametersText)
      const rows = yield* selectSql(sql`select state_type, count(*) as runs from (${looked}) as looked where ${wanted} group by state_type`)
      return {
        counts: new Map(rows.map((row) => [row['state_type'] as StateType, Number(row['runs'])])), // written as one
        hasMore: yield* hasMoreThan(where, LOOK_MAX * 4),
      }
    },
  }
}

function placeOf(sort: RunSort, cursor: string): Place {
  const [of, direction, value, id = '', top = ''] = decodeCursor('flow-runs', cursor).split(' ')
  if (of !== sort || (direction !== 'next' && direction !== 'prev'))
    throw new TuttiError('INVALID_CURSOR', `${cursor} is not a cursor of an earlier page in the order ${sort}`)
  return { direction, value: Number(value), id, top }
}

function* newest(): Script<string> {
  const [row] = yield* selectSql(sql`select id from flow_runs order by id desc limit 1`)
  return String(row?.['id'] ?? '')
}

function* hasMoreThan(where: Condition, count: number): Script<boolean> {
  const [row] = yield* selectSql(sql`select 1 as found from flow_runs where ${toSql('flow-runs', where)} limit 1 offset ${count}`)
  return row !== undefined
}

function parametersSql(text: string): RawBuilder<boolean> {
  return sql<boolean>`lower(parameters_text) like ${`%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`} escape '!'`
}
