// How many runs ended in which state, by quarters of an hour and by days of the time they were expected: what makes counts and histories of millions of
// runs quick. A service counts a quarter some time after it has passed. Whoever changes a run of a quarter that may have been counted marks it
// as stale; until it has been counted again its runs are looked at themselves (`run-tallies.ts`), so that every answer is exact.
import { isTerminal, STATE_TYPES } from '../core/state.ts'
import type { Clock, Instant } from '../core/time.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import type { Script } from './script.ts'
import { change, changeSql, hotBlind, select, selectSql, sqlBuilder } from './statements.ts'

export type CountedNoun = 'flow-runs' | 'task-runs'

export const QUARTER_US = 900_000_000
export const QUARTERS_PER_DAY = 96
/** A quarter is counted so long after its end: almost all of its runs have ended, and changes of younger ones need no mark. */
const SETTLED_US = 45 * 60_000_000
const MARKED_FROM_US = 30 * 60_000_000

export const ENDED = sql.join(STATE_TYPES.filter(isTerminal).map((type) => sql.lit(type)))

interface Counted {
  readonly table: 'flow_runs' | 'task_runs'
  readonly expected: RawBuilder<number>
  /** Of a run that has ended: how long it ran and how late it began. */
  readonly ran: RawBuilder<number>
  readonly late: RawBuilder<number>
}

export const counted: Readonly<Record<CountedNoun, Counted>> = {
  'flow-runs': {
    table: 'flow_runs',
    expected: sql`expected_at`,
    ran: sql`total_run_us`,
    late: sql`case when started_at > expected_at then started_at - expected_at else 0 end`,
  },
  'task-runs': {
    table: 'task_runs',
    expected: sql`created_at`,
    ran: sql`coalesce(ended_at, started_at, 0) - coalesce(started_at, ended_at, 0)`,
    late: sql`case when started_at > created_at then started_at - created_at else 0 end`,
  },
}

function quarterOf(at: Instant): number {
  return Math.floor(at / QUARTER_US)
}

/** Marks the quarters of changed runs; most runs are too young to have been counted, and cost nothing. */
export interface CountMarks {
  /** Runs that were expected at these times change. */
  changed(noun: CountedNoun, expected: readonly Instant[]): Script<void>
  /** Rows that `condition` names are about to be deleted. */
  deleted(noun: CountedNoun, condition: RawBuilder<boolean>): Script<void>
}

const mark = hotBlind(
  sqlBuilder
    .insertInto('stale_run_counts')
    .values({ noun: '', quarter: 0 })
    .onConflict((conflict) => conflict.doNothing()),
)

export function countMarks(clock: Clock): CountMarks {
  return {
    *changed(noun, expected) {
      const before = clock.now() - MARKED_FROM_US
      const quarters = new Set<number>()
      for (const at of expected) if (at < before) quarters.add(quarterOf(at))
      // In one order: of two transactions beside each other neither waits for the other in turn.
      for (const quarter of [...quarters].toSorted((one, other) => one - other)) yield* mark([noun, quarter])
    },

    *deleted(noun, condition) {
      const { table, expected } = counted[noun]
      yield* changeSql(sql`
        insert into stale_run_counts (noun, quarter)
        select distinct ${sql.lit(noun)}, ${expected} / ${sql.lit(QUARTER_US)} from ${sql.table(table)} where ${condition}
        on conflict do nothing`)
    },
  }
}

export interface RunCountTable {
  /** Counts up to `limit` quarters that have passed or are stale; tells whether more may be waiting. */
  count(now: Instant, limit: number): Script<boolean>
}

export function runCountTable(): RunCountTable {
  return {
    *count(now, limit) {
      let left = limit
      for (const noun of ['flow-runs', 'task-runs'] as const) {
        left -= yield* recount(noun, left)
        left -= yield* countFurther(noun, quarterOf(now - SETTLED_US), left)
        if (left <= 0) return true
      }
      return false
    },
  }
}

function* recount(noun: CountedNoun, limit: number): Script<number> {
  const until = yield* countedUntil(noun)
  if (until === undefined || limit <= 0) return 0
  const stale = yield* staleQuarters(noun, { from: 0, until }, limit)
  for (const quarter of stale) {
    yield* change(sqlBuilder.deleteFrom('run_counts').where('noun', '=', noun).where('span', '=', 'quarter').where('nth', '=', quarter))
    yield* countQuarters(noun, quarter, quarter + 1)
  }
  for (const day of new Set(stale.map((quarter) => Math.floor(quarter / QUARTERS_PER_DAY)))) yield* countDay(noun, day, until)
  return stale.length
}

function* countFurther(noun: CountedNoun, closed: number, limit: number): Script<number> {
  if (limit <= 0) return 0
  const known = yield* countedUntil(noun)
  const from = known ?? (yield* firstQuarter(noun, closed))
  const until = Math.min(closed, from + limit)
  if (until <= from && known !== undefined) return 0
  if (until > from) {
    yield* countQuarters(noun, from, until)
    // A day is counted with its last quarter.
    for (let day = Math.floor(from / QUARTERS_PER_DAY); day < Math.floor(until / QUARTERS_PER_DAY); day++) yield* countDay(noun, day, until)
  }
  yield* change(
    sqlBuilder
      .insertInto('run_counts_until')
      .values({ noun, quarter: Math.max(from, until) })
      .onConflict((conflict) => conflict.column('noun').doUpdateSet({ quarter: sql`excluded.quarter` })),
  )
  return Math.max(until - from, 0)
}

/** What is counted of it is no longer stale. */
function* countQuarters(noun: CountedNoun, from: number, until: number): Script<void> {
  const { table, expected, ran, late } = counted[noun]
  yield* changeSql(sql`
    insert into run_counts (noun, span, nth, state_type, state_name, runs, ran_us, late_us)
    select ${sql.lit(noun)}, 'quarter', ${expected} / ${sql.lit(QUARTER_US)}, state_type, state_name,
      count(*), cast(sum(${ran}) as bigint), cast(sum(${late}) as bigint)
    from ${sql.table(table)}
    where ${expected} >= ${from * QUARTER_US} and ${expected} < ${until * QUARTER_US} and (state_type || '') in (${ENDED})
    group by 3, state_type, state_name`)
  yield* change(
    sqlBuilder.deleteFrom('stale_run_counts').where('noun', '=', noun).where('quarter', '>=', from).where('quarter', '<', until),
  )
}

/** From its quarters; a day of which not all are counted is counted later. */
function* countDay(noun: CountedNoun, day: number, until: number): Script<void> {
  yield* change(sqlBuilder.deleteFrom('run_counts').where('noun', '=', noun).where('span', '=', 'day').where('nth', '=', day))
  const [first, next] = [day * QUARTERS_PER_DAY, (day + 1) * QUARTERS_PER_DAY]
  if (next > until) return
  yield* changeSql(sql`
    insert into run_counts (noun, span, nth, state_type, state_name, runs, ran_us, late_us)
    select noun, 'day', nth / ${sql.lit(QUARTERS_PER_DAY)}, state_type, state_name,
      cast(sum(runs) as bigint), cast(sum(ran_us) as bigint), cast(sum(late_us) as bigint)
    from run_counts
    where noun = ${noun} and span = 'quarter' and nth >= ${first} and nth < ${next}
    group by noun, nth / ${sql.lit(QUARTERS_PER_DAY)}, state_type, state_name`)
}

/** `undefined`: nothing was ever counted. */
export function* countedUntil(noun: CountedNoun): Script<number | undefined> {
  return (yield* select(sqlBuilder.selectFrom('run_counts_until').select('quarter').where('noun', '=', noun)))[0]?.quarter
}

export function* staleQuarters(
  noun: CountedNoun,
  range: { readonly from: number; readonly until: number },
  limit: number,
): Script<readonly number[]> {
  const rows = yield* select(
    sqlBuilder
      .selectFrom('stale_run_counts')
      .select('quarter')
      .where('noun', '=', noun)
      .where('quarter', '>=', range.from)
      .where('quarter', '<', range.until)
      .orderBy('quarter')
      .limit(limit),
  )
  return rows.map(({ quarter }) => quarter)
}

/** Where counting begins; never after what is closed: the first run of a schedule may be expected in months. */
function* firstQuarter(noun: CountedNoun, closed: number): Script<number> {
  const { table, expected } = counted[noun]
  const first = (yield* selectSql(sql`select min(${expected}) as first from ${sql.table(table)}`))[0]?.['first']
  return typeof first === 'number' ? Math.min(quarterOf(first), closed) : closed
}
