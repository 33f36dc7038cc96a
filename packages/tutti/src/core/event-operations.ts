import type { CountedEvents, EventGroup } from './event-counts.ts'
import type { Event } from './event.ts'
import type { EventFilter } from './event-filter.ts'
import type { Instant } from './time.ts'
import type { TaskRunReport } from './told-task-run.ts'

/** A fact that a client tells, and what it says of a task run when it is about one. */
export interface ToldEvent {
  readonly event: Event
  readonly report: TaskRunReport | null
}

/** Where the next page begins: after this event. */
export interface EventPlace {
  readonly occurredAt: Instant
  readonly id: string
}

/** Some events in their order, and where the rest begins. */
export interface EventPage {
  readonly events: readonly Event[]
  /** After this place; it may be further than the last event, where much was looked at and did not fit. `null`: there are no more. */
  readonly rest: EventPlace | null
}

/** How many there are. Of states of flow runs only the newest are looked at. */
export interface EventTotal {
  readonly count: number
  /** `false`: there are at least so many. */
  readonly isWhole: boolean
}

/** What the protocol asks of events. The states of flow runs are events without being written as such: their history is read. */
export interface EventOperations {
  /** In this order; what is known already changes nothing. */
  append(events: readonly ToldEvent[]): Promise<void>
  list(filter: EventFilter, limit: number, after: EventPlace | null): Promise<EventPage>
  count(filter: EventFilter): Promise<EventTotal>
  /** How often each name, resource or span of time stands among them; of those that are written so many are looked at. */
  counted(filter: EventFilter, by: EventGroup, limit: number): Promise<readonly CountedEvents[]>
}
