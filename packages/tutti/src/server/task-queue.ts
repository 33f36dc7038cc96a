import type { TaskRunOperations } from '../core/orchestrator.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { Hub } from './hub.ts'

/** A process that runs background tasks, as long as its socket is open. */
export interface TaskWorker {
  readonly identifier: string
  readonly taskKeys: readonly string[]
  readonly seenAt: Instant
}

/** Background tasks that wait, handed to the processes that serve them. The store is the queue: it outlives this process. */
export interface TaskQueue {
  workers(): readonly TaskWorker[]
  /** Somebody serves these tasks until the returned function is called. */
  join(worker: { readonly identifier: string; readonly taskKeys: readonly string[] }): () => void
  /** The next due run of one of the tasks; waits for one. `undefined` once the signal has aborted. */
  take(taskKeys: readonly string[], signal: AbortSignal): Promise<TaskRun | undefined>
  /** It was not taken after all: the next one gets it. */
  giveBack(run: TaskRun): void
}

export interface TaskQueueOptions {
  readonly taskRuns: Pick<TaskRunOperations, 'list'>
  readonly hub: Hub
  readonly clock: Clock
}

/** Runs that came about without being told, on another server, and those that become due later. */
const LOOK_AGAIN_MS = 2_000
const PAGE = 100
/** States that were handed out are remembered until they are left; the oldest are forgotten first. */
const REMEMBERED_MAX = 20_000

export function createTaskQueue({ taskRuns, hub, clock }: TaskQueueOptions): TaskQueue {
  const joined = new Set<TaskWorker>()
  const handedOut = new Set<string>()
  const waiting = new Set<() => void>()
  let stopHearing: (() => void) | undefined

  function wake(): void {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }

  async function find(taskKeys: readonly string[]): Promise<TaskRun | undefined> {
    for (const taskKey of taskKeys) {
      let cursor: string | null = null
      do {
        const page: { readonly items: readonly TaskRun[]; readonly cursor: string | null } = await taskRuns.list({
          taskKey,
          states: ['scheduled'],
          limit: PAGE,
          ...(cursor === null ? undefined : { cursor }),
        })
        const run = page.items.find(isFree)
        if (run !== undefined) {
          remember(run.state.id)
          return run
        }
        cursor = page.cursor
      } while (cursor !== null)
    }
    return undefined
  }

  function isFree({ state }: TaskRun): boolean {
    if (state.type !== 'scheduled' || state.details?.deferred !== true) return false
    return state.scheduledFor <= clock.now() && !handedOut.has(state.id)
  }

  function remember(stateId: string): void {
    handedOut.add(stateId)
    if (handedOut.size > REMEMBERED_MAX) for (const oldest of handedOut) return void handedOut.delete(oldest)
  }

  return {
    workers: () => [...joined],
    join({ identifier, taskKeys }) {
      const worker: TaskWorker = { identifier, taskKeys, seenAt: clock.now() }
      joined.add(worker)
      stopHearing ??= hub.subscribe(
        (told) => {
          if (told.type === 'task-run' && told.run.state.type === 'scheduled') wake()
        },
        { details: true },
      )
      return () => {
        joined.delete(worker)
        if (joined.size > 0) return
        stopHearing?.()
        stopHearing = undefined
      }
    },
    async take(taskKeys, signal) {
      let awake: () => void = () => undefined
      const stop = (): void => awake()
      signal.addEventListener('abort', stop)
      try {
        for (;;) {
          const { promise, resolve } = Promise.withResolvers<void>()
          awake = resolve
          // Before it looks: what is told meanwhile is not missed.
          waiting.add(resolve)
          const run = signal.aborted ? undefined : await find(taskKeys)
          if (run !== undefined || signal.aborted) {
            waiting.delete(resolve)
            return run
          }
          const cancel = clock.timer(LOOK_AGAIN_MS, resolve)
          await promise
          waiting.delete(resolve)
          cancel()
        }
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    giveBack({ state }) {
      handedOut.delete(state.id)
      wake()
    },
  }
}
