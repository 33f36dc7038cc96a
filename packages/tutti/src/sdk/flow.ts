import type { StandardSchemaV1 } from '@standard-schema/spec'
import { answerWait } from '../core/answer.ts'
import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { TuttiError } from '../core/errors.ts'
import type { JsonSchema } from '../core/parameters.ts'
import type { ResultStorage } from '../core/result-storage.ts'
import { checkRetryDelay } from '../core/retry.ts'
import type { RetryDelay } from '../core/retry.ts'
import { callFlow, continueCall } from '../engine/call-flow.ts'
import { markFlow } from '../engine/definition.ts'
import type { FlowDefinition, FlowHook } from '../engine/definition.ts'
import { deleteRun } from '../engine/delete-run.ts'
import type { RunFuture } from '../engine/future.ts'
import { flowJsonSchema } from '../engine/parameters-schema.ts'
import type { RunState } from '../engine/run-state.ts'
import { jsonWithoutSecrets } from '../engine/secret-values.ts'
import { cancelRun } from './cancel.ts'
import { FlowDeployment } from './deployment.ts'
import type { DeploymentOptions, PoolDeploymentOptions } from './deployment.ts'
import { definitionFile } from './definition-file.ts'
import { engineOfProcess } from './process-engine.ts'
import { serve } from './serve.ts'
import type { ServeOptions } from './serve.ts'
import { checkCount, checkLimit, checkName, listOf } from './task.ts'

type Unwrapped<R> = Awaited<R> extends RunState<infer T> ? T : Awaited<R>

export interface FlowOptions<Parameters = unknown> {
  /** Default: the function's name. */
  readonly name?: string
  readonly description?: string
  readonly version?: string
  readonly tags?: readonly string[]
  /** Name of the run: text with `{field}` of the parameters, or a function of them. Default: two words of ours. */
  readonly runName?: string | ((parameters: Parameters) => string)
  /** How often the flow is tried again after a failure; completed tasks are replayed. Default 0. */
  readonly retries?: number
  readonly retryDelay?: RetryDelay
  readonly retryIf?: (error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>
  /** The longest an attempt may take; then its signal aborts and the run fails as TimedOut. */
  readonly timeout?: Duration
  /** Task runs at once. Default 100. */
  readonly concurrency?: number
  /** `console.log` and friends inside the run go to its log. Default `false`. */
  readonly captureConsole?: boolean
  /** A run of a deployment that only waits, and longer than this, gives its process back and is started again by a worker. Default 60 s. */
  readonly waitInProcess?: Duration
  readonly persist?: boolean | 'required'
  readonly serializer?: 'json' | 'cbor'
  /** Where results go that are too large for the database (more than 64 KiB): a storage that every machine reaches. */
  readonly results?: ResultsOptions
  /** A second call with the same key continues or returns the run of the first. */
  readonly idempotencyKey?: string
  readonly onRunning?: FlowHook | readonly FlowHook[]
  readonly onCompletion?: FlowHook | readonly FlowHook[]
  readonly onFailure?: FlowHook | readonly FlowHook[]
  readonly onCancellation?: FlowHook | readonly FlowHook[]
  readonly onCrashed?: FlowHook | readonly FlowHook[]
}

export interface ResultsOptions {
  /** The storage, or a function that opens it when the first large result is written or read. */
  readonly storage: ResultStorage | (() => ResultStorage | Promise<ResultStorage>)
}

type CallArguments<In> = undefined extends In ? [parameters?: In] : object extends In ? [parameters?: In] : [parameters: In]

/** A function whose calls are durable runs: recorded, retried, and continued where they were after a crash. */
export interface Flow<In, Result> {
  (...args: CallArguments<In>): RunFuture<Result>
  /** The same flow with some options changed. */
  withOptions(options: FlowOptions<never>): Flow<In, Result>
  /** Continues a run after a crash, a pause or a cancellation: finished tasks are replayed, their functions are not called again. */
  resume(flowRunId: string): RunFuture<Result>
  /** Continues a run after a failure: completed tasks are replayed, failed ones run again. */
  retry(flowRunId: string): RunFuture<Result>
  /** Asks a run to end; resolves when that is recorded. The run ends as Cancelled after its grace period at the latest. */
  cancel(flowRunId: string): Promise<void>
  /**
   * Deletes a run with its sub-flow runs, task runs and logs, and with its results, also those in the storage of this flow
   * (`results.storage`) if that one can delete; those that sub-flow runs keep in a storage stay there, and a rerun that reuses some finds them no
   * more. Rejects with `TRANSITION_REJECTED` while a process works on the run, and with `RESULT_STORAGE_FAILED` when the run is gone
   * and some of its results could not be deleted: the message names them.
   */
  delete(flowRunId: string): Promise<void>
  /**
   * Gives a run what it waits for: nothing for `pause`, the value for `waitForInput`. Resolves when that is recorded; rejects with `INVALID_INPUT` or
   * `NOT_WAITING`, and the run waits on.
   */
  answer(flowRunId: string, input?: unknown): Promise<void>
  /** The JSON Schema of the parameters, for forms and for programs; `undefined` where there is no schema or its library cannot tell. */
  jsonSchema(): Promise<JsonSchema | undefined>
  /** Serves this flow as a deployment: runs it in this process whenever a run is due. See `serve()`. */
  serve(options: DeploymentOptions<In> & ServeOptions): Promise<void>
  /** This flow as a deployment: for `serve()`, or for the workers of a pool by the list in `tutti.config.ts`. */
  deployment(options: DeploymentOptions<In> | PoolDeploymentOptions<In>): FlowDeployment
  readonly flowName: string
  readonly definition: FlowDefinition
}

/** Wraps a function as a flow. Calling the flow runs it; the answer is a promise that also knows its flow run. */
export function flow<Schema extends StandardSchemaV1, Result>(
  options: FlowOptions<StandardSchemaV1.InferOutput<Schema>> & { readonly parameters: Schema },
  fn: (parameters: StandardSchemaV1.InferOutput<Schema>) => Result,
): Flow<StandardSchemaV1.InferInput<Schema>, Unwrapped<Result>>
export function flow<In = undefined, Result = unknown>(
  options: FlowOptions<In> & { readonly parameters?: undefined },
  fn: (parameters: In) => Result,
): Flow<In, Unwrapped<Result>>
export function flow<In = undefined, Result = unknown>(fn: (parameters: In) => Result): Flow<In, Unwrapped<Result>>
export function flow(first: AnyOptions | AnyBody, second?: AnyBody): Flow<unknown, unknown> {
  const [options, fn] = typeof first === 'function' ? [{}, first] : [first, second]
  if (typeof fn !== 'function') throw new TuttiError('INVALID_OPTION', 'flow() needs a function: flow({ name }, async () => { … })')
  return build(options, fn, definitionFile(flow))
}

type AnyOptions = FlowOptions<never> & { readonly parameters?: StandardSchemaV1 | undefined }
type AnyBody = (parameters: never) => unknown

function build(options: AnyOptions, fn: AnyBody, file: string | null): Flow<unknown, unknown> {
  const definition = define(options, fn, file)
  const members = {
    withOptions: (changed: FlowOptions<never>): unknown => build({ ...options, ...changed }, fn, file),
    resume: (id: string): unknown => continueCall(definition, id, 'resume', engineOfProcess),
    retry: (id: string): unknown => continueCall(definition, id, 'retry', engineOfProcess),
    cancel: (id: string): unknown => cancelRun(id, engineOfProcess),
    delete: (id: string): unknown => deleteRun(id, definition, engineOfProcess),
    answer: async (id: string, input?: unknown): Promise<void> => {
      const { orchestrator } = await engineOfProcess()
      await answerWait(orchestrator.waits, id, input === undefined ? null : jsonWithoutSecrets(input, 'the members of the input'))
    },
    jsonSchema: async () => (definition.parameters === null ? undefined : flowJsonSchema(definition.parameters)),
    serve: (options: DeploymentOptions<never> & ServeOptions) => serve(new FlowDeployment(definition, options), options),
    deployment: (options: DeploymentOptions<never>) => new FlowDeployment(definition, options),
    flowName: definition.name,
    definition,
  }
  const call = (parameters?: unknown): unknown => callFlow(definition, parameters, engineOfProcess)
  // The engine works on unknown values; the overloads above say which ones these are.
  return markFlow(Object.assign(call, members)) as unknown as Flow<unknown, unknown>
}

function define(options: AnyOptions, fn: AnyBody, file: string | null): FlowDefinition {
  const name = checkName(options.name ?? fn.name, 'flow')
  return {
    name,
    description: options.description ?? null,
    version: options.version ?? null,
    tags: options.tags ?? [],
    fn: fn as FlowDefinition['fn'], // called with parameters its schema has validated, or as the caller gave them
    runName: (options.runName ?? null) as FlowDefinition['runName'], // as above
    parameters: options.parameters ?? null,
    retries: checkCount(options.retries ?? 0, 'retries', name),
    retryDelay: checkRetryDelay(options.retryDelay ?? 0, `retryDelay of flow ${name}`),
    retryIf: options.retryIf ?? null,
    timeoutMs: options.timeout === undefined ? null : parseDuration(options.timeout, `timeout of flow ${name}`),
    concurrency: options.concurrency === undefined ? null : checkLimit(options.concurrency, 'concurrency', name),
    captureConsole: options.captureConsole ?? false,
    waitInProcessMs: options.waitInProcess === undefined ? null : parseDuration(options.waitInProcess, `waitInProcess of flow ${name}`),
    persist: options.persist ?? true,
    serializer: options.serializer ?? 'json',
    resultStorage: storageOf(options.results, name),
    idempotencyKey: options.idempotencyKey ?? null,
    entrypoint: file === null ? null : `${file}:${name}`,
    onRunning: listOf(options.onRunning),
    onCompletion: listOf(options.onCompletion),
    onFailure: listOf(options.onFailure),
    onCancellation: listOf(options.onCancellation),
    onCrashed: listOf(options.onCrashed),
  }
}

function storageOf(results: ResultsOptions | undefined, flow: string): FlowDefinition['resultStorage'] {
  if (results === undefined) return null
  const { storage } = results
  if (typeof storage === 'function') return async () => storage()
  if (typeof storage?.write === 'function' && typeof storage.read === 'function') return async () => storage
  throw new TuttiError('INVALID_OPTION', `flow ${flow}: results.storage is neither a storage nor a function that opens one`)
}
