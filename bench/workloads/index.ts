import { flowsWorkload } from '../measure-flows.ts'
import type { Workload } from '../workload.ts'
import { apiLatency } from './api-latency.ts'
import { dashboard } from './dashboard.ts'
import { coldStart } from './cold-start.ts'
import { flowWorkloads } from './flow-workloads.ts'
import { deployedRuns } from './deployed-runs.ts'
import { largeFlow } from './large-flow.ts'
import { postgresFlows } from './postgres-flows.ts'
import { serverFlows } from './server-flows.ts'
import { schedules } from './schedules.ts'
import { serverRequests } from './server-requests.ts'
import { triggers } from './triggers.ts'

/** Every workload, in the order in which they run. */
export const workloads: readonly Workload[] = [
  ...flowWorkloads.map(flowsWorkload),
  coldStart,
  largeFlow,
  postgresFlows,
  serverFlows,
  serverRequests,
  apiLatency,
  deployedRuns,
  triggers,
  schedules,
  dashboard,
]
