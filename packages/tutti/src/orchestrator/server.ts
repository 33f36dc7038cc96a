import { runName } from '../core/names.ts'
import type { Random } from '../core/id.ts'
import type { SecretBox } from '../core/secret-box.ts'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import type { Tell } from '../core/told.ts'
import { artifactOperations } from './artifacts.ts'
import { backfillOperations } from './backfills.ts'
import { blockDocumentOperations } from './block-documents.ts'
import { blockSchemaOperations } from './block-schemas.ts'
import { blockTypeOperations } from './block-types.ts'
import { bulkRunOperations } from './bulk-runs.ts'
import { calendarOperations } from './calendars.ts'
import { claimOperations } from './claims.ts'
import { concurrencyOperations } from './concurrency.ts'
import { flowPageOperations } from './flow-pages.ts'
import { flowRunInputOperations } from './flow-run-inputs.ts'
import { createOrchestrator, resultFiles } from './index.ts'
import type { OrchestratorDeps } from './index.ts'
import { eventOperations } from './events.ts'
import { tagLimitOperations } from './tag-limits.ts'
import { deploymentOperations } from './deployments.ts'
import { deployOperations } from './deploys.ts'
import { listingOperations } from './listings.ts'
import { logPageOperations } from './log-pages.ts'
import { runPageOperations } from './run-pages.ts'
import { savedSearchOperations } from './saved-searches.ts'
import { scheduleOperations } from './schedules.ts'
import { serviceOperations } from './service-operations.ts'
import { slotHolderOperations } from './slot-holders.ts'
import { storageOperations } from './storage.ts'
import { toldFlowRunOperations } from './told-flow-runs.ts'
import { toldFlowOperations } from './told-flows.ts'
import { toldLogOperations } from './told-logs.ts'
import { toldTaskRunOperations } from './told-task-runs.ts'
import { variableOperations } from './variables.ts'
import { workPoolOperations } from './work-pools.ts'
import { workQueueOperations } from './work-queues.ts'
import { workerOperations } from './workers.ts'

export interface ServerOrchestratorDeps extends OrchestratorDeps {
  readonly random: Random
  /** What the data of blocks is sealed with. */
  readonly secrets: SecretBox
  readonly tell?: Tell
}

/** The one door to state with everything the protocol asks for: what a server holds. */
export function createServerOrchestrator(all: ServerOrchestratorDeps): ServerOrchestrator {
  const { resultsFolder: _, files = resultFiles(all, all.resultsFolder), ...rest } = all
  const deps = { ...rest, files, names: () => runName(all.random) }
  const orchestrator = createOrchestrator({ ...all, files })
  const flowRuns = { ...orchestrator.flowRuns, ...toldFlowRunOperations(deps) }
  return {
    ...orchestrator,
    flows: { ...orchestrator.flows, ...toldFlowOperations(deps) },
    flowRuns,
    taskRuns: { ...orchestrator.taskRuns, ...toldTaskRunOperations(deps) },
    listings: listingOperations(deps),
    flowPages: flowPageOperations(deps),
    logPages: logPageOperations(deps),
    runPages: runPageOperations(deps),
    taskRunPages: { page: (request) => deps.store.read(() => deps.store.tables.taskRunPages.page(request)) },
    bulkRuns: bulkRunOperations(deps, flowRuns),
    deployments: { ...deploymentOperations(deps), ...deployOperations(deps) },
    logs: { ...orchestrator.logs, ...toldLogOperations(deps) },
    concurrency: concurrencyOperations(deps),
    slotHolders: slotHolderOperations(deps),
    tagLimits: tagLimitOperations(deps),
    workPools: workPoolOperations(deps),
    workQueues: workQueueOperations(deps),
    workers: workerOperations(deps),
    claims: claimOperations(deps),
    events: eventOperations(deps),
    variables: { ...orchestrator.variables, ...variableOperations(deps) },
    savedSearches: savedSearchOperations(deps),
    calendars: calendarOperations(deps),
    schedules: scheduleOperations(deps),
    backfills: backfillOperations(deps),
    flowRunInputs: flowRunInputOperations(deps),
    artifacts: artifactOperations(deps),
    blockTypes: blockTypeOperations(deps),
    blockSchemas: blockSchemaOperations(deps),
    blockDocuments: blockDocumentOperations(deps),
    storage: storageOperations(deps),
    services: serviceOperations(deps),
  }
}
