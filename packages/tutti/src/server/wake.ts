import { elapsedMs } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { Tell, Told } from '../core/told.ts'

/** Wakes requests that wait for work when something was changed that may have made some. */
export interface Wake {
  readonly tell: Tell
  /** Everything that is told from now on is heard. */
  listen(): Listener
  /** How many listen. */
  readonly listeners: number
  /** The server ends: nobody waits any longer. */
  close(): void
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
  let isOpen = true

  return {
    tell(told) {
      if (told.some(mayMakeWork)) for (const hear of listeners) hear()
    },

    get listeners() {
      return listeners.size
    },

    close() {
      isOpen = false
      for (const hear of listeners) hear()
    },

    listen() {
      let isHeard = false
      let awake: (() => void) | undefined
      const hear = (): void => {
        isHeard = true
        awake?.()
      }
      listeners.add(hear)
      return {
        get isOpen() {
          return isOpen
        },
        stop: () => void listeners.delete(hear),
        async heardOr(until, signal) {
          if (!isHeard && !signal.aborted) {
            const { promise, resolve } = Promise.withResolvers<void>()
            awake = resolve
            const cancel = clock.timer(Math.max(0, elapsedMs(clock.now(), until)), resolve)
            signal.addEventListener('abort', () => resolve(), { once: true })
            await promise
            awake = undefined
            cancel()
          }
          isHeard = false
        },
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
