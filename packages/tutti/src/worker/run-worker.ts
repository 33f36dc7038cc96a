import type { ServerDoor } from '../core/server-door.ts'
import type { Clock } from '../core/time.ts'
import { claimLoop } from '../engine/claim-loop.ts'
import { messageOf } from '../engine/thrown.ts'
import type { Infrastructure } from './infrastructure.ts'

export interface WorkerOptions {
  readonly server: ServerDoor
  readonly clock: Clock
  readonly infrastructure: Infrastructure
  readonly pool: string
  readonly queues: readonly string[] | null
  /** Names the worker among those of its pool. */
  readonly name: string
  /** Runs at once. */
  readonly limit: number
  /** How long runs under way may go on after the worker was told to stop; then they go on elsewhere. */
  readonly drainMs: number
  readonly print: (line: string) => void
}

const HEARTBEAT_S = 20

/** Claims due runs of a pool and launches them. */
export interface Worker {
  /** Resolves when the worker was stopped and nothing of it is left. */
  readonly ended: Promise<void>
  /** Takes no more runs; those under way go on to their ends. */
  stop(): void
  /** Ends what is under way now. */
  stopNow(): void
}

export function runWorker(options: WorkerOptions): Worker {
  const draining = new AbortController()
  const now = new AbortController()
  return {
    ended: work(options, draining.signal, now),
    stop: () => draining.abort(new Error('the worker stops')),
    stopNow() {
      draining.abort(new Error('the worker stops'))
      now.abort(new Error('the worker stops at once'))
    },
  }
}

async function work(options: WorkerOptions, draining: AbortSignal, now: AbortController): Promise<void> {
  const { server, clock, infrastructure, pool, queues, name, limit, print } = options
  const stopBeats = beat(options)
  let stopDrain: (() => void) | undefined
  const onDraining = (): void => {
    stopDrain = clock.timer(options.drainMs, () => now.abort(new Error('the time for draining is over')), { keepAlive: true })
  }
  draining.addEventListener('abort', onDraining, { once: true })
  // Code is loaded beside the first runs, which do not wait for it.
  const warming = infrastructure.warmUp?.(draining)
  try {
    await claimLoop(
      {
        server,
        clock,
        claim: (ask, signal) => server.claim({ type: 'pool', name: pool, queues }, { ...ask, worker: name }, signal),
        holder: null,
        worker: name,
        limit,
        launch: (run) => infrastructure.launch(run, now.signal),
        onTrouble: (error) => print(`no runs from the server, which is asked again: ${messageOf(error)}`),
      },
      draining,
    )
  } finally {
    stopDrain?.()
    stopBeats()
    await warming
    await infrastructure.close()
  }
}

/** Asking for runs shows that the worker is there; one that is full does not ask. */
function beat({ server, clock, pool, name, print }: WorkerOptions): () => void {
  let isStopped = false
  let stop: (() => void) | undefined
  const tell = (): void => {
    server
      .heartbeat(pool, name, HEARTBEAT_S)
      .catch((error: unknown) => print(`the server was not told that the worker is there: ${messageOf(error)}`))
      .finally(() => {
        if (!isStopped) stop = clock.timer(HEARTBEAT_S * 1000, tell)
      })
  }
  // At once as well: only this tells which version it has.
  tell()
  return () => {
    isStopped = true
    stop?.()
  }
}
