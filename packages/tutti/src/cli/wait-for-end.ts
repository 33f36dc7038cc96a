import type { FlowRun } from '../core/flow-run.ts'
import { isTerminal } from '../core/state.ts'
import { after } from '../core/time.ts'
import type { Tutti } from '../index.ts'
import type { World } from './world.ts'

const LOOK_MS = 250
/** Every so many looks, runs whose process died are found out. */
const RECOVER_EVERY = 4
const RECOVER_MAX = 200

/**
 * Looks at a run until it has ended, the time is up, or nobody reads what is printed of it.
 *
 * @param each - called with the run at every look.
 */
export async function waitForEnd(
  { clock, output }: World,
  { orchestrator }: Tutti,
  flowRunId: string,
  options: { readonly timeoutMs: number | null; readonly each?: (run: FlowRun) => Promise<void> },
): Promise<FlowRun> {
  const deadline = options.timeoutMs === null ? null : after(clock.now(), options.timeoutMs)
  for (let look = 1; ; look++) {
    const run = await orchestrator.flowRuns.get(flowRunId)
    await options.each?.(run)
    if (isTerminal(run.state.type) || output.gone || (deadline !== null && clock.now() >= deadline)) return run
    await clock.sleep(LOOK_MS)
    if (look % RECOVER_EVERY === 0) await orchestrator.flowRuns.recover(RECOVER_MAX)
  }
}
