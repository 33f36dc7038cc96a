import { events, eventToWire } from '../../api/events.ts'
import { eventFilter } from '../../api/event-filters.ts'
import { timeText } from '../../api/values.ts'
import { TuttiError } from '../../core/errors.ts'
import { countedBy, countedInTime } from '../../core/event-counts.ts'
import type { EventFilter } from '../../core/event-filter.ts'
import type { EventPlace, EventTotal } from '../../core/event-operations.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'

/** Events that are looked at to count them. */
const COUNTED_MAX = 50_000

const UNIT_US = { week: 604_800e6, day: 86_400e6, hour: 3_600e6, minute: 60e6, second: 1e6 } as const

const everything = eventFilter.parse({})

export function mountEvents(mount: Mount, { events: door }: ServerOrchestrator, clock: Clock): void {
  mount(events.create, async ({ body }) => {
    const now = clock.now()
    await door.append(body.map((received) => received(now)))
  })

  mount(events.list, ({ body, baseUrl }) =>
    page({ filter: (body.filter ?? everything)(clock.now()), limit: body.limit, after: null, total: null }, baseUrl),
  )
  mount(events.next, ({ query, baseUrl }) => page(placeIn(query['page-token']), baseUrl))

  mount(events.count, async ({ params: { countable }, body }) => {
    const filter = (body.filter ?? everything)(clock.now())
    const unit = countable === 'day' ? 'day' : body.time_unit
    const spanUs = Math.max(1, Math.round(UNIT_US[unit] * (countable === 'day' ? 1 : body.time_interval)))
    const isByTime = countable === 'day' || countable === 'time'
    // Before anything is looked at: too many spans are refused.
    if (isByTime) countedInTime([], { ...filter, spanUs })
    const found = await door.counted(filter, isByTime ? { type: 'time', spanUs } : { type: countable }, COUNTED_MAX)
    const counts = isByTime ? countedInTime(found, { ...filter, spanUs }) : countedBy(countable, found)
    return counts.map(({ value, label, count, from, to }) => ({ value, label, count, start_time: timeText(from), end_time: timeText(to) }))
  })

  async function page(place: Place, baseUrl: string) {
    const { filter, limit, after } = place
    const { events: found, rest } = await door.list(filter, limit, after)
    const isAll = after === null && rest === null && limit > 0
    const total = place.total ?? (isAll ? { count: found.length, isWhole: true } : await door.count(filter))
    return {
      events: found.map(eventToWire),
      total: total.count,
      tutti_total_is_whole: total.isWhole,
      next_page: rest === null ? null : `${baseUrl}/events/filter/next?page-token=${tokenOf({ filter, limit, after: rest, total })}`,
    }
  }
}

/** What the next page needs to know; it goes to the client and comes back. */
interface Place {
  readonly filter: EventFilter
  readonly limit: number
  readonly after: EventPlace | null
  /** As it was counted for the first page; `null`: it was not yet. */
  readonly total: EventTotal | null
}

function tokenOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function placeIn(token: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    if (typeof place === 'object' && place !== null && 'filter' in place && 'limit' in place && 'after' in place) return place as Place // made by `tokenOf`
  } catch (cause) {
    throw new TuttiError('FORBIDDEN', 'the page token cannot be read', { cause })
  }
  throw new TuttiError('FORBIDDEN', 'the page token cannot be read')
}
