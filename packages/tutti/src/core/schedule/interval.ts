import type { Instant } from '../time.ts'
import type { ClockTime } from './clock-times.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, toLocal } from './time-zone.ts'

const SECOND = 1_000_000
const DAY_S = 86_400

export function* intervalTimes(
  { intervalS, anchor, timezone }: Schedule & { readonly type: 'interval' },
  from: Instant,
): Generator<ClockTime, void> {
  const stepUs = intervalS * SECOND
  const zone = timezone ?? 'UTC'
  const inZone = zone !== 'UTC' && intervalS >= DAY_S
  const local = inZone ? toLocal(anchor, zone) : 0
  const kth = (k: number): ClockTime => {
    if (!inZone) {
      const at = Math.round(anchor + k * stepUs)
      return { at, wanted: toLocal(at, zone) }
    }
    const totalS = k * intervalS
    const days = Math.floor(totalS / DAY_S)
    const rest = Math.round((totalS - days * DAY_S) * SECOND)
    const wanted = local + days * DAY_S * SECOND
    const at = fromLocal(wanted, zone) + rest
    // What is elapsed time skips nothing.
    return { at, wanted: rest === 0 ? wanted : toLocal(at, zone) }
  }
  // Days of the calendar differ from elapsed time by hours: the first candidate lies one step before.
  for (let k = Math.ceil((from - anchor) / stepUs) - (inZone ? 1 : 0); ; k++) {
    const time = kth(k)
    if (time.at >= from) yield time
  }
}
