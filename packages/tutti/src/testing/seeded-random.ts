import type { Random } from '../core/id.ts'

/** Randomness that is the same for the same seed (a linear step and a mixing function; good enough for tests, worthless for secrets). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0

  function next32(): number {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return (mixed ^ (mixed >>> 16)) >>> 0
  }

  return {
    next: () => next32() / 0x1_0000_0000,
    bytes(into) {
      for (let at = 0; at < into.length; at++) into[at] = next32() & 0xff
    },
  }
}
