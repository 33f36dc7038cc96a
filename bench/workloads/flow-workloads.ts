import type { FlowWorkload } from '../flow-workload.ts'
import { fanOut } from './fan-out.ts'
import { fibonacci } from './fib.ts'
import { flowRuns } from './flow-runs.ts'
import { sequential } from './sequential.ts'

export const flowWorkloads: readonly FlowWorkload[] = [sequential, fanOut, flowRuns, fibonacci]
