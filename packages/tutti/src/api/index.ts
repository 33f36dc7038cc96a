import { admin } from './admin.ts'
import { artifacts } from './artifacts.ts'
import { automations } from './automations.ts'
import { backfills } from './backfills.ts'
import { blockDocuments, blockSchemas, blockTypes } from './blocks.ts'
import { calendars } from './calendars.ts'
import { claims } from './claims.ts'
import { collections } from './collections.ts'
import { concurrency } from './concurrency.ts'
import { deployments } from './deployments.ts'
import { deploys } from './deploys.ts'
import { events } from './events.ts'
import { explanations } from './explanations.ts'
import { flowPages, overviews } from './flow-pages.ts'
import { flowRuns } from './flow-runs.ts'
import { flows } from './flows.ts'
import { inputs } from './inputs.ts'
import { flowLists, flowRunLists, logLists, stateLists, taskRunLists } from './lists.ts'
import { flowRunLogs, logSearch } from './log-pages.ts'
import { logs } from './logs.ts'
import { maintenance } from './maintenance.ts'
import { metrics } from './metrics.ts'
import { flowRunOutcomes, taskRunOutcomes } from './outcomes.ts'
import { reruns } from './reruns.ts'
import { root } from './root.ts'
import { runPages } from './run-pages.ts'
import { savedSearches } from './saved-searches.ts'
import { schedulePreviews } from './schedule-previews.ts'
import { slotHolders } from './slot-holders.ts'
import { tagLimits } from './tag-limits.ts'
import { taskRuns } from './task-runs.ts'
import { taskWorkers } from './task-workers.ts'
import { ui } from './ui.ts'
import { variables } from './variables.ts'
import { taskRunPages } from './task-run-pages.ts'
import { poolQueues, workQueues } from './work-queues.ts'
import { workPools } from './work-pools.ts'
import { workers } from './workers.ts'

/** Every endpoint that programs call, by noun and verb. What engines ask servers for (`engine.ts`) is between the two. */
export const api = {
  root,
  admin,
  maintenance,
  metrics,
  flows: { ...flows, ...flowLists, ...flowPages },
  flowRuns: { ...flowRuns, ...flowRunLists, ...explanations, ...reruns, ...flowRunLogs, ...flowRunOutcomes, ...runPages },
  taskRuns: { ...taskRuns, ...taskRunLists, ...taskRunOutcomes, ...taskRunPages },
  states: stateLists,
  logs: { ...logs, ...logLists, ...logSearch },
  inputs,
  deployments: { ...deployments, ...deploys },
  variables,
  savedSearches,
  calendars,
  schedules: schedulePreviews,
  backfills,
  artifacts,
  blockTypes,
  blockSchemas,
  blockDocuments,
  events,
  automations,
  concurrency: { ...concurrency, ...slotHolders },
  tagLimits,
  workPools,
  workQueues,
  poolQueues,
  workers,
  taskWorkers,
  claims,
  collections,
  ui: { ...ui, ...overviews },
} as const

export type Api = typeof api
