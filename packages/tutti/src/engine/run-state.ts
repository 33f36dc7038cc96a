import { defaultStateName, isTerminal } from '../core/state.ts'
import type { StateType } from '../core/state.ts'

/**
 * How a run stands, as user code sees it. Returned by `future.state()`; a flow or task may also return one to choose how it ends
 * (`return Completed('Skipped')`).
 */
export class RunState<T = unknown> {
  readonly type: StateType
  readonly name: string
  readonly message: string | null
  /** The result of a completed run. */
  readonly result: T | undefined
  /** What a failed run threw. */
  readonly error: unknown

  constructor(
    type: StateType,
    options: { name?: string | undefined; message?: string | null | undefined; result?: T; error?: unknown } = {},
  ) {
    this.type = type
    this.name = options.name ?? defaultStateName(type)
    this.message = options.message ?? null
    this.result = options.result
    this.error = options.error
  }

  get isCompleted(): boolean {
    return this.type === 'completed'
  }

  get isFailed(): boolean {
    return this.type === 'failed' || this.type === 'crashed'
  }

  get isFinal(): boolean {
    return isTerminal(this.type)
  }
}
