import { randomFillSync } from 'node:crypto'
import { createIds } from '../core/id.ts'
import type { Ids, Random } from '../core/id.ts'
import type { Clock } from '../core/time.ts'

/** Cryptographic bytes for ids; `Math.random` for jitter, where nobody gains from guessing. */
export function systemRandom(): Random {
  return {
    next: () => Math.random(),
    bytes(into) {
      randomFillSync(into)
    },
  }
}

export function systemIds(clock: Clock): Ids {
  const random = systemRandom()
  return createIds(() => clock.now(), random)
}
