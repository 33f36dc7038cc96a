import { AllowedFailure } from '../engine/future.ts'
import type { RunFuture } from '../engine/future.ts'
import { RunState } from '../engine/run-state.ts'
import { Unmapped } from '../engine/task-map.ts'

/** Returned from a flow or task: it completes, under a name of its own if one is given. */
export function Completed<T = undefined>(
  name = 'Completed',
  options: { readonly message?: string; readonly result?: T } = {},
): RunState<T> {
  return new RunState<T>('completed', { name, ...options })
}

/** Returned from a flow or task: it fails without throwing. */
export function Failed(message: string, options: { readonly name?: string; readonly error?: unknown } = {}): RunState<never> {
  return new RunState<never>('failed', { message, ...options })
}

/** Returned from a flow: it ends as Cancelled. */
export function Cancelled(message?: string): RunState<never> {
  return new RunState<never>('cancelled', { message })
}

/** For `map`: this argument is the same for every item, also when it is a list. */
export function unmapped<T>(value: T): Unmapped<T> {
  return new Unmapped(value)
}

/** As an argument of a task: the task also runs when the future fails, and gets the future's state instead of its result. */
export function allowFailure<T>(future: RunFuture<T>): AllowedFailure<T> {
  return new AllowedFailure(future)
}
