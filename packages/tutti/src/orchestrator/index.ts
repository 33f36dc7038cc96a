import { TuttiError } from '../core/errors.ts'
import type { Ids } from '../core/id.ts'
import type { Liveness, Orchestrator } from '../core/orchestrator.ts'
import type { SecretBox } from '../core/secret-box.ts'
import type { Clock } from '../core/time.ts'
import type { Store } from '../store/port.ts'
import { artifactOperations } from './artifacts.ts'
import { blockAccess } from './block-access.ts'
import { flowRunOperations } from './flow-runs.ts'
import { journalOperations } from './journal.ts'
import { maintenanceOperations } from './maintenance.ts'
import { maintenanceModeOperations } from './maintenance-modes.ts'
import { flowOperations, logOperations, taskRunOperations } from './readings.ts'
import { folderFiles, memoryFiles } from './results.ts'
import { rerunOperations } from './reruns.ts'
import type { ResultFiles } from './results.ts'
import { storedFiles } from './stored-results.ts'
import { variableAccess } from './variable-access.ts'
import { waitOperations } from './waits.ts'

export interface OrchestratorDeps {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly liveness: Liveness
  /** What the data of blocks is sealed with; absent where nobody asks for blocks. */
  readonly secrets?: SecretBox
  /** Where large results are kept; `null`: in memory, for a store that is in memory too. */
  readonly resultsFolder: string | null
  /** Instead of a folder: files that several orchestrators share. */
  readonly files?: ResultFiles
}

/** The one door to state, over a database of this process. */
export function createOrchestrator({ resultsFolder, files, ...rest }: OrchestratorDeps): Orchestrator {
  const deps = { secrets: WITHOUT_KEY, ...rest, files: files ?? resultFiles(rest, resultsFolder) }
  return {
    flowRuns: { ...flowRunOperations(deps), ...rerunOperations(deps) },
    taskRuns: taskRunOperations(deps),
    journal: journalOperations(deps),
    waits: waitOperations(deps),
    logs: logOperations(deps),
    artifacts: { publish: artifactOperations(deps).publish },
    blocks: blockAccess(deps),
    variables: variableAccess(deps),
    flows: flowOperations(deps),
    results: { write: deps.files.write, read: deps.files.read },
    maintenance: maintenanceOperations(deps),
    maintenanceMode: maintenanceModeOperations(deps),
    close: () => deps.store.close(),
  }
}

function withoutKey(): never {
  throw new TuttiError('SECRETS_LOCKED', 'blocks are sealed, and this part of the program was given no key')
}

const WITHOUT_KEY: SecretBox = { seal: withoutKey, open: withoutKey }

/** In a folder beside the database; in the database where other machines have to find them; in memory with one that is in memory. */
export function resultFiles({ store, clock }: Pick<OrchestratorDeps, 'store' | 'clock'>, folder: string | null): ResultFiles {
  if (store.isShared) return storedFiles(store, clock)
  return folder === null ? memoryFiles() : folderFiles(folder)
}
