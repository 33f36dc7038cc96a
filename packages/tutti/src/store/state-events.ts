import type { Event } from '../core/event.ts'
import { matchesEvent } from '../core/event-filter.ts'
import type { EventFilter } from '../core/event-filter.ts'
import { countedOnce } from '../core/event-counts.ts'
import type { CountedEvents, EventGroup } from '../core/event-counts.ts'
import type { EventPlace, EventTotal } from '../core/event-operations.ts'
import { FLOW_RUN_EVENT, FLOW_RUN_RESOURCE, flowRunEvent, relatedOf } from '../core/flow-run-event.ts'
import type { RunOfEvent } from '../core/flow-run-event.ts'
import type { State } from '../core/state.ts'
import { toHistoryState } from './flow-run-rows.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import type { Script } from './script.ts'
import { select, selectSql, sqlBuilder } from './statements.ts'
import type { StateRow } from './tables.ts'

/** Events, and how far was looked. */
export interface Scanned {
  readonly events: readonly Event[]
  /** Everything up to here was looked at; `null`: everything there is. */
  readonly reached: EventPlace | null
}

/** States that are looked at at once: few first, as most questions are answered by the newest ones, then more. */
const SCAN_ROWS = [250, 1_000, 3_000] as const
/** And at most: a question that hardly any answers is answered in several pages. */
const SCAN_ROWS_MAX = 10_000
/** Where each has to be read, and not only its columns. */
const READ_ROWS_MAX = 1_000
/** States that are counted as the number of all, and to draw a history. */
const COUNT_MAX = 5_000
const HISTORY_MAX = 100_000

/** A state beside what its event tells of its run. */
interface StateOfRun {
  readonly state: StateRow
  readonly run: RunOfEvent
  readonly deploymentName: string | undefined
}

/**
 * The states of flow runs as events. They have the ids and the times of the states, so an event that is also written as such is the same one.
 * What schedules make ahead is none until somebody takes it.
 */
export function* stateEvents(filter: EventFilter, limit: number, after: EventPlace | null): Script<Scanned> {
  const { found, reached } = yield* scan(filter, limit, { after, rowsMax: SCAN_ROWS_MAX })
  const former = yield* formerStates(found.map(({ state }) => state.id))
  return { events: found.map((each) => eventOf(each, former.get(each.state.id) ?? null)), reached }
}

/** As `stateEvents`, of the first rows, without what came before each state. */
function* bareStateEvents(filter: EventFilter, limit: number): Script<Scanned> {
  const { found, reached } = yield* scan(filter, limit, { after: null, rowsMax: limit })
  return { events: found.map((each) => eventOf(each, null)), reached }
}

interface Found {
  readonly found: readonly StateOfRun[]
  readonly reached: EventPlace | null
}

function* scan(
  filter: EventFilter,
  limit: number,
  { after, rowsMax }: { readonly after: EventPlace | null; readonly rowsMax: number },
): Script<Found> {
  const conditions = conditionsOf(filter)
  if (conditions === undefined || limit <= 0) return { found: [], reached: null }
  const found: StateOfRun[] = []
  let place = after
  for (let rows = 0, turn = 0; rows < rowsMax && found.length < limit; turn += 1) {
    const size = Math.min(SCAN_ROWS[turn] ?? SCAN_ROWS_MAX, rowsMax - rows)
    const end = yield* placeAfter(filter, conditions, place, size)
    const chunk = yield* statesOfRuns(filter, conditions, { after: place, rows: size })
    found.push(...chunk.filter((each) => matchesEvent(filter, eventOf(each, null))))
    if (end === null) return cut(found, limit, null)
    place = end
    rows += size
  }
  return cut(found, limit, place)
}

function cut(found: readonly StateOfRun[], limit: number, reached: EventPlace | null): Found {
  const last = found[limit - 1]
  return found.length <= limit || last === undefined ? { found, reached } : { found: found.slice(0, limit), reached: placeOf(last) }
}

function placeOf({ state }: StateOfRun): EventPlace {
  return { occurredAt: state.timestamp, id: state.id }
}

function eventOf({ state, run, deploymentName }: StateOfRun, from: State | null): Event {
  return flowRunEvent({ run, from, receivedAt: state.timestamp }, relatedOf(run, deploymentName))
}

/** How many there are of which no event is written, among the newest `COUNT_MAX`; of a filter that columns do not decide, among fewer. */
export function* countStateEvents(filter: EventFilter): Script<EventTotal> {
  const conditions = conditionsOf(filter)
  if (conditions === undefined) return { count: 0, isWhole: true }
  if (!isDecidedBySql(filter)) {
    const { events, reached } = yield* bareStateEvents(filter, READ_ROWS_MAX)
    return { count: (yield* unwritten(events)).length, isWhole: reached === null }
  }
  const [row] = yield* selectSql(sql`select count(*) as events ${newestUnwritten(conditions, COUNT_MAX)}`)
  return { count: Number(row?.['events'] ?? 0), isWhole: (yield* placeAfter(filter, conditions, null, COUNT_MAX)) === null }
}

/** The newest of which no event is written, counted by what is asked for. */
export function* countedStateEvents(filter: EventFilter, by: EventGroup): Script<readonly CountedEvents[]> {
  const conditions = conditionsOf(filter)
  if (conditions === undefined) return []
  if (!isDecidedBySql(filter)) return (yield* unwritten((yield* bareStateEvents(filter, READ_ROWS_MAX)).events)).map(countedOnce)
  const key = { event: sql`s.name`, resource: sql`s.flow_run_id`, time: sql`s.timestamp / ${sql.lit(by.type === 'time' ? by.spanUs : 1)}` }[
    by.type
  ]
  const rows = yield* selectSql(sql`
    select min(s.name) as name, min(s.flow_run_id) as run, min(r.name) as label,
           count(*) as events, min(s.timestamp) as since, max(s.timestamp) as until
    ${newestUnwritten(conditions, HISTORY_MAX)} group by ${key}`)
  return rows.map((row) => ({
    name: `${FLOW_RUN_EVENT}${String(row['name'])}`,
    resourceId: `${FLOW_RUN_RESOURCE}${String(row['run'])}`,
    label: String(row['label']),
    count: Number(row['events']),
    from: Number(row['since']),
    to: Number(row['until']),
  }))
}

/** Of what a schedule makes ahead the first state is a plan; all plans are SCHEDULED. */
const isNoPlan = sql<boolean>`(s.type <> 'scheduled' or not exists
  (select 1 from flow_runs p where p.id = s.flow_run_id and p.auto_scheduled = 1 and p.created_at = s.timestamp))`

function newestUnwritten({ ofPlaces, ofRows }: Conditions, limit: number): RawBuilder<unknown> {
  return sql`from
    (select id, flow_run_id, type, name, timestamp from flow_run_states s where ${allOf(ofPlaces)} order by s.timestamp desc limit ${limit}) s
    cross join flow_runs r where r.id = s.flow_run_id and ${allOf([...ofRows, isNoPlan])}
      and not exists (select 1 from events e where e.id = s.id)`
}

function* unwritten(events: readonly Event[]): Script<readonly Event[]> {
  const ids = events.map(({ id }) => id)
  if (ids.length === 0) return []
  const rows = yield* select(sqlBuilder.selectFrom('events').select('id').where('id', 'in', ids))
  const written = new Set(rows.map(({ id }) => id))
  return events.filter(({ id }) => !written.has(id))
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────────── */

/** Where so many rows have been looked at; `null`: there are not so many. */
function* placeAfter({ order }: EventFilter, { ofPlaces }: Conditions, after: EventPlace | null, rows: number): Script<EventPlace | null> {
  const { direction, beyond } = wordsOf(order)
  const from = after === null ? [] : [sql<boolean>`(s.timestamp, s.id) ${beyond} (${after.occurredAt}, ${after.id})`]
  const [row] = yield* selectSql(sql`
    select s.timestamp, s.id from flow_run_states s where ${allOf([...ofPlaces, ...from])}
    order by s.timestamp ${direction}, s.id ${direction} limit 1 offset ${rows - 1}`)
  return row === undefined ? null : { occurredAt: Number(row['timestamp']), id: String(row['id']) }
}

/** Those that meet the conditions, of so many rows. */
function* statesOfRuns(
  { order }: EventFilter,
  { ofPlaces, ofRows }: Conditions,
  { after, rows: size }: { readonly after: EventPlace | null; readonly rows: number },
): Script<readonly StateOfRun[]> {
  const { direction, beyond } = wordsOf(order)
  const from = after === null ? [] : [sql<boolean>`(s.timestamp, s.id) ${beyond} (${after.occurredAt}, ${after.id})`]
  // `cross join`: SQLite begins with the states, in the order of their index. Otherwise it may read every run of a deployment.
  const rows = yield* selectSql(sql`
    select s.id, s.flow_run_id, s.type, s.name, s.timestamp, s.message, s.scheduled_for, s.details,
           r.name as run_name, r.flow_id, r.flow_name, r.tags, r.parent_task_run_id, r.deployment_id, r.run_count,
           (select d.name from deployments d where d.id = r.deployment_id) as deployment_name
    from (select * from flow_run_states s where ${allOf([...ofPlaces, ...from])}
          order by s.timestamp ${direction}, s.id ${direction} limit ${size}) s
    cross join flow_runs r where r.id = s.flow_run_id and ${allOf([...ofRows, isNoPlan])}
    order by s.timestamp ${direction}, s.id ${direction}`)
  return (rows as unknown as readonly JoinedRow[]).map(toStateOfRun) // as the query names its columns
}

function wordsOf(order: EventFilter['order']) {
  return order === 'newest' ? { direction: sql.raw('desc'), beyond: sql.raw('<') } : { direction: sql.raw('asc'), beyond: sql.raw('>') }
}

interface JoinedRow extends Omit<StateRow, 'data' | 'actor'> {
  readonly run_name: string
  readonly flow_id: string
  readonly flow_name: string
  readonly tags: string
  readonly parent_task_run_id: string | null
  readonly deployment_id: string | null
  readonly deployment_name: string | null
  readonly run_count: number
}

function toStateOfRun({ run_name: name, flow_id: flowId, flow_name: flowName, ...row }: JoinedRow): StateOfRun {
  const state: StateRow = { ...row, timestamp: Number(row.timestamp), data: null, actor: null }
  const run: RunOfEvent = {
    id: row.flow_run_id,
    name,
    flowId,
    flowName,
    state: toHistoryState(state),
    tags: JSON.parse(row.tags) as readonly string[], // written by `flow-run-rows.ts` only
    parentTaskRunId: row.parent_task_run_id,
    runCount: row.run_count,
    ...(row.deployment_id === null ? undefined : { dispatch: { deploymentId: row.deployment_id } }),
  }
  return { state, run, deploymentName: row.deployment_name ?? undefined }
}

/** The state before each of some, by the id of the later one. */
function* formerStates(ids: readonly string[]): Script<ReadonlyMap<string, State>> {
  if (ids.length === 0) return new Map()
  const pairs = yield* selectSql(sql`
    select s.id, (select p.id from flow_run_states p where p.flow_run_id = s.flow_run_id and p.timestamp < s.timestamp
                  order by p.timestamp desc limit 1) as former_id
    from flow_run_states s where s.id in (${sql.join([...ids])})`)
  const formerIds = new Map(pairs.map((pair) => [String(pair['id']), pair['former_id'] === null ? null : String(pair['former_id'])]))
  const wanted = [...formerIds.values()].filter((id) => id !== null)
  if (wanted.length === 0) return new Map()
  const rows = yield* select(sqlBuilder.selectFrom('flow_run_states').selectAll().where('id', 'in', wanted))
  const states = new Map(rows.map((row) => [row.id, toHistoryState(row)]))
  return new Map(
    [...formerIds].flatMap(([id, formerId]) => {
      const state = formerId === null ? undefined : states.get(formerId)
      return state === undefined ? [] : [[id, state] as const]
    }),
  )
}

/* ── conditions ─────────────────────────────────────────────────────────────────────────────────── */

interface Conditions {
  /** On what indexes of states have in order. */
  readonly ofPlaces: readonly RawBuilder<boolean>[]
  /** On the rest of a state and on its run, which is looked at row by row. */
  readonly ofRows: readonly RawBuilder<boolean>[]
}

/** Whether conditions in SQL are all that a filter asks for. */
function isDecidedBySql({ resource, related, any, words }: EventFilter): boolean {
  const tests = [resource, ...related, ...any]
  return (
    words.length === 0 &&
    tests.every((test) => test === null || (test.roles === null && test.idsInRoles === null && test.labels === null)) &&
    [...related, ...any].every(
      ({ idPrefixes }) => idPrefixes === null || idPrefixes.every((prefix) => prefix.startsWith(FLOW_RUN_RESOURCE)),
    )
  )
}

/** What SQL can tell of it; `undefined`: no state of a flow run can be meant. */
function conditionsOf(filter: EventFilter): Conditions | undefined {
  const { names, prefixes, namesExcluded, prefixesExcluded, resource, related, any } = filter
  const ofPlaces = [sql<boolean>`s.timestamp >= ${filter.since} and s.timestamp <= ${filter.until}`]
  const ofRows: RawBuilder<boolean>[] = []
  if (filter.ids !== null) ofPlaces.push(oneOf('s.id', filter.ids))
  if (names !== null || prefixes !== null) {
    const named = restsOf(FLOW_RUN_EVENT, names ?? [])
    const begun = beginningWith('s.name', FLOW_RUN_EVENT, prefixes ?? [])
    if (named.length === 0 && begun.length === 0) return undefined
    ofRows.push(either([...(named.length === 0 ? [] : [oneOf('s.name', named)]), ...begun]))
  }
  if (prefixesExcluded.some((prefix) => FLOW_RUN_EVENT.startsWith(prefix))) return undefined
  const excluded = [
    ...restsOf(FLOW_RUN_EVENT, namesExcluded).map((name) => oneOf('s.name', [name])),
    ...beginningWith('s.name', FLOW_RUN_EVENT, prefixesExcluded),
  ]
  for (const each of excluded) ofRows.push(sql<boolean>`not (${each})`)
  if (resource !== null) {
    const { ids, idPrefixes } = resource
    if (ids !== null) ofPlaces.push(oneOf('s.flow_run_id', restsOf(FLOW_RUN_RESOURCE, ids)))
    if (idPrefixes !== null) ofRows.push(either(beginningWith('s.flow_run_id', FLOW_RUN_RESOURCE, idPrefixes)))
  }
  for (const { ids, idPrefixes } of [...related, ...any]) {
    // A run is what these events happen to, and has no other part in them.
    const isOfRuns = ids !== null && ids.every((id) => id.startsWith(FLOW_RUN_RESOURCE))
    if (isOfRuns) ofPlaces.push(oneOf('s.flow_run_id', restsOf(FLOW_RUN_RESOURCE, ids)))
    else if (ids !== null) ofRows.push(either(ids.map(hasPart)))
    if (idPrefixes?.every((prefix) => prefix.startsWith(FLOW_RUN_RESOURCE)) === true)
      ofRows.push(either(beginningWith('s.flow_run_id', FLOW_RUN_RESOURCE, idPrefixes)))
  }
  return { ofPlaces, ofRows }
}

/** What a run itself says it belongs to, as `relatedOf` tells it; or the run. */
function hasPart(resourceId: string): RawBuilder<boolean> {
  const [, kind = '', id = ''] = /^prefect\.([\w-]+)\.(.*)$/s.exec(resourceId) ?? []
  switch (kind) {
    case 'flow-run':
      return sql<boolean>`s.flow_run_id = ${id}`
    case 'flow':
      return sql<boolean>`r.flow_id = ${id}`
    case 'deployment':
      return sql<boolean>`r.deployment_id = ${id}`
    case 'task-run':
      return sql<boolean>`r.parent_task_run_id = ${id}`
    case 'tag':
      return sql<boolean>`exists (select 1 from flow_run_tags t where t.tag = ${id} and t.flow_run_id = r.id)`
    default:
      return sql<boolean>`1 = 0`
  }
}

/** What follows after a beginning, of the texts that have it. */
function restsOf(beginning: string, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => text.startsWith(beginning)).map((text) => text.slice(beginning.length))
}

/** Conditions on a column of which a beginning is left out. */
function beginningWith(column: string, beginning: string, prefixes: readonly string[]): readonly RawBuilder<boolean>[] {
  if (prefixes.some((prefix) => beginning.startsWith(prefix))) return [sql<boolean>`1 = 1`]
  return restsOf(beginning, prefixes).map((rest) => sql<boolean>`substr(${sql.ref(column)}, 1, ${rest.length}) = ${rest}`)
}

function oneOf(column: string, values: readonly string[]): RawBuilder<boolean> {
  return values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${sql.ref(column)} in (${sql.join([...values])})`
}

function either(parts: readonly RawBuilder<boolean>[]): RawBuilder<boolean> {
  return parts.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`(${sql.join([...parts], sql.raw(' or '))})`
}

function allOf(parts: readonly RawBuilder<boolean>[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.join([...parts], sql.raw(' and '))}`
}
