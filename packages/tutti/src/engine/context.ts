import { AsyncLocalStorage } from 'node:async_hooks'
import type { ActiveRun } from './active-run.ts'
import type { CallScope } from './call-scope.ts'
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
  /** Aborts when the run is cancelled or the task's time is up. */
  signal(): AbortSignal
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
