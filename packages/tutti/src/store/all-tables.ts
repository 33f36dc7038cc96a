import { cacheTable } from './caches.ts'
import { concurrencyTable } from './concurrency.ts'
import { eventTable } from './events.ts'
import { flowRunTable } from './flow-runs.ts'
import { flowTable } from './flows.ts'
import { journalTable } from './journal.ts'
import { logTable } from './logs.ts'
import type { Tables } from './port.ts'
import { resultTable } from './results.ts'
import { retentionTable } from './retention.ts'
import { taskRunTable } from './task-runs.ts'

export function createTables(): Tables {
  return {
    flows: flowTable(),
    flowRuns: flowRunTable(),
    taskRuns: taskRunTable(),
    journal: journalTable(),
    logs: logTable(),
    caches: cacheTable(),
    events: eventTable(),
    concurrency: concurrencyTable(),
    results: resultTable(),
    retention: retentionTable(),
  }
}
