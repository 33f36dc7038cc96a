import type { Clock, Instant } from '../core/time.ts'
import { elapsedMs } from '../core/time.ts'

/** What a reader has of a task run. */
export interface Had {
  readonly sequence: number
  readonly timestamp: Instant
  readonly stateId: string
  readonly name: string
  /** The message that told it. */
  readonly message: number
}

/**
 * What those who follow the task runs of a run have been told, for a while after their connection has ended: whoever comes back is told only
 * what it lacks. Whoever is not remembered, as by another server, is told everything again.
 */
export interface TaskRunReaders {
  /** What was told up to the event of this id, and may be added to. */
  open(lastEventId: string): Reader
}

export interface Reader {
  readonly had: Map<string, Had>
  idOf(message: number): string
  /** How many messages it has got over earlier connections. */
  readonly messages: number
  close(): void
}

const KEPT_MS = 60_000
/** Of all who may come back. */
const KEPT_ROWS_MAX = 200_000

interface Place {
  readonly had: Map<string, Had>
  closedAt: Instant | null
}

export function createTaskRunReaders(clock: Clock): TaskRunReaders {
  // Tells this server's places from those of another one, and of this one before it was started again.
  const prefix = clock.now().toString(36)
  const places = new Map<string, Place>()
  let opened = 0

  function forget(): void {
    let rows = 0
    // The last that were opened are kept first.
    for (const [key, { had, closedAt }] of [...places].toReversed()) {
      if (closedAt === null) continue
      rows += had.size
      if (rows > KEPT_ROWS_MAX || elapsedMs(closedAt, clock.now()) > KEPT_MS) places.delete(key)
    }
  }

  return {
    open(lastEventId) {
      forget()
      const [, former = '', message = '0'] = /^([\w-]{1,40})\.(\d{1,9})$/.exec(lastEventId) ?? []
      const messages = Number(message)
      const before = places.get(former)?.had ?? new Map<string, Had>()
      const had = new Map([...before].filter(([, each]) => each.message <= messages))
      const place: Place = { had, closedAt: null }
      opened += 1
      const key = `${prefix}-${opened}`
      places.set(key, place)
      return {
        had,
        messages,
        idOf: (count) => `${key}.${count}`,
        // Also of a stream that was told to its end: the end may not have arrived.
        close() {
          place.closedAt = clock.now()
          forget()
        },
      }
    },
  }
}
