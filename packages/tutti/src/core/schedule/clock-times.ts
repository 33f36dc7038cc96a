import type { Instant } from '../time.ts'
import { fromLocal, nextOffsetChange, offsetAt, toLocal } from './time-zone.ts'
import type { LocalTime } from './time-zone.ts'

/** The first time on the wall's clock that is wanted, from one on, that one included. */
export type NextLocal = (from: LocalTime) => LocalTime | undefined

/** A time of a schedule, and what the clock is to show at it: where that was skipped, it shows something else. */
export interface ClockTime {
  readonly at: Instant
  readonly wanted: LocalTime
}

/**
 * Instants at which the clocks of a zone show wanted times, each time once: one that exists twice at its first, and those of a gap, all
 * together, at the first moment after it.
 */
export function* eachOnce(next: NextLocal, zone: string, from: Instant): Generator<ClockTime, void> {
  let last = from - 1
  // Where a gap ends just now, its times are due now.
  let wanted = next(toLocal(from - 1, zone) + 1)
  while (wanted !== undefined) {
    const at = fromLocal(wanted, zone, 'end')
    if (at > last) {
      yield { at, wanted }
      last = at
    }
    wanted = next(wanted + 1)
  }
}

/** Instants at which the clocks of a zone show wanted times, whenever they do: those of a gap never, those that exist twice twice. */
export function* wheneverShown(next: NextLocal, zone: string, from: Instant): Generator<ClockTime, void> {
  let now = from
  while (true) {
    const offset = offsetAt(now, zone)
    const wanted = next(now + offset)
    // After a change the clocks may show earlier times again.
    const at = wanted === undefined ? undefined : wanted - offset
    const change = nextOffsetChange(zone, now, at ?? now + CHANGES_WITHIN)
    if (change !== undefined && (at === undefined || change.at <= at)) now = change.at
    else if (at === undefined || wanted === undefined) return
    else {
      yield { at, wanted }
      now = at + 1
    }
  }
}

/** A schedule without any more times is looked at so far ahead: its last ones may be shown again. */
const CHANGES_WITHIN = 86_400_000_000
