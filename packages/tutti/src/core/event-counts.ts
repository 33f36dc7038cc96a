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

const BUCKETS_MAX = 1000

/** How often each name, or each resource, stands among events; the most frequent first. */
export function countedBy(what: 'event' | 'resource', events: readonly Event[]): readonly EventCount[] {
  const counts = new Map<string, EventCount>()
  for (const { name, resource, occurredAt } of events) {
    const value = what === 'event' ? name : (resource[RESOURCE_ID] ?? '')
    const label = what === 'event' ? name : (resource[RESOURCE_NAME] ?? value)
    const known = counts.get(value) ?? { value, label, count: 0, from: occurredAt, to: occurredAt }
    counts.set(value, {
      ...known,
      count: known.count + 1,
      from: Math.min(known.from, occurredAt),
      to: Math.max(known.to, occurredAt),
    })
  }
  return [...counts.values()].toSorted((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}

/** How many there are in each span of time, also where there are none. */
export function countedInTime(
  events: readonly Event[],
  { since, until, spanUs }: { readonly since: Instant; readonly until: Instant; readonly spanUs: number },
): readonly EventCount[] {
  const first = Math.floor(since / spanUs) * spanUs
  const length = Math.max(0, Math.ceil((until - first) / spanUs))
  if (length > BUCKETS_MAX)
    throw new TuttiError('INVALID_REQUEST', `The given interval would create ${length} buckets, at most ${BUCKETS_MAX} are counted.`)
  const counts = Array.from({ length }, () => 0)
  for (const { occurredAt } of events) {
    const at = Math.min(length - 1, Math.floor((occurredAt - first) / spanUs))
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts.map((count, at) => {
    const from = first + at * spanUs
    return { value: String(at), label: formatInstant(from), count, from, to: from + spanUs }
  })
}
