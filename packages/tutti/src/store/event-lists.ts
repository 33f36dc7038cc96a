import type { Event } from '../core/event.ts'
import type { EventFilter, ResourceTest } from '../core/event-filter.ts'
import { isPlain, matchesEvent } from '../core/event-filter.ts'
import { countedOnce } from '../core/event-counts.ts'
import type { CountedEvents, EventGroup } from '../core/event-counts.ts'
import type { EventPage, EventPlace, EventTotal } from '../core/event-operations.ts'
import { toEvent } from './events.ts'
import { sql } from './kysely.ts'
import type { Script } from './script.ts'
import { countedStateEvents, countStateEvents, stateEvents } from './state-events.ts'
import type { Scanned } from './state-events.ts'
import { select, sqlBuilder } from './statements.ts'
import type { EventRow } from './tables.ts'

export interface EventListTable {
  /** Those that are written and the states of flow runs, in one order. */
  page(filter: EventFilter, limit: number, after: EventPlace | null): Script<EventPage>
  count(filter: EventFilter): Script<EventTotal>
  /** How often each name, resource or span of time stands among them; of those that are written so many are looked at. */
  counted(filter: EventFilter, by: EventGroup, limit: number): Script<readonly CountedEvents[]>
}

/** Rows that are read at once where the database cannot decide alone. */
const SCAN_ROWS = 1000
/** And how often: a question about labels that hardly any answers is answered in several pages. */
const SCANS_MAX = 50

export function eventListTable(): EventListTable {
  return {
    *page(filter, limit, after) {
      if (limit <= 0) return { events: [], rest: null }
      // One more than is shown tells whether there are more.
      const written = yield* writtenEvents(filter, limit + 1, after)
      const ofStates = yield* stateEvents(filter, limit + 1, after)
      return pageOf(filter, limit, [written, ofStates])
    },

    *count(filter) {
      const ofStates = yield* countStateEvents(filter)
      if (!isPlain(filter)) {
        const { events, reached } = yield* writtenEvents(filter, SCAN_ROWS * SCANS_MAX, null)
        return { count: ofStates.count + events.length, isWhole: ofStates.isWhole && reached === null }
      }
      const counted = yield* select(
        conditions(sqlBuilder.selectFrom('events'), filter).select(sqlBuilder.fn.countAll<number>().as('events')),
      )
      return { count: ofStates.count + Number(counted[0]?.events ?? 0), isWhole: ofStates.isWhole }
    },

    *counted(filter, by, limit) {
      const { events } = yield* writtenEvents(filter, limit, null)
      return [...events.map(countedOnce), ...(yield* countedStateEvents(filter, by))]
    },
  }
}

/** As far as every part was looked at. */
function pageOf(filter: EventFilter, limit: number, parts: readonly Scanned[]): EventPage {
  const isBefore = orderOf(filter)
  const reached = parts
    .map((part) => part.reached)
    .filter((place) => place !== null)
    .reduce<EventPlace | null>((nearest, place) => (nearest === null || isBefore(place, nearest) ? place : nearest), null)
  const all = inOrder(
    filter,
    parts.map(({ events }) => events),
  )
  const sure = reached === null ? all : all.filter((event) => !isBefore(reached, event))
  const events = sure.slice(0, limit)
  const last = events.at(-1)
  if (sure.length > limit && last !== undefined) return { events, rest: { occurredAt: last.occurredAt, id: last.id } }
  return { events, rest: reached }
}

/** A state of which an event is written is that event, as it was written: the earlier list counts. */
function inOrder(filter: EventFilter, lists: readonly (readonly Event[])[]): readonly Event[] {
  const isBefore = orderOf(filter)
  const byId = new Map<string, Event>()
  for (const event of lists.flat()) if (!byId.has(event.id)) byId.set(event.id, event)
  return [...byId.values()].toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
}

function orderOf({ order }: EventFilter): (one: EventPlace, other: EventPlace) => boolean {
  const isOlder = (one: EventPlace, other: EventPlace): boolean =>
    one.occurredAt < other.occurredAt || (one.occurredAt === other.occurredAt && one.id < other.id)
  return order === 'newest' ? (one, other) => isOlder(other, one) : isOlder
}

function* writtenEvents(filter: EventFilter, limit: number, after: EventPlace | null): Script<Scanned> {
  if (isPlain(filter)) {
    const events = (yield* rows(filter, limit, after)).map(toEvent)
    return { events, reached: events.length < limit ? null : (events.at(-1) ?? null) }
  }
  const found: Event[] = []
  let place = after
  for (let scan = 0; scan < SCANS_MAX && found.length < limit; scan += 1) {
    const page = (yield* rows(filter, SCAN_ROWS, place)).map(toEvent)
    found.push(...page.filter((event) => matchesEvent(filter, event)))
    const last = page.at(-1)
    if (last === undefined || page.length < SCAN_ROWS) return { events: found, reached: null }
    place = { occurredAt: last.occurredAt, id: last.id }
  }
  return { events: found, reached: place }
}

function* rows(filter: EventFilter, limit: number, after: EventPlace | null): Script<readonly EventRow[]> {
  const isNewest = filter.order === 'newest'
  const direction = isNewest ? 'desc' : 'asc'
  let query = conditions(sqlBuilder.selectFrom('events'), filter)
    .selectAll()
    .orderBy('occurred_at', direction)
    .orderBy('id', direction)
    .limit(limit)
  if (after !== null) {
    const { occurredAt, id } = after
    query = query.where(
      isNewest ? sql<boolean>`(occurred_at, id) < (${occurredAt}, ${id})` : sql<boolean>`(occurred_at, id) > (${occurredAt}, ${id})`,
    )
  }
  return yield* select(query)
}

type Query = ReturnType<typeof sqlBuilder.selectFrom<'events'>>

/** All that columns tell; labels and words are looked at afterwards. */
function conditions(query: Query, filter: EventFilter): Query {
  let found = query.where('occurred_at', '>=', filter.since).where('occurred_at', '<=', filter.until)
  if (filter.ids !== null) found = found.where(oneOf('id', filter.ids))
  if (filter.names !== null || filter.prefixes !== null)
    found = found.where(either([oneOf('name', filter.names ?? []), ...(filter.prefixes ?? []).map((prefix) => startsWith('name', prefix))]))
  if (filter.namesExcluded.length > 0) found = found.where('name', 'not in', [...filter.namesExcluded])
  for (const prefix of filter.prefixesExcluded) found = found.where(sql<boolean>`not (${startsWith('name', prefix)})`)
  if (filter.resource !== null) {
    const { ids, idPrefixes } = filter.resource
    if (ids !== null) found = found.where(oneOf('resource_id', ids))
    if (idPrefixes !== null) found = found.where(either(idPrefixes.map((prefix) => startsWith('resource_id', prefix))))
  }
  for (const test of filter.related) found = found.where(hasResource(test, true))
  for (const test of filter.any) found = found.where(hasResource(test, false))
  return found
}

function hasResource({ ids, idPrefixes, roles, idsInRoles }: ResourceTest, related: boolean) {
  const parts = [
    ...(related ? [sql<boolean>`r.role <> ''`] : []),
    ...(ids === null ? [] : [oneOf('r.resource_id', ids)]),
    ...(idPrefixes === null ? [] : [either(idPrefixes.map((prefix) => startsWith('r.resource_id', prefix)))]),
    ...(roles === null ? [] : [oneOf('r.role', roles)]),
    ...(idsInRoles === null ? [] : [either(idsInRoles.map(([id, role]) => sql<boolean>`(r.resource_id = ${id} and r.role = ${role})`))]),
  ]
  const all = parts.length === 0 ? sql<boolean>`1 = 1` : sql<boolean>`${sql.join(parts, sql.raw(' and '))}`
  return sql<boolean>`exists (select 1 from event_resources r where r.event_id = events.id and ${all})`
}

function oneOf(column: string, values: readonly string[]) {
  return values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${sql.ref(column)} in (${sql.join([...values])})`
}

function startsWith(column: string, prefix: string) {
  return sql<boolean>`substr(${sql.ref(column)}, 1, ${prefix.length}) = ${prefix}`
}

function either(parts: readonly ReturnType<typeof oneOf>[]) {
  return parts.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`(${sql.join([...parts], sql.raw(' or '))})`
}
