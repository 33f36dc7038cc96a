import { isTuttiError } from '../core/errors.ts'
import type { LeaseHolder } from '../core/lease.ts'
import type { ActiveRun } from './active-run.ts'
import type { Engine } from './engine.ts'
import { messageOf } from './thrown.ts'

/** How soon a store that could not be told is tried again. */
const TELL_AGAIN_MS = 5_000

/**
 * This process does not go on with a run, and the store may not have said whether it was ever begun or taken: if this process holds it, it is
 * told to be crashed, so that it can be resumed from here or anywhere. A run that another process has taken meanwhile is left alone. What the
 * store does not take now is told again until it does, at the latest at the end of the process.
 */
export async function giveUp(
  engine: Engine,
  id: string,
  { message, mine }: { readonly message: string; readonly mine?: ActiveRun },
): Promise<void> {
  const { flowRuns, journal } = engine.orchestrator
  try {
    const { lease, attempt } = await flowRuns.get(id)
    const active = engine.active.get(id)
    // Somebody has resumed it in this process.
    if (active !== undefined && active !== mine && active.run.attempt === attempt) return
    if (lease === null || !isSame(lease.holder, engine.liveness.self())) return
    await journal.flush([{ type: 'command', flowRunId: id, attempt, command: { type: 'crash', message }, parent: null }])
    engine.abandoned.delete(id)
  } catch (error) {
    if (isTuttiError(error, 'FLOW_RUN_NOT_FOUND')) return
    engine.abandoned.set(id, message)
    engine.clock.timer(TELL_AGAIN_MS, () => void giveUp(engine, id, { message }))
  }
}

/** A run that this process took, or may have taken, and cannot go on with: it must not seem to be running for as long as the process lives. */
export async function orGiveUp<T>(engine: Engine, id: string, what: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    // Refused: the store is well, and the run is another's.
    if (!isTuttiError(error, 'TRANSITION_REJECTED') && !isTuttiError(error, 'FLOW_RUN_NOT_FOUND'))
      await giveUp(engine, id, { message: `${what}: ${messageOf(error)}` })
    throw error
  }
}

function isSame(one: LeaseHolder, other: LeaseHolder): boolean {
  return one.host === other.host && one.bootId === other.bootId && one.pid === other.pid && one.processStart === other.processStart
}
