import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'

type OperationsOf<Noun extends keyof ServerOrchestrator> = readonly (keyof ServerOrchestrator[Noun])[]

/** Operations that only read: they are done on the thread that has been asked, over a connection of its own. All others go to the writer. */
export const READS: { readonly [Noun in Exclude<keyof ServerOrchestrator, 'close'>]?: OperationsOf<Noun> } = {
  flows: ['list', 'read', 'readByName'],
  flowRuns: ['get', 'find', 'list', 'countByState', 'states', 'explain', 'planRerun', 'look', 'read'],
  taskRuns: ['get', 'list', 'countByState'],
  journal: ['entries', 'outcomes', 'values', 'cached'],
  logs: ['list'],
  events: ['list', 'count'],
  deployments: ['read', 'readByName', 'filter', 'count', 'schedules', 'needingRuns'],
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
  concurrency: ['read', 'list', 'leaseOfNothing'],
  tagLimits: ['read', 'readByTag', 'list'],
  workPools: ['read', 'list', 'count', 'slots'],
  workQueues: ['read', 'list', 'slots', 'health'],
  workers: ['list'],
  claims: ['look'],
  variables: ['read', 'list', 'count'],
  savedSearches: ['read', 'list'],
  flowRunInputs: ['list', 'read'],
  blockTypes: ['read', 'readBySlug', 'list'],
  blockSchemas: ['read', 'readByChecksum', 'list', 'capabilities'],
  blockDocuments: ['read', 'readByName', 'list', 'ofType', 'count', 'defaultStorage'],
  artifacts: ['read', 'latest', 'list', 'listLatest', 'count', 'countLatest'],
  services: ['nextLate', 'nextPauseExpiry'],
  // Files: written beside the database, by whoever is asked.
  results: ['read', 'write'],
  maintenance: ['info'],
  maintenanceMode: ['status'],
}
