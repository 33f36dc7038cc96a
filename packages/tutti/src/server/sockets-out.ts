import { z } from 'zod'
import { eventFilter } from '../api/event-filters.ts'
import { eventToWire } from '../api/events.ts'
import { TuttiError } from '../core/errors.ts'
import type { Event } from '../core/event.ts'
import { matchesEvent } from '../core/event-filter.ts'
import type { EventOperations, EventPlace } from '../core/event-operations.ts'
import { parseLiterally } from '../core/literal-json.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { Hub } from './hub.ts'
import type { Conversation } from './sockets.ts'

const BACKFILL_MS = 15 * 60 * 1000
const BACKFILL_PAGE = 250
/** Bytes that wait for a client that does not read; what comes beyond is dropped. */
const BEHIND_MAX_BYTES = 8 * 1024 * 1024
/** Events that wait until the past was told; of more than these the newest are dropped. */
const WAITING_MAX = 10_000

const request = z.object({ type: z.literal('filter'), filter: eventFilter, backfill: z.boolean().default(true) })

/** `/events/out`: the client sends a filter; events that meet it follow, first those of the last minutes, then new ones as they come. */
export function eventsOut(events: EventOperations, hub: Hub, clock: Clock): Conversation {
  return (socket) => {
    let stop: (() => void) | undefined

    return {
      async message(text) {
        if (stop !== undefined) throw new TuttiError('INVALID_REQUEST', 'the filter was given before')
        const asked = request.safeParse(parsed(text))
        if (!asked.success) throw new TuttiError('INVALID_REQUEST', `this is no filter: ${asked.error.message}`, { cause: asked.error })
        const now = clock.now()
        const given = asked.data.filter(now)
        // Who names no end wants what comes.
        const until = given.until === now ? Number.MAX_SAFE_INTEGER : given.until
        const filter = { ...given, since: Math.max(given.since, after(now, -BACKFILL_MS)), until, order: 'oldest' as const }

        const sent = new Set<string>()
        // What happens while the past is read waits for it.
        let waiting: Event[] | undefined = []
        stop = hub.subscribe((told) => {
          if (told.type !== 'event' || !matchesEvent(filter, told.event)) return
          if (waiting === undefined) send(told.event)
          else if (waiting.length < WAITING_MAX) waiting.push(told.event)
        })
        if (asked.data.backfill) {
          let place: EventPlace | null = null
          while (socket.readyState === socket.OPEN) {
            const page: readonly Event[] = await events.list(filter, BACKFILL_PAGE, place)
            const last = page.at(-1)
            if (last === undefined) break
            for (const event of page) sent.add(event.id)
            // The next page waits until the client has this one: the past is not dropped.
            await new Promise<void>((resolve) => page.forEach((event) => write(event, event === last ? resolve : undefined)))
            if (page.length < BACKFILL_PAGE) break
            place = { occurredAt: last.occurredAt, id: last.id }
          }
        }
        const held = waiting
        waiting = undefined
        for (const event of held) if (!sent.has(event.id)) send(event)
      },
      closed: () => stop?.(),
    }

    function send(event: Event): void {
      if (socket.readyState === socket.OPEN && socket.bufferedAmount <= BEHIND_MAX_BYTES) write(event)
    }

    /** `done` is called when it was sent, or cannot be. */
    function write(event: Event, done?: () => void): void {
      socket.send(JSON.stringify({ type: 'event', event: eventToWire(event) }), done)
    }
  }
}

function parsed(text: string): unknown {
  try {
    return parseLiterally(text)
  } catch (cause) {
    throw new TuttiError('INVALID_REQUEST', 'a frame is no JSON', { cause })
  }
}
