import { live } from '../../api/live.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import { eventStream } from '../event-stream.ts'
import { followFlowRun } from '../follow-flow-run.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'
import type { Wake } from '../wake.ts'

export function mountLive(mount: Mount, orchestrator: ServerOrchestrator, clock: Clock, wake: Wake): void {
  mount(live.flowRun, async ({ params: { id }, headers, signal }) => {
    // A run that is not there is an error and no stream.
    await orchestrator.flowRuns.get(id)
    const after = headers.get('last-event-id') ?? ''
    const stream = eventStream((ended) => followFlowRun({ orchestrator, clock, wake, id, after, signal: AbortSignal.any([signal, ended]) }))
    // Whatever stands between must not hold it back.
    return new Reply(200, stream, { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
  })
}
