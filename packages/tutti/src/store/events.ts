import { RESOURCE_ID, RESOURCE_ROLE } from '../core/event.ts'
import type { Event, ResourceLabels } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Script } from './script.ts'
import { hot, select, sqlBuilder } from './statements.ts'
import type { EventRow } from './tables.ts'

export interface EventTable {
  /** `false`: it was there already. */
  append(event: Event): Script<boolean>
  /** Those that are there, in the order in which they happened. */
  getMany(ids: readonly string[]): Script<readonly Event[]>
}

const insertEvent = hot(
  sqlBuilder
    .insertInto('events')
    .values({ id: '', name: '', occurred_at: 0, received_at: 0, resource_id: '', resource: '', related: '', payload: '', follows: null })
    .onConflict((conflict) => conflict.column('id').doNothing()),
)
const insertResource = hot(
  sqlBuilder
    .insertInto('event_resources')
    .values({ event_id: '', resource_id: '', role: '', occurred_at: 0 })
    .onConflict((conflict) => conflict.doNothing()),
)

export function eventTable(): EventTable {
  return {
    *append(event) {
      const { id, name, occurredAt, receivedAt, resource, related, payload, follows } = event
      const inserted = yield* insertEvent([
        id,
        name,
        occurredAt,
        receivedAt,
        idOf(resource),
        JSON.stringify(resource),
        JSON.stringify(related),
        payload.text,
        follows,
      ])
      if (inserted === 0) return false
      yield* insertResource([id, idOf(resource), '', occurredAt])
      for (const labels of related) yield* insertResource([id, idOf(labels), labels[RESOURCE_ROLE] ?? '', occurredAt])
      return true
    },

    *getMany(ids) {
      if (ids.length === 0) return []
      const rows = yield* select(
        sqlBuilder
          .selectFrom('events')
          .selectAll()
          .where('id', 'in', [...ids])
          .orderBy('occurred_at')
          .orderBy('id'),
      )
      return rows.map(toEvent)
    },
  }
}

export function toEvent(row: EventRow): Event {
  return {
    id: row.id,
    name: row.name,
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
    // Written by this file only.
    resource: JSON.parse(row.resource) as ResourceLabels,
    related: JSON.parse(row.related) as readonly ResourceLabels[],
    payload: new JsonText(row.payload),
    follows: row.follows,
  }
}

function idOf(labels: ResourceLabels): string {
  return labels[RESOURCE_ID] ?? ''
}
