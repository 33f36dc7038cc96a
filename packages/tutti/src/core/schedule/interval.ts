import type { Instant } from '../time.ts'
import type { Schedule } from './schedule.ts'
import { fromLocal, toLocal } from './time-zone.ts'

const SECOND = 1_000_000
const DAY_S = 86_400

export function* intervalTimes(
  { intervalS, anchor, timezone }: Schedule & { readonly type: 'interval' },
  from: Instant,
): Generator<Instant, void> {
  const stepUs = intervalS * SECOND
  const zone = timezone ?? 'UTC'
  const inZone = zone !== 'UTC' && intervalS >= DAY_S
  const local = inZone ? toLocal(anchor, zone) : 0
  const at = (k: number): Instant => {
    if (!inZone) return Math.round(anchor + k * stepUs)
    const totalS = k * intervalS
    const days = Math.floor(totalS / DAY_S)
    return Math.round(fromLocal(local + days * DAY_S * SECOND, zone) + (totalS - days * DAY_S) * SECOND)
  }
  // Days of the calendar differ from elapsed time by hours: the first candidate lies one step before.
  for (let k = Math.ceil((from - anchor) / stepUs) - (inZone ? 1 : 0); ; k++) {
    const time = at(k)
    if (time >= from) yield time
  }
}
