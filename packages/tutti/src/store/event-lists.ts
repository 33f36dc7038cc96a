import type { Event } from '../core/event.ts'
import type { EventFilter, ResourceTest } from '../core/event-filter.ts'
import { isPlain, matchesEvent } from '../core/event-filter.ts'
import type { EventPlace } from '../core/event-operations.ts'
import { toEvent } from './events.ts'
import { sql } from './kysely.ts'
import type { Script } from './script.ts'
import { select, sqlBuilder } from './statements.ts'
import type { EventRow } from './tables.ts'

export interface EventListTable {
  list(filter: EventFilter, limit: number, after: EventPlace | null): Script<readonly Event[]>
  count(filter: EventFilter): Script<number>
}

/** Rows that are read at once where the database cannot decide alone. */
const SCAN_ROWS = 1000
/** And how often: a question about labels that nothing answers ends. */
const SCANS_MAX = 50

export function eventListTable(): EventListTable {
  return {
    *list(filter, limit, after) {
      if (isPlain(filter)) return (yield* rows(filter, limit, after)).map(toEvent)
      const found: Event[] = []
      let place = after
      for (let scan = 0; scan < SCANS_MAX && found.length < limit; scan += 1) {
        const page = (yield* rows(filter, SCAN_ROWS, place)).map(toEvent)
        found.push(...page.filter((event) => matchesEvent(filter, event)))
        const last = page.at(-1)
        if (last === undefined || page.length < SCAN_ROWS) break
        place = last
      }
      return found.slice(0, limit)
    },

    *count(filter) {
      if (isPlain(filter)) {
        const counted = yield* select(
          conditions(sqlBuilder.selectFrom('events'), filter).select(sqlBuilder.fn.countAll<number>().as('events')),
        )
        return Number(counted[0]?.events ?? 0)
      }
      return (yield* this.list(filter, SCAN_ROWS * SCANS_MAX, null)).length
    },
  }
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
