import type { ArtifactOperations } from './artifact.ts'
import type { BlockDocumentOperations, BlockSchemaOperations, BlockTypeOperations } from './block-operations.ts'
import type { ClaimOperations } from './claim.ts'
import type { ConcurrencyOperations, TagLimitOperations } from './concurrency-operations.ts'
import type { EventOperations } from './event-operations.ts'
import type { DeployOperations } from './deploy.ts'
import type { DeploymentOperations } from './deployment.ts'
import type { ToldFlowOperations } from './flow.ts'
import type { FlowPageOperations } from './flow-page.ts'
import type { ListingOperations } from './listing-operations.ts'
import type { FlowOperations, FlowRunOperations, LogOperations, Orchestrator, TaskRunOperations } from './orchestrator.ts'
import type { BackfillOperations } from './backfill.ts'
import type { CalendarOperations } from './calendar.ts'
import type { BulkRunOperations } from './bulk-action.ts'
import type { RunPageOperations } from './run-page.ts'
import type { SavedSearchOperations } from './saved-search.ts'
import type { ScheduleOperations } from './schedule/preview.ts'
import type { ServiceOperations } from './service-operations.ts'
import type { FlowRunInputOperations } from './flow-run-input.ts'
import type { ToldFlowRunOperations } from './told-flow-run.ts'
import type { SlotHolderOperations } from './slot-holder.ts'
import type { TaskRunPageOperations } from './task-run-page.ts'
import type { StorageOperations } from './table-sizes.ts'
import type { VariableOperations } from './variable.ts'
import type { VariableAccess } from './variable-access.ts'
import type { WorkerOperations, WorkPoolOperations, WorkQueueOperations } from './work-pool-operations.ts'
import type { LogPageOperations } from './log-page.ts'
import type { ToldLogOperations } from './told-log.ts'
import type { ToldTaskRunOperations } from './told-task-run-operations.ts'

/** The one door to state as the server holds it: everything an engine needs, and what the protocol asks for beyond it. */
export interface ServerOrchestrator extends Orchestrator {
  readonly flows: FlowOperations & ToldFlowOperations
  readonly flowRuns: FlowRunOperations & ToldFlowRunOperations
  readonly taskRuns: TaskRunOperations & ToldTaskRunOperations
  readonly logs: LogOperations & ToldLogOperations
  readonly listings: ListingOperations
  readonly flowPages: FlowPageOperations
  readonly logPages: LogPageOperations
  readonly runPages: RunPageOperations
  readonly taskRunPages: TaskRunPageOperations
  readonly bulkRuns: BulkRunOperations
  readonly deployments: DeploymentOperations & DeployOperations
  readonly concurrency: ConcurrencyOperations
  readonly slotHolders: SlotHolderOperations
  readonly tagLimits: TagLimitOperations
  readonly workPools: WorkPoolOperations
  readonly workQueues: WorkQueueOperations
  readonly workers: WorkerOperations
  readonly claims: ClaimOperations
  readonly events: EventOperations
  readonly variables: VariableAccess & VariableOperations
  readonly savedSearches: SavedSearchOperations
  readonly calendars: CalendarOperations
  readonly schedules: ScheduleOperations
  readonly backfills: BackfillOperations
  readonly flowRunInputs: FlowRunInputOperations
  readonly artifacts: ArtifactOperations
  readonly blockTypes: BlockTypeOperations
  readonly blockSchemas: BlockSchemaOperations
  readonly blockDocuments: BlockDocumentOperations
  readonly storage: StorageOperations
  readonly services: ServiceOperations
}
