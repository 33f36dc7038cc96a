import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'

type OperationsOf<Noun extends keyof ServerOrchestrator> = readonly (keyof ServerOrchestrator[Noun])[]

/** Operations that only read: they are done on the thread that has been asked, over a connection of its own. All others go to the writer. */
export const READS: { readonly [Noun in Exclude<keyof ServerOrchestrator, 'close'>]?: OperationsOf<Noun> } = {
  flows: ['list', 'read', 'readByName'],
  flowRuns: ['get', 'find', 'list', 'countByState', 'states', 'explain', 'planRerun', 'look', 'read'],
  taskRuns: ['get', 'list', 'countByState', 'ofFlowRun', 'changedSince'],
  journal: ['entries', 'outcomes', 'values', 'cached'],
  waits: ['open', 'answer'],
  logs: ['list'],
  events: ['list', 'count', 'counted'],
  deployments: [
    'read',
    'readByName',
    'filter',
    'count',
    'schedules',
    'needingRuns',
    'plan',
    'listPutAside',
    'versions',
    'version',
    'jobOf',
  ],
  listings: [
    'flows',
    'flowRuns',
    'taskRuns',
    'logs',
    'count',
    'flowRunHistory',
    'taskRunHistory',
    'lateness',
    'flowRunState',
    'taskRunState',
    'taskRunStates',
    'graph',
  ],
  flowPages: ['grid', 'stats', 'flowOverviews', 'deploymentOverviews'],
  logPages: ['lines', 'find', 'search'],
  concurrency: ['read', 'list', 'leaseOfNothing'],
  runPages: ['page'],
  taskRunPages: ['page'],
  bulkRuns: ['plan'],
  slotHolders: ['list'],
  tagLimits: ['read', 'readByTag', 'list'],
  workPools: ['read', 'list', 'count', 'slots'],
  workQueues: ['read', 'list', 'slots', 'health'],
  workers: ['list'],
  claims: ['look'],
  variables: ['read', 'list', 'count', 'find', 'page'],
  savedSearches: ['read', 'list'],
  calendars: ['read', 'list'],
  schedules: ['preview'],
  backfills: ['plan', 'read', 'list'],
  flowRunInputs: ['list', 'read'],
  blocks: ['find', 'list', 'types', 'findType'],
  blockTypes: ['read', 'readBySlug', 'list'],
  blockSchemas: ['read', 'readByChecksum', 'list', 'capabilities'],
  blockDocuments: ['read', 'readByName', 'list', 'ofType', 'count', 'defaultStorage'],
  artifacts: ['read', 'latest', 'list', 'listLatest', 'count', 'countLatest'],
  storage: ['report'],
  services: ['nextLate', 'nextPauseExpiry'],
  // Files: written beside the database, by whoever is asked.
  results: ['read', 'write'],
  maintenance: ['info'],
  maintenanceMode: ['status'],
}

/** Whether an operation only reads. */
export function isRead(noun: string, verb: string): boolean {
  const reads: readonly string[] = READS[noun as 'flows'] ?? []
  return reads.includes(verb)
}
