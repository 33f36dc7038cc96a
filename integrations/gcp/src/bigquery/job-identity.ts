import { createHash, randomUUID } from 'node:crypto'
import { isTuttiError, run } from 'tutti'
import type { RunAccess } from 'tutti'

/** The run this code is in, if any. */
export function currentRun(): RunAccess | undefined {
  try {
    return run()
  } catch (error) {
    if (isTuttiError(error, 'NOT_IN_A_RUN')) return undefined
    throw error
  }
}

/** Aborts when the run does, or what is given. */
export function stopSignal(given: AbortSignal | undefined): AbortSignal | undefined {
  const signals = [currentRun()?.signal, given].filter((signal) => signal !== undefined)
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0]
}

/** What a job is known by. */
export interface JobIdentity {
  /** Of one call in one run over all of its attempts; of a call outside of runs, of nobody else. */
  readonly base: string
  /** Another attempt may have started it already. */
  readonly isShared: boolean
}

/**
 * Follows from the run, from what is done and from how often the run did just that before: a run that is tried again or resumed
 * finds its jobs.
 *
 * @param what - everything about the call that makes it another call, or the name the user gave it.
 */
export function jobIdentity(kind: string, what: unknown): JobIdentity {
  const hash = createHash('sha256').update(JSON.stringify(what)).digest('hex')
  const key = currentRun()?.keyFor(`bigquery:${kind}:${hash}`)
  return { base: `tutti_${kind}_${key ?? randomUUID().replaceAll('-', '')}`, isShared: key !== undefined }
}
