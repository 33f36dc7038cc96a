import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { CachePolicy } from '../core/cache.ts'
import type { ResultStorage } from '../core/result-storage.ts'
import type { RetryDelay } from '../core/retry.ts'
import type { Identified } from './call-identity.ts'
import type { RunFuture } from './future.ts'
import type { RunState } from './run-state.ts'

const FLOW = Symbol.for('tutti.flow')
const TASK = Symbol.for('tutti.task')

/** What a hook is told. */
export interface TaskHookContext {
  readonly taskRunId: string
  readonly flowRunId: string
  readonly name: string
  readonly attempt: number
  readonly state: RunState
}

export interface FlowHookContext {
  readonly flowRunId: string
  readonly name: string
  readonly flowName: string
  readonly attempt: number
  readonly parameters: unknown
  readonly state: RunState
}

export type TaskHook = (context: TaskHookContext) => unknown
export type FlowHook = (context: FlowHookContext) => unknown

/** A task with every option read and defaulted. */
export interface TaskDefinition {
  readonly name: string
  readonly description: string | null
  /** Names the task in identities and cache keys. */
  readonly taskKey: string
  readonly fn: (...args: readonly unknown[]) => unknown
  readonly runName: string | ((...args: readonly unknown[]) => string) | null
  readonly tags: readonly string[]
  readonly retries: number
  readonly retryDelay: RetryDelay
  readonly retryIf: ((error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>) | null
  readonly timeoutMs: number | null
  readonly cache: CachePolicy | null
  readonly key: ((...args: readonly unknown[]) => string) | null
  readonly persist: boolean | 'required'
  readonly serializer: 'json' | 'cbor'
  readonly onChange: 'run' | 'warn' | 'fail'
  readonly waitFor: readonly unknown[]
  /** For `map`: calls of one map at once. */
  readonly concurrency: number | null
  readonly onRunning: readonly TaskHook[]
  readonly onCompletion: readonly TaskHook[]
  readonly onFailure: readonly TaskHook[]
  /** The task as the identities of its calls see it. */
  readonly identified: Identified
  readonly onCommit: ((result: unknown) => unknown) | null
  readonly onRollback: ((result: unknown) => unknown) | null
}

/** A flow with every option read and defaulted. */
export interface FlowDefinition {
  readonly name: string
  readonly description: string | null
  readonly version: string | null
  readonly tags: readonly string[]
  readonly fn: (parameters: unknown) => unknown
  readonly runName: string | ((parameters: unknown) => string) | null
  readonly parameters: StandardSchemaV1 | null
  readonly retries: number
  readonly retryDelay: RetryDelay
  readonly retryIf: ((error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>) | null
  readonly timeoutMs: number | null
  readonly concurrency: number | null
  readonly captureConsole: boolean
  /** Instead of the engine's setting. */
  readonly waitInProcessMs: number | null
  readonly persist: boolean | 'required'
  readonly serializer: 'json' | 'cbor'
  /** Opens where large results are kept; `null`: beside the database. */
  readonly resultStorage: (() => Promise<ResultStorage>) | null
  readonly idempotencyKey: string | null
  /** `file:export`, when it is known where the flow comes from. */
  readonly entrypoint: string | null
  readonly onRunning: readonly FlowHook[]
  readonly onCompletion: readonly FlowHook[]
  readonly onFailure: readonly FlowHook[]
  readonly onCancellation: readonly FlowHook[]
  readonly onCrashed: readonly FlowHook[]
}

/** A function a user wrapped with `flow()`, whatever its parameters are. */
export interface FlowLike<Result = unknown> {
  (...parameters: never[]): RunFuture<Result>
  readonly definition: FlowDefinition
}

/** A function a user wrapped with `task()`. */
export interface TaskLike {
  readonly definition: TaskDefinition
}

export function markFlow<T extends object>(value: T): T {
  return Object.defineProperty(value, FLOW, { value: true })
}

export function markTask<T extends object>(value: T): T {
  return Object.defineProperty(value, TASK, { value: true })
}

/** True for flows of any copy of this package. */
export function isFlow(value: unknown): value is FlowLike {
  return typeof value === 'function' && Object.hasOwn(value, FLOW)
}

export function isTask(value: unknown): value is TaskLike {
  return typeof value === 'function' && Object.hasOwn(value, TASK)
}
