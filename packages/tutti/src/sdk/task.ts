import { cachePolicy } from '../core/cache.ts'
import type { CacheOptions } from '../core/cache.ts'
import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { TuttiError } from '../core/errors.ts'
import { checkRetryDelay } from '../core/retry.ts'
import type { RetryDelay } from '../core/retry.ts'
import { callTask, mapTask } from '../engine/call-task.ts'
import { markTask } from '../engine/definition.ts'
import type { TaskDefinition, TaskHook } from '../engine/definition.ts'
import type { AllowedFailure, RunFuture } from '../engine/future.ts'
import { givenName } from '../engine/run-name.ts'
import type { RunState } from '../engine/run-state.ts'
import type { TaskMap, Unmapped } from '../engine/task-map.ts'
import { engineOfProcess } from './process-engine.ts'

/** What a task may be given for a parameter: the value, or the future of a task that will make it. */
export type Input<T> =
  | T
  | RunFuture<T>
  | (T extends RunState<infer R> ? AllowedFailure<R> : never)
  | (T extends readonly (infer Item)[] ? TaskMap<Item> | readonly Input<Item>[] : never)

type Inputs<Args extends readonly unknown[]> = { [K in keyof Args]: Input<Args[K]> }

/** For `map`: a list to go along with the first, or one value for all calls. */
type MapInputs<Args extends readonly unknown[]> = {
  [K in keyof Args]: readonly Input<Args[K]>[] | Unmapped<Input<Args[K]>> | Input<Args[K]>
}

type Unwrapped<R> = Awaited<R> extends RunState<infer T> ? T : Awaited<R>

export interface TaskOptions<Args extends readonly unknown[] = readonly never[], Result = unknown> {
  /** Default: the function's name. */
  readonly name?: string
  readonly description?: string
  readonly tags?: readonly string[]
  /** Name of the task run: text with `{0}`, `{1}` for the arguments, or a function of them. Default: the task's name and the number of the call. */
  readonly runName?: string | ((...args: Args) => string)
  /** How often it is tried again after a failure. Default 0. */
  readonly retries?: number
  /** How long to wait before each retry; `exponential('1s', { jitter: 0.3 })`, a list, or a function of the failure. Default: at once. */
  readonly retryDelay?: RetryDelay
  /** `false` ends the retries. Gets what was thrown and which attempt threw it. */
  readonly retryIf?: (error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>
  /** The longest an attempt may take; then its signal aborts and it fails with `TASK_TIMED_OUT`. */
  readonly timeout?: Duration
  /** Take the result of an earlier call with the same key, from any run. */
  readonly cache?: CacheOptions<Args>
  /** Names the call instead of its arguments, so that a resumed run finds it again. */
  readonly key?: (...args: Args) => string
  /** `false`: never store the result. `'required'`: fail when it cannot be stored. Default `true`: store it when possible. */
  readonly persist?: boolean | 'required'
  /** How results are stored; `'cbor'` for large numeric data. Default `'json'`. */
  readonly serializer?: 'json' | 'cbor'
  /** What to do when a resumed run makes a call with other arguments than before. Default `'warn'`: run it and say so. */
  readonly onChange?: 'run' | 'warn' | 'fail'
  /** Futures that must have completed first, although their results are not taken. */
  readonly waitFor?: readonly unknown[]
  /** Calls of one `map` at once. Default: the flow's limit only. */
  readonly concurrency?: number
  readonly onRunning?: TaskHook | readonly TaskHook[]
  readonly onCompletion?: TaskHook | readonly TaskHook[]
  readonly onFailure?: TaskHook | readonly TaskHook[]
  /** Runs when the transaction around the call has succeeded. */
  readonly onCommit?: (result: Unwrapped<Result>) => unknown
  /** Undoes the call when the transaction around it has failed. */
  readonly onRollback?: (result: Unwrapped<Result>) => unknown
}

/** A function whose calls are checkpoints: inside a flow each call is a task run, retried, cached and replayed as its options say. */
export interface Task<Args extends readonly unknown[], Result> {
  (...args: Inputs<Args>): RunFuture<Result>
  /** One call for each item, at once as far as limits allow; results in the order of the list. */
  map(
    list: Iterable<Input<Args[0]>>,
    ...rest: Args extends readonly [unknown, ...infer Rest] ? Partial<MapInputs<Rest>> : []
  ): TaskMap<Result>
  /** The same task with some options changed. */
  withOptions(options: TaskOptions<Args, Result>): Task<Args, Result>
  readonly taskName: string
  readonly definition: TaskDefinition
}

/** Wraps a function as a task. Calling the task runs it; the answer is a promise that also knows its task run. */
export function task<Args extends readonly unknown[], Result>(
  options: TaskOptions<NoInfer<Args>, NoInfer<Result>>,
  fn: (...args: Args) => Result,
): Task<Args, Unwrapped<Result>>
export function task<Args extends readonly unknown[], Result>(fn: (...args: Args) => Result): Task<Args, Unwrapped<Result>>
export function task<Args extends readonly unknown[], Result>(
  first: TaskOptions<Args, Result> | ((...args: Args) => Result),
  second?: (...args: Args) => Result,
): Task<Args, Unwrapped<Result>> {
  const [options, fn] = typeof first === 'function' ? [{}, first] : [first, second]
  if (typeof fn !== 'function') throw new TuttiError('INVALID_OPTION', 'task() needs a function: task({ name }, async () => { … })')
  return build(options, fn)
}

function build<Args extends readonly unknown[], Result>(
  options: TaskOptions<Args, Result>,
  fn: (...args: Args) => Result,
): Task<Args, Unwrapped<Result>> {
  const definition = define(options, fn)
  const call = (...args: readonly unknown[]): unknown => callTask(definition, args, engineOfProcess)
  const members = {
    map: (list: Iterable<unknown>, ...rest: readonly unknown[]): unknown => mapTask(definition, list, rest, engineOfProcess),
    withOptions: (changed: TaskOptions<Args, Result>): unknown => build({ ...options, ...changed }, fn),
    taskName: definition.name,
    definition,
  }
  // The engine works on unknown values; the types of the arguments and of the result are those of the wrapped function.
  return markTask(Object.assign(call, members)) as unknown as Task<Args, Unwrapped<Result>>
}

function define<Args extends readonly unknown[], Result>(
  options: TaskOptions<Args, Result>,
  fn: (...args: Args) => Result,
): TaskDefinition {
  const name = checkName(options.name ?? fn.name, 'task')
  const body = fn as TaskDefinition['fn'] // called with the arguments the task was called with
  const key = (options.key ?? null) as TaskDefinition['key'] // as above
  const runName = (options.runName ?? null) as TaskDefinition['runName'] // as above
  const waitFor = options.waitFor ?? []
  const onChange = options.onChange ?? 'warn'
  return {
    name,
    description: options.description ?? null,
    taskKey: name,
    fn: body,
    runName,
    tags: options.tags ?? [],
    retries: checkCount(options.retries ?? 0, 'retries', name),
    retryDelay: checkRetryDelay(options.retryDelay ?? 0, `retryDelay of task ${name}`),
    retryIf: options.retryIf ?? null,
    timeoutMs: options.timeout === undefined ? null : parseDuration(options.timeout, `timeout of task ${name}`),
    cache: options.cache === undefined ? null : cachePolicy(options.cache, name),
    key,
    persist: options.persist ?? true,
    serializer: options.serializer ?? 'json',
    onChange,
    waitFor,
    concurrency: options.concurrency === undefined ? null : checkLimit(options.concurrency, 'concurrency', name),
    onRunning: listOf(options.onRunning),
    onCompletion: listOf(options.onCompletion),
    onFailure: listOf(options.onFailure),
    identified: { name, taskKey: name, key, onChange, waitFor, runName: taskRunName(name, runName) },
    onCommit: (options.onCommit ?? null) as TaskDefinition['onCommit'], // gets the result of this very task
    onRollback: (options.onRollback ?? null) as TaskDefinition['onRollback'], // as above
  }
}

function taskRunName(name: string, given: TaskDefinition['runName']): (args: readonly unknown[], ordinal: number) => string {
  if (given === null) return (_args, ordinal) => `${name}-${ordinal}`
  if (typeof given === 'function') return (args) => givenName(given(...args), `task ${name}`)
  return (args) =>
    given.replaceAll(/\{(\d+)\}/g, (whole, index: string) => {
      const value = args[Number(index)]
      return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : whole
    })
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly T[]) : [value as T] // narrowing of a union with an array of itself
}

export function checkName(name: string, what: string): string {
  if (name.trim() === '')
    throw new TuttiError('INVALID_OPTION', `a ${what} needs a name: give it one in its options, or wrap a named function`)
  if (/[/%&><]/.test(name)) throw new TuttiError('INVALID_OPTION', `the name of ${what} ${name} must not contain / % & > <`)
  return name
}

export function checkCount(count: number, option: string, name: string): number {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new TuttiError('INVALID_OPTION', `${option} of ${name} must be a whole number from 0, not ${count}`)
  return count
}

export function checkLimit(limit: number, option: string, name: string): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new TuttiError('INVALID_OPTION', `${option} of ${name} must be a whole number from 1, not ${limit}`)
  return limit
}
