import { metrics as endpoints } from '../../api/metrics.ts'
import type { ProcessStats } from '../../core/process-stats.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { StateType } from '../../core/state.ts'
import type { Metrics } from '../metrics.ts'
import type { Mount } from '../mount.ts'

/** Those an index finds; how many have ended in all is told by the history of runs. */
const UNENDED: readonly StateType[] = ['scheduled', 'pending', 'running', 'paused', 'cancelling']

export interface Measured {
  readonly metrics: Metrics
  readonly process: () => ProcessStats
}

export function mountMetrics(mount: Mount, { flowRuns }: ServerOrchestrator, { metrics, process }: Measured): void {
  mount(endpoints.text, async () => {
    const counted = await flowRuns.countByState({ states: UNENDED, limit: 1 })
    const all = Object.fromEntries(UNENDED.map((state) => [state, counted[state] ?? 0]))
    return metrics.text({ flowRuns: all, process: process() })
  })
}
