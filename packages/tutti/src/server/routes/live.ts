import { live } from '../../api/live.ts'
import { TuttiError } from '../../core/errors.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import { eventStream } from '../event-stream.ts'
import type { StreamedEvent } from '../event-stream.ts'
import { followChanges } from '../follow-changes.ts'
import { followFlowRun, placeAt } from '../follow-flow-run.ts'
import { followTaskRuns } from '../follow-task-runs.ts'
import type { Hub } from '../hub.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'
import { createTaskRunReaders } from '../task-run-readers.ts'
import type { Wake } from '../wake.ts'

/** Pages that look at everything, and those that look at the task runs of a run. */
const CHANGES_MAX = 500
const TASK_RUNS_MAX = 200

export interface LiveDeps {
  readonly orchestrator: ServerOrchestrator
  readonly clock: Clock
  readonly wake: Wake
  readonly hub: Hub
}

export function mountLive(mount: Mount, { orchestrator, clock, wake, hub }: LiveDeps): void {
  mount(live.flowRun, async ({ params: { id }, query, headers, signal }) => {
    // A run that is not there is an error and no stream, and so is what is no place in its log.
    await orchestrator.flowRuns.get(id)
    if (query.after !== undefined) await orchestrator.logs.list({ flowRunId: id, cursor: query.after, limit: 1 })
    const after = headers.get('last-event-id') ?? placeAt(query.after)
    return streamed(
      eventStream(clock, (ended) => followFlowRun({ orchestrator, clock, wake, id, after, signal: AbortSignal.any([signal, ended]) })),
    )
  })

  const changes = bounded(CHANGES_MAX)
  mount(live.changes, async ({ query, signal }) => {
    changes.check()
    return streamed(
      eventStream(clock, (gone) =>
        changes.counted(
          followChanges({ hub, clock, withLogs: query.logs === 'true', signal: AbortSignal.any([signal, gone, wake.ended]) }),
        ),
      ),
    )
  })

  const taskRuns = bounded(TASK_RUNS_MAX)
  const readers = createTaskRunReaders(clock)
  mount(live.taskRuns, async ({ params: { id }, headers, signal }) => {
    await orchestrator.flowRuns.get(id)
    taskRuns.check()
    const after = headers.get('last-event-id') ?? ''
    return streamed(
      eventStream(clock, (gone) =>
        taskRuns.counted(
          followTaskRuns({ orchestrator, hub, readers, clock, id, after, signal: AbortSignal.any([signal, gone, wake.ended]) }),
        ),
      ),
    )
  })
}

/** Whatever stands between must not hold it back. */
function streamed(stream: ReadableStream<Uint8Array>): Reply<ReadableStream> {
  return new Reply(200, stream, { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
}

interface Bounded {
  /** @throws `OVERLOADED` */
  check(): void
  counted(events: AsyncGenerator<StreamedEvent, void>): AsyncGenerator<StreamedEvent, void>
}

function bounded(max: number): Bounded {
  let open = 0
  return {
    check() {
      if (open >= max) throw new TuttiError('OVERLOADED', `the server keeps ${max} streams of this kind open already`, { retryAfterS: 5 })
    },
    async *counted(events) {
      open += 1
      try {
        yield* events
      } finally {
        open -= 1
      }
    },
  }
}
