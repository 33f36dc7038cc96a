import { flowsWorkload } from '../measure-flows.ts'
import type { Workload } from '../workload.ts'
import { flowWorkloads } from './flow-workloads.ts'

/** Every workload, in the order in which they run. */
export const workloads: readonly Workload[] = flowWorkloads.map(flowsWorkload)
