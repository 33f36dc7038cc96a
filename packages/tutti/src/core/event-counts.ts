import { TuttiError } from './errors.ts'
import { RESOURCE_ID, RESOURCE_NAME } from './event.ts'
import type { Event } from './event.ts'
import { formatInstant } from './time.ts'
import type { Instant } from './time.ts'

export interface EventCount {
  readonly value: string
  readonly label: string
  readonly count: number
  readonly from: Instant
  readonly to: Instant
}

/** Events that are alike in what they are counted by. */
export interface CountedEvents {
  readonly name: string
  readonly resourceId: string
  /** Of the resource. */
  readonly label: string
  readonly count: number
  readonly from: Instant
  readonly to: Instant
}

/** By what events are counted; spans of time begin at multiples of their length. */
export type EventGroup = { readonly type: 'event' } | { readonly type: 'resource' } | { readonly type: 'time'; readonly spanUs: number }

export function countedOnce({ name, resource, occurredAt }: Event): CountedEvents {
  const resourceId = resource[RESOURCE_ID] ?? ''
  return { name, resourceId, label: resource[RESOURCE_NAME] ?? resourceId, count: 1, from: occurredAt, to: occurredAt }
}

const BUCKETS_MAX = 1000

/** How often each name, or each resource, stands among events; the most frequent first. */
export function countedBy(what: 'event' | 'resource', events: readonly CountedEvents[]): readonly EventCount[] {
  const counts = new Map<string, EventCount>()
  for (const { name, resourceId, label, count, from, to } of events) {
    const value = what === 'event' ? name : resourceId
    const known = counts.get(value) ?? { value, label: what === 'event' ? name : label, count: 0, from, to }
    counts.set(value, { ...known, count: known.count + count, from: Math.min(known.from, from), to: Math.max(known.to, to) })
  }
  return [...counts.values()].toSorted((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}

/** How many there are in each span of time, also where there are none. */
export function countedInTime(
  events: readonly CountedEvents[],
  { since, until, spanUs }: { readonly since: Instant; readonly until: Instant; readonly spanUs: number },
): readonly EventCount[] {
  const first = Math.floor(since / spanUs) * spanUs
  const length = Math.max(0, Math.ceil((until - first) / spanUs))
  if (length > BUCKETS_MAX)
    throw new TuttiError('INVALID_REQUEST', `The given interval would create ${length} buckets, at most ${BUCKETS_MAX} are counted.`)
  const counts = Array.from({ length }, () => 0)
  for (const { from, count } of events) {
    const at = Math.min(length - 1, Math.floor((from - first) / spanUs))
    counts[at] = (counts[at] ?? 0) + count
  }
  return counts.map((count, at) => {
    const from = first + at * spanUs
    return { value: String(at), label: formatInstant(from), count, from, to: from + spanUs }
  })
}
