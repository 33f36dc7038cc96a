// How many runs a condition finds, by state and interval: from what was counted beforehand where the condition speaks of states and times only,
// from the runs themselves for the rest.
import type { Condition } from '../core/condition.ts'
import type { FlowRunHistory } from '../core/listing-operations.ts'
import { isTerminal, STATE_TYPES } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import { toSql } from './conditions.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import { counted, countedUntil, ENDED, QUARTER_US, QUARTERS_PER_DAY, staleQuarters } from './run-counts.ts'
import type { CountedNoun } from './run-counts.ts'
import type { Script } from './script.ts'
import { selectSql } from './statements.ts'

/** From `from` on, before `to`; `null`: without an end. */
interface Range {
  readonly from: Instant | null
  readonly to: Instant | null
}

/** Intervals of equal length, counted from 0. */
interface Intervals {
  readonly start: Instant
  readonly intervalUs: number
}

export interface TallyRequest extends Range {
  readonly noun: CountedNoun
  readonly where: Condition
  /** Absent: everything is one interval. */
  readonly intervals?: Intervals
  readonly now: Instant
}

/** A list of them is never longer. */
const TALLIES_MAX = 20_000
/** Of so many quarters the runs are looked at themselves; of more, all are. SQLite takes 500 parts of a query. */
const WINDOWS_MAX = 120
const LAST = Number.MAX_SAFE_INTEGER
const DAY_US = QUARTERS_PER_DAY * QUARTER_US

const UNFINISHED = sql.join(STATE_TYPES.filter((type) => !isTerminal(type)).map((type) => sql.lit(type)))

export function* runTallies(request: TallyRequest): Script<readonly FlowRunHistory[]> {
  const quick = yield* quickTallies(request)
  return quick ?? (yield* talliesOf(request, sql.table(counted[request.noun].table), everyRun(request)))
}

/** `undefined`: what was counted beforehand is of no use for this condition. */
export function* quickTallies(request: TallyRequest): Script<readonly FlowRunHistory[] | undefined> {
  const asked = countedCondition(request.where)
  const plan = asked === undefined ? undefined : yield* planOf(request, asked)
  if (asked === undefined || plan === undefined) return undefined
  const { from, to } = narrowed(request, asked)
  const { table, expected } = counted[request.noun]
  const states = toSql(request.noun, asked.states)
  return addUp([
    yield* countedTallies(request, { span: 'day', lengthUs: DAY_US, windows: plan.days }, states),
    yield* countedTallies(request, { span: 'quarter', lengthUs: QUARTER_US, windows: plan.quarters }, states),
    ...(plan.instants.length === 0 ? [] : [yield* talliesOf(request, endedWithin(request.noun, plan.instants), inAnyOrder(states))]),
    // Few, and found by their state: the time is no help.
    yield* talliesOf(
      request,
      sql.table(table),
      sql`state_type in (${UNFINISHED}) and ${inRange(sql`(${expected} + 0)`, { from, to })} and ${states}`,
    ),
  ])
}

/** What a condition asks of states, and of the time runs were expected; nothing else is in it. */
interface CountedCondition extends Range {
  readonly states: Condition
}

function countedCondition(where: Condition): CountedCondition | undefined {
  const states: Condition[] = []
  let range: Range = { from: null, to: null }
  const parts: Condition[] = [where]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part.type === 'all') parts.push(...part.of)
    else if (part.type === 'field' && part.field === 'expectedAt' && part.test.is === 'at-least')
      range = narrowed(range, { from: part.test.value, to: null })
    else if (part.type === 'field' && part.field === 'expectedAt' && part.test.is === 'at-most')
      range = narrowed(range, { from: null, to: part.test.value + 1 })
    else if (isOfStates(part)) states.push(part)
    else return undefined
  }
  return { ...range, states: { type: 'all', of: states } }
}

function isOfStates(condition: Condition): boolean {
  switch (condition.type) {
    case 'all':
    case 'any':
      return condition.of.every(isOfStates)
    case 'not':
      return isOfStates(condition.of)
    case 'field':
      return condition.field === 'stateType' || condition.field === 'stateName'
    case 'related':
      return false
  }
}

function narrowed(one: Range, other: Range): Range {
  return {
    from: one.from === null ? other.from : Math.max(one.from, other.from ?? one.from),
    to: one.to === null ? other.to : Math.min(one.to, other.to ?? one.to),
  }
}

interface Window {
  readonly from: number
  readonly to: number
}

/** From where each part of the time is answered; together they are all of it, once. */
interface Plan {
  /** Days, and quarters of an hour, that were counted. */
  readonly days: readonly Window[]
  readonly quarters: readonly Window[]
  /** Where ended runs are looked at themselves. */
  readonly instants: readonly Window[]
}

/** `undefined`: what was counted is of no use here. */
function* planOf(request: TallyRequest, asked: CountedCondition): Script<Plan | undefined> {
  const { from, to } = narrowed(request, asked)
  const known = yield* countedUntil(request.noun)
  if (known === undefined) return undefined
  const first = from === null ? 0 : Math.ceil(from / QUARTER_US)
  const until = to === null ? known : Math.min(known, Math.floor(to / QUARTER_US))
  if (until <= first) return undefined

  const stale = yield* staleQuarters(request.noun, { from: first, until }, WINDOWS_MAX + 1)
  const bounds = boundsOf(request.intervals, { from: first * QUARTER_US, to: until * QUARTER_US })
  const cut = bounds.filter((at) => at % QUARTER_US !== 0).map((at) => Math.floor(at / QUARTER_US))
  const leftOut = inOrder([...stale, ...cut])
  if (bounds.length > WINDOWS_MAX || leftOut.length > WINDOWS_MAX || leftOut.length >= until - first) return undefined

  const cutDays = bounds.filter((at) => at % DAY_US !== 0).map((at) => Math.floor(at / DAY_US))
  const brokenDays = inOrder([...leftOut.map((quarter) => Math.floor(quarter / QUARTERS_PER_DAY)), ...cutDays])
  const firstDay = Math.ceil(first / QUARTERS_PER_DAY)
  const untilDay = Math.max(firstDay, Math.floor(until / QUARTERS_PER_DAY))
  const days = without({ from: firstDay, to: untilDay }, brokenDays)
  return {
    days,
    quarters: gaps({ from: first, to: until }, days.map(scaled(QUARTERS_PER_DAY))).flatMap((gap) => without(gap, leftOut)),
    instants: [
      ...(from === null ? [] : [{ from, to: first * QUARTER_US }]),
      ...leftOut.map((quarter) => ({ from: quarter * QUARTER_US, to: (quarter + 1) * QUARTER_US })),
      { from: until * QUARTER_US, to: to ?? LAST },
    ].filter((window) => window.to > window.from),
  }
}

/** Where one interval ends and the next begins. */
function boundsOf(intervals: Intervals | undefined, within: Window): readonly Instant[] {
  if (intervals === undefined) return []
  const { start, intervalUs } = intervals
  const bounds: Instant[] = []
  const begin = Math.max(0, Math.ceil((within.from - start) / intervalUs))
  for (let at = start + begin * intervalUs; at < within.to && bounds.length <= WINDOWS_MAX; at += intervalUs) bounds.push(at)
  return bounds
}

function inOrder(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((one, other) => one - other)
}

/** A window without some of its numbers, which are in order. */
function without(window: Window, numbers: readonly number[]): readonly Window[] {
  return gaps(
    window,
    numbers.map((number) => ({ from: number, to: number + 1 })),
  )
}

/** What is left of a window between others, which are in order. */
function gaps(window: Window, others: readonly Window[]): readonly Window[] {
  const left: Window[] = []
  let at = window.from
  for (const other of others) {
    if (other.to <= window.from || other.from >= window.to) continue
    if (other.from > at) left.push({ from: at, to: other.from })
    at = Math.max(at, other.to)
  }
  if (at < window.to) left.push({ from: at, to: window.to })
  return left
}

function scaled(by: number): (window: Window) => Window {
  return ({ from, to }) => ({ from: from * by, to: to * by })
}

function* countedTallies(
  { noun, intervals }: TallyRequest,
  { span, lengthUs, windows }: { readonly span: 'day' | 'quarter'; readonly lengthUs: number; readonly windows: readonly Window[] },
  states: RawBuilder<boolean>,
): Script<readonly FlowRunHistory[]> {
  if (windows.length === 0) return []
  const rows = yield* selectSql(sql`
    select ${intervalOf(sql`nth * ${sql.lit(lengthUs)}`, intervals)} as bucket, state_type, state_name,
      sum(runs) as runs, sum(ran_us) as ran, sum(late_us) as late
    from ${windowed(sql`run_counts`, { column: sql`nth`, condition: sql` and noun = ${noun} and span = ${span}` }, windows)}
    where ${states}
    group by 1, state_type, state_name
    limit ${sql.lit(TALLIES_MAX)}`)
  return rows.map(toTally)
}

function* talliesOf(
  { noun, intervals, now }: TallyRequest,
  source: RawBuilder<unknown>,
  condition: RawBuilder<boolean>,
): Script<readonly FlowRunHistory[]> {
  const { expected } = counted[noun]
  const rows = yield* selectSql(sql`
    select ${intervalOf(expected, intervals)} as bucket, state_type, state_name,
      count(*) as runs, sum(${ranSql(noun, now)}) as ran, sum(${latenessSql(expected, now)}) as late
    from ${source}
    where ${condition}
    group by 1, state_type, state_name
    order by 1, state_type, state_name
    limit ${sql.lit(TALLIES_MAX)}`)
  return rows.map(toTally)
}

function everyRun({ noun, where, from, to }: TallyRequest): RawBuilder<boolean> {
  return sql<boolean>`${inRange(counted[noun].expected, { from, to })} and ${toSql(noun, where)}`
}

/** Ended runs that were expected within some windows of time. */
function endedWithin(noun: CountedNoun, windows: readonly Window[]): RawBuilder<unknown> {
  const { table, expected } = counted[noun]
  const condition = sql` and (state_type || '') in (${ENDED})`
  return windowed(sql.table(table), { column: expected, condition }, windows)
}

/** A condition in words that no index knows: the windows of time are the quicker way. */
function inAnyOrder(condition: RawBuilder<boolean>): RawBuilder<boolean> {
  return sql<boolean>`case when ${condition} then 1 else 0 end = 1`
}

/** Rows of some windows, each found by the index of the column: a join with a list of them would be planned for any list. */
function windowed(
  table: RawBuilder<unknown>,
  { column, condition }: { readonly column: RawBuilder<unknown>; readonly condition: RawBuilder<unknown> },
  windows: readonly Window[],
): RawBuilder<unknown> {
  const parts = windows.map(({ from, to }) => sql`select * from ${table} where ${column} >= ${from} and ${column} < ${to}${condition}`)
  return sql`(${sql.join(parts, sql` union all `)}) as found`
}

function inRange(expected: RawBuilder<unknown>, { from, to }: Range): RawBuilder<boolean> {
  const parts = [...(from === null ? [] : [sql`${expected} >= ${from}`]), ...(to === null ? [] : [sql`${expected} < ${to}`])]
  return parts.length === 0 ? sql<boolean>`1 = 1` : sql<boolean>`${sql.join(parts, sql` and `)}`
}

/** Whole numbers through whole numbers: both databases cut off what is left. */
function intervalOf(at: RawBuilder<unknown>, intervals: Intervals | undefined): RawBuilder<unknown> {
  return intervals === undefined ? sql`0` : sql`(${at} - ${sql.lit(intervals.start)}) / ${sql.lit(intervals.intervalUs)}`
}

function ranSql(noun: CountedNoun, now: Instant): RawBuilder<unknown> {
  return noun === 'flow-runs'
    ? sql`total_run_us + case when state_type = 'running' then ${sql.lit(now)} - state_timestamp else 0 end`
    : sql`coalesce(ended_at, ${sql.lit(now)}) - coalesce(started_at, ended_at, ${sql.lit(now)})`
}

/** Microseconds by which a run began late, or is overdue. */
function latenessSql(expected: RawBuilder<unknown>, now: Instant): RawBuilder<number> {
  return sql<number>`case
    when started_at is not null then case when started_at > ${expected} then started_at - ${expected} else 0 end
    when state_type in (${ENDED}) or ${expected} > ${sql.lit(now)} then 0
    else ${sql.lit(now)} - ${expected} end`
}

function toTally(row: Readonly<Record<string, unknown>>): FlowRunHistory {
  return {
    bucket: Number(row['bucket'] ?? 0),
    stateType: String(row['state_type']) as FlowRunHistory['stateType'], // only types of states are written
    stateName: String(row['state_name']),
    runs: Number(row['runs']),
    ranUs: Number(row['ran'] ?? 0),
    lateUs: Number(row['late'] ?? 0),
  }
}

function addUp(lists: readonly (readonly FlowRunHistory[])[]): readonly FlowRunHistory[] {
  const sums = new Map<string, FlowRunHistory>()
  for (const each of lists.flat()) {
    const key = `${each.bucket} ${each.stateType} ${each.stateName}`
    const sum = sums.get(key)
    sums.set(
      key,
      sum === undefined ? each : { ...each, runs: sum.runs + each.runs, ranUs: sum.ranUs + each.ranUs, lateUs: sum.lateUs + each.lateUs },
    )
  }
  return [...sums.values()].toSorted(
    (one, other) => one.bucket - other.bucket || compare(one.stateType, other.stateType) || compare(one.stateName, other.stateName),
  )
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
