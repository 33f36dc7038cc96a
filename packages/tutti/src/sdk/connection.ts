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

export interface RetryOptions {
  /** The first task that runs again: the id or the name of a task run, or the name of a task, which means its first call. */
  readonly from?: string
  /** Results taken instead of those of tasks, which are named as in `from`; what was handed out after them runs again. */
  readonly results?: Readonly<Record<string, unknown>>
}

export interface RerunOptions extends RetryOptions {
  /** `start`: everything runs again. */
  readonly from?: string
  /** Laid over the parameters of the run. Alone, they run those calls again whose arguments are others. */
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly name?: string
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
  /** Continues a run that failed, crashed or was cancelled. Completed task runs are replayed; with `from` or `results` only those before that. */
  retry<Result>(flow: FlowLike<Result>, flowRunId: string, options?: RetryOptions): RunFuture<Result>
  /**
   * Runs a run that ended again, as a new run linked to it. Without options everything runs again; else task runs are replayed whose results
   * were handed out before the first that differs. Throws `RERUN_REFUSED`.
   */
  rerun<Result>(flow: FlowLike<Result>, flowRunId: string, options?: RerunOptions): RunFuture<Result>
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
