import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import type { Tell } from '../core/told.ts'
import { createOrchestrator, resultFiles } from './index.ts'
import type { OrchestratorDeps } from './index.ts'
import { flowOperations } from './readings.ts'
import { toldFlowOperations } from './told-flows.ts'

export interface ServerOrchestratorDeps extends OrchestratorDeps {
  readonly tell?: Tell
}

/** The one door to state with everything the protocol asks for: what a server holds. */
export function createServerOrchestrator(all: ServerOrchestratorDeps): ServerOrchestrator {
  const { resultsFolder, files = resultFiles(resultsFolder), ...rest } = all
  const deps = { ...rest, files }
  return {
    ...createOrchestrator({ ...all, files }),
    flows: { ...flowOperations(deps), ...toldFlowOperations(deps) },
  }
}
