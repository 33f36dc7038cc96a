import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { TuttiError } from '../core/errors.ts'
import { dateFromInstant } from '../core/time.ts'
import type { World } from './world.ts'

/** The time of a test. */
export interface TestClock {
  now(): Date
  /** Passes time: every delay, timeout and lease on the way ends at its moment. Not for the system's clock. */
  advance(duration: Duration): Promise<void>
  /** Waits on this clock; in a task it makes slow work that costs no real time. */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>
  /** Time stands still until the promise settles: for work that Node does not tell of, such as a native addon's. */
  hold<T>(work: Promise<T>): Promise<T>
}

export function testClock({ clock, virtual }: World): TestClock {
  return {
    now: () => dateFromInstant(clock.now()),
    async advance(duration) {
      if (virtual === undefined) throw new TuttiError('INVALID_OPTION', "clock.advance: with clock: 'system' time passes by itself")
      await virtual.advance(parseDuration(duration, 'clock.advance'))
    },
    sleep: (duration, signal) => clock.sleep(parseDuration(duration, 'clock.sleep'), signal),
    hold: (work) => (virtual === undefined ? work : virtual.hold(work)),
  }
}
