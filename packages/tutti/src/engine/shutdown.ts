import type { JournalOperation } from '../core/orchestrator.ts'
import { defaultStateName } from '../core/state.ts'
import type { ActiveRun } from './active-run.ts'
import type { Engine } from './engine.ts'

/** Asks every run of this process to end, and resolves when all have: signals, grace period, hooks, Cancelled. */
export async function cancelAll(engine: Engine, message: string): Promise<void> {
  const roots = [...engine.active.values()].filter((active) => active.parent === null)
  await Promise.allSettled(roots.map((active) => engine.orchestrator.flowRuns.command(active.run.id, { type: 'cancel', message })))
  for (const active of roots) active.stop({ type: 'cancelled', message })
  await Promise.all(roots.map((active) => active.finished))
}

/**
 * Records, within this call, how the runs of a process that ends now end: cancelled if that was asked for, else crashed with the reason.
 * What is finished and not yet written is written first. Children come before their parents.
 *
 * @param onPurpose - somebody ends the process: runs that would go on after a crash do, and it is none of their crashes.
 */
export function endAll(engine: Engine, reason: string, { onPurpose = false }: { readonly onPurpose?: boolean } = {}): number {
  const runs = [...engine.active.values()].reverse()
  const ends = runs.map((active): JournalOperation => {
    const cancelled = active.halt?.type === 'cancelled'
    const command = cancelled
      ? ({ type: 'cancelled', message: reason } as const)
      : ({ type: 'crash', message: reason, ...(onPurpose ? { onPurpose } : undefined) } as const)
    return { type: 'command', flowRunId: active.run.id, attempt: active.run.attempt, command, parent: null }
  })
  const written = engine.journal.drainNow(ends)
  const endedBefore = new Set(written.filter((operation) => operation.type === 'command').map(({ flowRunId }) => flowRunId))
  for (const active of runs) {
    // Ended once: the process may come by here again, from its last signal to its exit.
    engine.active.delete(active.run.id)
    if (!endedBefore.has(active.run.id)) tellEnded(active, reason)
  }
  for (const [id, message] of engine.abandoned) {
    // Told once: a store that answers later would empty the event loop again, and bring the process by here for ever.
    engine.abandoned.delete(id)
    void engine.orchestrator.flowRuns.command(id, { type: 'crash', message }).catch(() => undefined)
  }
  return runs.length
}

/** Whoever watches hears of it now: nothing that is awaited comes back in a process that ends. */
function tellEnded({ run, engine, parent, book, halt }: ActiveRun, message: string): void {
  const type = halt?.type === 'cancelled' ? 'cancelled' : 'crashed'
  engine.observers.flowRun({
    id: run.id,
    name: run.name,
    flowName: run.flowName,
    parentFlowRunId: parent?.active.run.id ?? null,
    state: { id: run.state.id, type, name: defaultStateName(type), timestamp: engine.clock.now(), message },
    attempt: run.attempt,
    replaying: book.size,
  })
}
