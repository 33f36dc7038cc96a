import type { Ids } from '../core/id.ts'
import type { Liveness, Orchestrator } from '../core/orchestrator.ts'
import type { Clock } from '../core/time.ts'
import type { Store } from '../store/port.ts'
import { flowRunOperations } from './flow-runs.ts'
import { journalOperations } from './journal.ts'
import { maintenanceOperations } from './maintenance.ts'
import { flowOperations, logOperations, taskRunOperations } from './readings.ts'
import { folderFiles, memoryFiles } from './results.ts'
import type { ResultFiles } from './results.ts'

export interface OrchestratorDeps {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly liveness: Liveness
  /** Where large results are kept; `null`: in memory, for a store that is in memory too. */
  readonly resultsFolder: string | null
  /** Instead of a folder: files that several orchestrators share. */
  readonly files?: ResultFiles
}

/** The one door to state, over a database of this process. */
export function createOrchestrator({ resultsFolder, files = resultFiles(resultsFolder), ...rest }: OrchestratorDeps): Orchestrator {
  const deps = { ...rest, files }
  return {
    flowRuns: flowRunOperations(deps),
    taskRuns: taskRunOperations(deps),
    journal: journalOperations(deps),
    logs: logOperations(deps),
    flows: flowOperations(deps),
    results: { write: files.write, read: files.read },
    maintenance: maintenanceOperations(deps),
    close: () => deps.store.close(),
  }
}

export function resultFiles(folder: string | null): ResultFiles {
  return folder === null ? memoryFiles() : folderFiles(folder)
}
