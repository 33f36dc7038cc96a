import { elapsedMs } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { Tell, Told } from '../core/told.ts'
import { createBell } from './bell.ts'

/** Wakes requests that wait for work when something was changed that may have made some. */
export interface Wake {
  readonly tell: Tell
  /** Everything that is told from now on is heard. */
  listen(): Listener
  /** How many listen. */
  readonly listeners: number
  /** The server ends: nobody waits any longer. */
  close(): void
  /** Aborts when it does. */
  readonly ended: AbortSignal
}

export interface Listener {
  /** Resolves when something was told since the last call, when it is time, when the signal aborts or the server ends. */
  heardOr(until: Instant, signal: AbortSignal): Promise<void>
  stop(): void
  /** Whether it is worth waiting: the server goes on. */
  readonly isOpen: boolean
}

export function createWake(clock: Clock): Wake {
  const listeners = new Set<() => void>()
  const ended = new AbortController()

  return {
    tell(told) {
      if (told.some(mayMakeWork)) for (const hear of listeners) hear()
    },

    ended: ended.signal,

    get listeners() {
      return listeners.size
    },

    close() {
      ended.abort()
      for (const hear of listeners) hear()
    },

    listen() {
      const bell = createBell(clock)
      listeners.add(bell.ring)
      return {
        get isOpen() {
          return !ended.signal.aborted
        },
        stop: () => void listeners.delete(bell.ring),
        heardOr: (until, signal) => bell.heardOr(Math.max(0, elapsedMs(clock.now(), until)), signal),
      }
    },
  }
}

/** A run became due, or one ended and left room, or a pool, a queue or a limit was changed. */
function mayMakeWork(told: Told): boolean {
  switch (told.type) {
    case 'flow-run':
      return told.run.state.type === 'scheduled' || (told.from !== null && told.run.state.type !== 'running')
    case 'changed':
      return true
    case 'task-run':
    case 'logs':
    case 'event':
      return false
  }
}
