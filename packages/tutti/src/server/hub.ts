import type { Tell, Told } from '../core/told.ts'

/** Passes what is committed on to those who look at it now. */
export interface Hub {
  readonly tell: Tell
  /** The returned function ends it. Single task runs and log lines are told only to those who ask for `details`. */
  subscribe(hear: (told: Told) => void, options?: { readonly details: boolean }): () => void
  /** Whoever tells is told whether anybody asks for details: they cost. */
  connect(watch: (details: boolean) => void): void
}

export function createHub(): Hub {
  const hearers = new Set<(told: Told) => void>()
  const inDetail = new Set<(told: Told) => void>()
  let tellWatched: (details: boolean) => void = () => undefined

  return {
    tell(told) {
      if (hearers.size === 0) return
      for (const fact of told) {
        const wanted = fact.type === 'task-run' || fact.type === 'logs' ? inDetail : hearers
        for (const hear of wanted) hear(fact)
      }
    },
    subscribe(hear, { details } = { details: false }) {
      // A function may be given twice: each time is one of its own.
      const own = (told: Told): void => hear(told)
      hearers.add(own)
      if (details) inDetail.add(own)
      if (details && inDetail.size === 1) tellWatched(true)
      return () => {
        hearers.delete(own)
        if (inDetail.delete(own) && inDetail.size === 0) tellWatched(false)
      }
    },
    connect(watch) {
      tellWatched = watch
    },
  }
}
