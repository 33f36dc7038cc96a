import { claims } from './claims.ts'
import { collections } from './collections.ts'
import { concurrency } from './concurrency.ts'
import { flowRuns } from './flow-runs.ts'
import { flows } from './flows.ts'
import { logs } from './logs.ts'
import { root } from './root.ts'
import { tagLimits } from './tag-limits.ts'
import { taskRuns } from './task-runs.ts'
import { poolQueues, workQueues } from './work-queues.ts'
import { workPools } from './work-pools.ts'
import { workers } from './workers.ts'

/** Every endpoint that programs call, by noun and verb. What engines ask servers for (`engine.ts`) is between the two. */
export const api = {
  root,
  flows,
  flowRuns,
  taskRuns,
  logs,
  concurrency,
  tagLimits,
  workPools,
  workQueues,
  poolQueues,
  workers,
  claims,
  collections,
}
