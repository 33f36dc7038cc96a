import { z } from 'zod'
import { taskRunToWire } from '../api/task-runs.ts'
import { TuttiError } from '../core/errors.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { Clock } from '../core/time.ts'
import { CLOSED } from './sockets.ts'
import type { Conversation } from './sockets.ts'
import type { TaskQueue } from './task-queue.ts'

const subscription = z.object({ type: z.literal('subscribe'), keys: z.array(z.string()).min(1), client_id: z.string().min(1) })
const answer = z.object({ type: z.enum(['ack', 'quit']) })

/** `/task_runs/subscriptions/scheduled`: one background task after the other; each is the client's once it has said so. */
export function scheduledTaskRuns(queue: TaskQueue, clock: Clock): Conversation {
  return (socket) => {
    const gone = new AbortController()
    let leave: (() => void) | undefined
    let sent: { readonly run: TaskRun; readonly taken: () => void } | undefined

    async function serve(taskKeys: readonly string[]): Promise<void> {
      for (;;) {
        const run = await queue.take(taskKeys, gone.signal)
        if (run === undefined) return
        if (gone.signal.aborted) return queue.giveBack(run)
        const { promise, resolve } = Promise.withResolvers<void>()
        sent = { run, taken: resolve }
        socket.send(JSON.stringify(taskRunToWire(run, clock.now())))
        await promise
        if (gone.signal.aborted) return
      }
    }

    return {
      message(text) {
        if (leave === undefined) {
          const asked = subscription.safeParse(parsed(text))
          if (!asked.success) return socket.close(CLOSED.wrongSubscription)
          const { keys, client_id: identifier } = asked.data
          leave = queue.join({ identifier, taskKeys: keys })
          serve(keys).catch(() => socket.close(CLOSED.failed))
          return
        }
        const said = answer.safeParse(parsed(text))
        if (!said.success)
          throw new TuttiError('INVALID_REQUEST', 'a client that was given a task says that it takes it, or that it leaves')
        if (said.data.type === 'quit') return socket.close(CLOSED.normal)
        const { taken } = sent ?? {}
        sent = undefined
        taken?.()
      },
      closed() {
        gone.abort()
        leave?.()
        if (sent === undefined) return
        queue.giveBack(sent.run)
        sent.taken()
      },
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TuttiError('INVALID_REQUEST', 'a frame is no JSON', { cause })
  }
}
