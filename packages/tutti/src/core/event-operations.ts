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

/** What the protocol asks of events. */
export interface EventOperations {
  /** In this order; what is known already changes nothing. */
  append(events: readonly ToldEvent[]): Promise<void>
  list(filter: EventFilter, limit: number, after: EventPlace | null): Promise<readonly Event[]>
  count(filter: EventFilter): Promise<number>
}
