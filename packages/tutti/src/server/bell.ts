import type { Clock } from '../core/time.ts'

/** Wakes one who waits. */
export interface Bell {
  ring(): void
  /** Resolves when it was rung since the last call, after so long, or when the signal aborts. */
  heardOr(delayMs: number, signal: AbortSignal): Promise<void>
}

export function createBell(clock: Clock): Bell {
  let isRung = false
  let awake: (() => void) | undefined
  return {
    ring() {
      isRung = true
      awake?.()
    },
    async heardOr(delayMs, signal) {
      if (!isRung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const wake = (): void => resolve()
        awake = wake
        const cancel = clock.timer(delayMs, wake)
        signal.addEventListener('abort', wake, { once: true })
        await promise
        awake = undefined
        cancel()
        // A signal may outlive many waits.
        signal.removeEventListener('abort', wake)
      }
      isRung = false
    },
  }
}
