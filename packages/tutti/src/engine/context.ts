import { AsyncLocalStorage } from 'node:async_hooks'
import type { ActiveRun } from './active-run.ts'
import type { CallScope } from './call-scope.ts'
import type { RunFuture } from './future.ts'
import type { TaskRecord } from './task-record.ts'
import type { Transaction } from './transaction.ts'

/** Where code runs: the flow run, the task run inside it if any, and what calls made here inherit. */
export interface RunContext {
  readonly active: ActiveRun
  readonly task: TaskContext | null
  readonly scope: CallScope
  readonly tags: readonly string[]
  readonly transaction: Transaction | null
}

export interface TaskContext {
  readonly record: TaskRecord
  readonly taskName: string
  /** 1 for a call directly in the flow, one more inside each task. */
  readonly depth: number
  /** Calls made inside this one, at any depth, so that a second attempt of it takes what the first one finished; else `null`. */
  readonly nested: Map<string, NestedCall> | null
  /** Aborts when the run is cancelled or the task's time is up. */
  signal(): AbortSignal
}

/** A call inside a task that may be tried again. */
export interface NestedCall {
  readonly future: RunFuture<unknown>
  readonly record: TaskRecord
  /** It completed and was undone: another attempt of the task around it has to call it again. */
  readonly withdrawn: boolean
}

/** Whether a call that an earlier attempt of the task around it made is taken as it stands: finished, or still under way. */
export function isUsable({ future, withdrawn }: NestedCall): boolean {
  return !withdrawn && !future.current.isFailed && future.current.type !== 'cancelled'
}

const STORAGE = Symbol.for('tutti.context')

/** One storage per process, even where two copies of the package were loaded: a task must find the flow it was called in. */
const storage: AsyncLocalStorage<RunContext> = ((globalThis as { [STORAGE]?: AsyncLocalStorage<RunContext> })[STORAGE] ??=
  new AsyncLocalStorage())

export function currentContext(): RunContext | undefined {
  return storage.getStore()
}

export function runInContext<T>(context: RunContext, fn: () => T): T {
  return storage.run(context, fn)
}

export function runOutside<T>(fn: () => T): T {
  return storage.exit(fn)
}
