import { z } from 'zod'
import { eventFilter } from '../api/event-filters.ts'
import { eventToWire } from '../api/events.ts'
import { TuttiError } from '../core/errors.ts'
import type { Event } from '../core/event.ts'
import { matchesEvent } from '../core/event-filter.ts'
import type { EventFilter } from '../core/event-filter.ts'
import type { EventOperations, EventPlace, EventPage } from '../core/event-operations.ts'
import { flowRunEvent, isPlan, relatedOf } from '../core/flow-run-event.ts'
import { parseLiterally } from '../core/literal-json.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Hub } from './hub.ts'
import { CLOSED } from './sockets.ts'
import type { Conversation } from './sockets.ts'

const BACKFILL_MS = 15 * 60 * 1000
const BACKFILL_PAGE = 250
/** Bytes that wait for a client that does not read; what comes beyond is dropped. */
const BEHIND_MAX_BYTES = 8 * 1024 * 1024
/** Events that wait until the past was told; of more than these the newest are dropped. */
const WAITING_MAX = 10_000
/** Ids that are remembered, so that nothing is sent twice. */
const SENT_MAX = 20_000
/** How long an event of another server may have been on its way. */
const LOOKED_BACK_MS = 60_000

const request = z.object({ type: z.literal('filter'), filter: eventFilter, backfill: z.boolean().default(true) })

/** `/events/out`: the client sends a filter; events that meet it follow, first those of the last minutes, then new ones as they come. */
export function eventsOut(events: EventOperations, hub: Hub, clock: Clock): Conversation {
  return (socket) => {
    const sent = new Set<string>()
    let stop: (() => void) | undefined
    let looking: Promise<void> = Promise.resolve()

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

        // What happens while the past is read waits for it.
        let waiting: Event[] | undefined = []
        stop = hub.subscribe((told) => {
          if (told.type === 'changed' && told.noun === 'events' && told.id === '') return lookAgain()
          const event = eventOf(told, clock)
          if (event === undefined || !matchesEvent(filter, event)) return
          if (waiting === undefined) send(event)
          else if (waiting.length < WAITING_MAX) waiting.push(event)
        })
        if (asked.data.backfill) await sendStored(filter)
        const held = waiting
        waiting = undefined
        for (const event of held) send(event)

        /** Many events have come to the database by other servers: too many to be named. */
        function lookAgain(): void {
          const since = Math.max(filter.since, after(clock.now(), -LOOKED_BACK_MS))
          looking = looking.then(() => sendStored({ ...filter, since })).catch(() => socket.close(CLOSED.failed))
        }
      },
      closed: () => stop?.(),
    }

    /** The next page waits until the client has this one: the past is not dropped. */
    async function sendStored(filter: EventFilter): Promise<void> {
      let place: EventPlace | null = null
      while (socket.readyState === socket.OPEN) {
        const page: EventPage = await events.list(filter, BACKFILL_PAGE, place)
        const fresh = page.events.filter(isFresh)
        if (fresh.length > 0)
          await new Promise<void>((resolve) => fresh.forEach((event) => write(event, event === fresh.at(-1) ? resolve : undefined)))
        if (page.rest === null) return
        place = page.rest
      }
    }

    /** An event may be heard of more than once: read, told, and told by another server. */
    function isFresh({ id }: Event): boolean {
      if (sent.has(id)) return false
      if (sent.size >= SENT_MAX) sent.delete(sent.values().next().value!) // there is one
      sent.add(id)
      return true
    }

    function send(event: Event): void {
      if (socket.readyState === socket.OPEN && socket.bufferedAmount <= BEHIND_MAX_BYTES && isFresh(event)) write(event)
    }

    /** `done` is called when it was sent, or cannot be. */
    function write(event: Event, done?: () => void): void {
      socket.send(JSON.stringify({ type: 'event', event: eventToWire(event) }), done)
    }
  }
}

/** What is told, as an event. Flow runs of our own engine write none: their history is what is kept. */
function eventOf(told: Told, clock: Clock): Event | undefined {
  if (told.type === 'event') return told.event
  if (told.type !== 'flow-run' || isPlan(told.run, told.from)) return undefined
  return flowRunEvent({ run: told.run, from: told.from, receivedAt: clock.now() }, relatedOf(told.run))
}

function parsed(text: string): unknown {
  try {
    return parseLiterally(text)
  } catch (cause) {
    throw new TuttiError('INVALID_REQUEST', 'a frame is no JSON', { cause })
  }
}
