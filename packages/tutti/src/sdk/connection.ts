import type { Orchestrator } from '../core/orchestrator.ts'
import type { FlowLike } from '../engine/definition.ts'
import type { RunFuture } from '../engine/future.ts'
import type { RunObserver } from '../engine/observer.ts'
import { setProcessEngine } from './process-engine.ts'

/** Where and how to connect; what is not given comes from the environment and `TUTTI_HOME/config.json`. */
export interface ConnectOptions {
  readonly home?: string
  readonly databaseUrl?: string
  /** `false`: the caller handles signals and the end of the process (the command does). Default `true`. */
  readonly handleProcess?: boolean
  /** `false`: nothing is printed. Default: what `TUTTI_LOG` says. */
  readonly print?: boolean
}

export interface RunOptions {
  readonly name?: string
  readonly idempotencyKey?: string
  readonly tags?: readonly string[]
  /** `file:export` the run can be loaded from again. */
  readonly entrypoint?: string
}

/** A connection to the runs of one home: to run flows, to read what is recorded, to watch. */
export interface Tutti {
  /** Everything that is recorded, and every operation on it. */
  readonly orchestrator: Orchestrator
  readonly home: string
  /** Live progress of the runs of this process; the returned function ends it. */
  observe(observer: RunObserver): () => void
  run<Result>(flow: FlowLike<Result>, parameters?: unknown, options?: RunOptions): RunFuture<Result>
  resume<Result>(flow: FlowLike<Result>, flowRunId: string): RunFuture<Result>
  retry<Result>(flow: FlowLike<Result>, flowRunId: string): RunFuture<Result>
  /** Ends all runs of this process as Cancelled: signals, grace period, hooks. */
  cancelAll(reason: string): Promise<void>
  /** For the last moment of a process: records, within this call, how its runs end. Returns how many there were. */
  endNow(reason: string): number
  /** Waits for what is being written, then closes the store. */
  close(): Promise<void>
}

/** Connects this process: flows called from now on run through it. The database is loaded only now. */
export async function connect(options: ConnectOptions = {}): Promise<Tutti> {
  const { connectEngine } = await import('./connect.ts')
  const { tutti, engine } = await connectEngine(options)
  setProcessEngine(engine)
  return tutti
}
