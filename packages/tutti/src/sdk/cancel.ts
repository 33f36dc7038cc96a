import { TuttiError } from '../core/errors.ts'
import { isTerminal } from '../core/state.ts'
import type { EngineSource } from '../engine/call-flow.ts'

/** Asks a run to end. One that runs in this process is told at once, another through the store by its holder's next beat. */
export async function cancelRun(id: string, source: EngineSource, message = 'cancelled on request'): Promise<void> {
  const engine = await source()
  const decision = await engine.orchestrator.flowRuns.command(id, { type: 'cancel', message })
  if (decision.type === 'reject') {
    const run = await engine.orchestrator.flowRuns.get(id)
    if (isTerminal(run.state.type))
      throw new TuttiError('TRANSITION_REJECTED', `flow run ${run.name} (${id}) cannot be cancelled: ${decision.reason}`)
  }
  engine.active.get(id)?.stop({ type: 'cancelled', message })
}
