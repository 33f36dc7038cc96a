import type { Tell, Told } from '../core/told.ts'

/** Passes what is committed on to those who look at it now. */
export interface Hub {
  readonly tell: Tell
  /** The returned function ends it. */
  subscribe(hear: (told: Told) => void): () => void
}

export function createHub(): Hub {
  const hearers = new Set<(told: Told) => void>()
  return {
    tell(told) {
      if (hearers.size === 0) return
      for (const fact of told) for (const hear of hearers) hear(fact)
    },
    subscribe(hear) {
      hearers.add(hear)
      return () => void hearers.delete(hear)
    },
  }
}
