import type { JournalOperation } from '../core/orchestrator.ts'
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
 */
export function endAll(engine: Engine, reason: string): number {
  const runs = [...engine.active.values()].reverse()
  const ends = runs.map((active): JournalOperation => {
    const cancelled = active.halt?.type === 'cancelled'
    const command = cancelled ? ({ type: 'cancelled', message: reason } as const) : ({ type: 'crash', message: reason } as const)
    return { type: 'command', flowRunId: active.run.id, attempt: active.run.attempt, command, parent: null }
  })
  engine.journal.drainNow(ends)
  for (const [id, message] of engine.abandoned)
    void engine.orchestrator.flowRuns.command(id, { type: 'crash', message }).catch(() => undefined)
  return runs.length
}
