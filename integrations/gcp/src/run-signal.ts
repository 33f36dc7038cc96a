import { isTuttiError, run } from 'tutti'

/** What stops a transfer: the signal that is given, else that of the run this code is in, so that a run that is cancelled transfers nothing more. */
export function stopSignal(given: AbortSignal | undefined): AbortSignal | undefined {
  if (given !== undefined) return given
  try {
    return run().signal
  } catch (error) {
    if (isTuttiError(error, 'NOT_IN_A_RUN')) return undefined
    throw error
  }
}
