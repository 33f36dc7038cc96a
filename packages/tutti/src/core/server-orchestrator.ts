import type { ToldFlowOperations } from './flow.ts'
import type { FlowOperations, Orchestrator } from './orchestrator.ts'

/** The one door to state as the server holds it: everything an engine needs, and what the protocol asks for beyond it. */
export interface ServerOrchestrator extends Orchestrator {
  readonly flows: FlowOperations & ToldFlowOperations
}
