import { eventIn } from '../api/events.ts'
import { TuttiError } from '../core/errors.ts'
import type { EventOperations, ToldEvent } from '../core/event-operations.ts'
import { parseLiterally } from '../core/literal-json.ts'
import type { Clock } from '../core/time.ts'
import type { Conversation } from './sockets.ts'

/** Events that are written together. */
const BATCH_MAX = 200

/** `/events/in`: every frame is one event. There are no answers but pongs, which say that all before them is written. */
export function eventsIn(events: EventOperations, clock: Clock): Conversation {
  return () => {
    const waiting: ToldEvent[] = []
    let writing: Promise<void> | undefined
    let failure: { readonly error: unknown } | undefined

    async function writeAll(): Promise<void> {
      try {
        while (waiting.length > 0) await events.append(waiting.splice(0, BATCH_MAX))
      } catch (error) {
        failure = { error }
      } finally {
        writing = undefined
      }
    }

    return {
      message(text) {
        if (failure !== undefined) throw failure.error
        waiting.push(read(text)(clock.now()))
        // What comes while a batch is written makes the next one.
        writing ??= writeAll()
        return waiting.length > BATCH_MAX ? writing : undefined
      },
      async settled() {
        await writing
        if (failure !== undefined) throw failure.error
      },
    }
  }
}

function read(text: string): (receivedAt: number) => ToldEvent {
  let frame: unknown
  try {
    frame = parseLiterally(text)
  } catch (cause) {
    throw new TuttiError('INVALID_REQUEST', 'an event is no JSON', { cause })
  }
  const told = eventIn.safeParse(frame)
  if (!told.success) throw new TuttiError('INVALID_REQUEST', `an event cannot be read: ${told.error.message}`, { cause: told.error })
  return told.data
}
