import { elapsedMs } from '../core/time.ts'
import type { Tutti } from '../index.ts'
import { messageOf } from './error-report.ts'
import { printLine } from './print.ts'
import type { World } from './world.ts'

/** Exit codes of a run's end, as shells and schedulers read them. */
export const FAILED = 1
export const INTERRUPTED = 130
const TERMINATED = 143

/** A package manager passes Ctrl-C on to a command that got it from the terminal already: two so near are one. */
const SAME_PRESS_MS = 200

export interface Signals {
  /** The exit code of the signal that came; `undefined` when none did. */
  code(): number | undefined
  stop(): void
}

/** While runs are under way: Ctrl-C cancels them, a second one ends the process at once; what is finished is recorded either way. */
export function handleSignals({ listen, errors, clock, exit }: World, tutti: Pick<Tutti, 'cancelAll' | 'endNow'>): Signals {
  let code: number | undefined
  let firstAt = 0
  const stop = listen({
    onStop(signal) {
      const now = clock.now()
      if (code === undefined) {
        code = signal === 'SIGINT' ? INTERRUPTED : TERMINATED
        firstAt = now
        printLine(
          errors,
          `Cancelling (${signal}). ${signal === 'SIGINT' ? 'Press Ctrl-C again to end at once; ' : ''}what is finished is kept.`,
        )
        void tutti.cancelAll(`the process got ${signal}`)
        return
      }
      if (elapsedMs(firstAt, now) < SAME_PRESS_MS) return
      tutti.endNow(`the process got ${signal} again`)
      exit(code)
    },
    onIdle() {
      tutti.endNow('the event loop is empty, so what the run waits for can never happen')
      printLine(errors, 'Error: the run waits for something that can never happen: no timer, connection or file is open.')
      exit(FAILED)
    },
    onExit(exitCode, thrown) {
      const why =
        thrown === undefined
          ? `with exit code ${exitCode} while the run was running`
          : `because of an error that nobody caught: ${messageOf(thrown.error)}`
      tutti.endNow(`the process ended ${why}`)
    },
  })
  return { code: () => code, stop }
}
