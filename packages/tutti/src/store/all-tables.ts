import type { Clock } from '../core/time.ts'
import { artifactTable } from './artifacts.ts'
import { backfillTable } from './backfills.ts'
import { blockTable } from './blocks.ts'
import { calendarTable } from './calendars.ts'
import { cacheTable } from './caches.ts'
import { claimTable } from './claims.ts'
import { concurrencyTable } from './concurrency.ts'
import { deploymentVersionTable } from './deployment-versions.ts'
import { deploymentTable } from './deployments.ts'
import { dueRunTable } from './due-runs.ts'
import { eventListTable } from './event-lists.ts'
import { eventTable } from './events.ts'
import { flowRunInputTable } from './flow-run-inputs.ts'
import { flowRunTable } from './flow-runs.ts'
import { flowPageTable } from './flow-pages.ts'
import { flowTable } from './flows.ts'
import { journalTable } from './journal.ts'
import { listingTable } from './listings.ts'
import { logPageTable } from './log-pages.ts'
import { logTable } from './logs.ts'
import { overdueTable } from './overdue.ts'
import { maintenanceModeTable } from './maintenance-modes.ts'
import type { Tables } from './port.ts'
import { resultTable } from './results.ts'
import { retentionTable } from './retention.ts'
import { countMarks, runCountTable } from './run-counts.ts'
import { runPageTable } from './run-pages.ts'
import { taskRunPageTable } from './task-run-pages.ts'
import { savedSearchTable } from './saved-searches.ts'
import { taskRunTable } from './task-runs.ts'
import { turnTable } from './turns.ts'
import { variableTable } from './variables.ts'
import { workPoolTable } from './work-pools.ts'
import { workQueueTable } from './work-queues.ts'
import { workerTable } from './workers.ts'

export function createTables(clock: Clock): Tables {
  const marks = countMarks(clock)
  return {
    flows: flowTable(),
    flowPages: flowPageTable(),
    flowRuns: flowRunTable(marks),
    taskRuns: taskRunTable(marks),
    journal: journalTable(),
    logs: logTable(),
    logPages: logPageTable(),
    runPages: runPageTable(),
    taskRunPages: taskRunPageTable(),
    listings: listingTable(),
    caches: cacheTable(),
    events: eventTable(),
    eventLists: eventListTable(),
    concurrency: concurrencyTable(),
    workPools: workPoolTable(),
    workQueues: workQueueTable(),
    workers: workerTable(),
    deployments: deploymentTable(),
    deploymentVersions: deploymentVersionTable(),
    dueRuns: dueRunTable(),
    claims: claimTable(),
    results: resultTable(),
    variables: variableTable(),
    flowRunInputs: flowRunInputTable(),
    artifacts: artifactTable(),
    blocks: blockTable(),
    retention: retentionTable(marks),
    overdue: overdueTable(),
    turns: turnTable(),
    runCounts: runCountTable(),
    savedSearches: savedSearchTable(),
    calendars: calendarTable(),
    backfills: backfillTable(),
    maintenanceModes: maintenanceModeTable(),
  }
}
