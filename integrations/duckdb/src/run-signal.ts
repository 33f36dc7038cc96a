import { isTuttiError, run } from 'tutti'

/** What ends the work: the caller's signal, and that of the run this code is in. */
export function signalOf(given: AbortSignal | undefined): AbortSignal | undefined {
  const ofRun = runSignal()
  if (given === undefined || ofRun === undefined) return given ?? ofRun
  return AbortSignal.any([given, ofRun])
}

function runSignal(): AbortSignal | undefined {
  try {
    return run().signal
  } catch (error) {
    if (isTuttiError(error, 'NOT_IN_A_RUN')) return undefined
    throw error
  }
}

export function isInRun(): boolean {
  return runSignal() !== undefined
}
