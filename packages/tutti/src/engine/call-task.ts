import { TuttiError } from '../core/errors.ts'
import { callFlow } from './call-flow.ts'
import type { EngineSource } from './call-flow.ts'
import { identifyCall, scopePrefixOf } from './call-identity.ts'
import { currentContext, isUsable } from './context.ts'
import type { RunContext } from './context.ts'
import type { FlowDefinition, TaskDefinition } from './definition.ts'
import { openFuture, rejectFuture } from './future.ts'
import type { RunFuture } from './future.ts'
import { Limiter } from './limiter.ts'
import { RunState } from './run-state.ts'
import { TaskCall } from './task-call.ts'
import { messageOf } from './thrown.ts'
import { TaskMap, Unmapped } from './task-map.ts'

/** Calls a task: inside a flow as one of its task runs, outside as a tracked run of its own. */
export function callTask(definition: TaskDefinition, args: readonly unknown[], source: EngineSource): RunFuture<unknown> {
  const context = currentContext()
  return context === undefined
    ? callFlow(aloneFlow(definition, args, source), undefined, source)
    : callInside(context, definition, args, null, null)
}

/** Calls a task once for each item of a list. Lists among the other arguments go along item by item, unless they are `unmapped`. */
export function mapTask(
  definition: TaskDefinition,
  list: Iterable<unknown>,
  rest: readonly unknown[],
  source: EngineSource,
): TaskMap<unknown> {
  // JavaScript lets anything through; an iterable is what has the method.
  if (typeof (list as { readonly [Symbol.iterator]?: unknown } | null | undefined)?.[Symbol.iterator] !== 'function')
    throw new TuttiError(
      'INVALID_OPTION',
      `task ${definition.name} is mapped over ${list === null ? 'null' : typeof list}; it takes a list`,
    )
  const items = [...list]
  const others = rest.map((arg) => {
    if (arg instanceof Unmapped) return () => arg.value as unknown
    if (!Array.isArray(arg)) return () => arg
    if (arg.length !== items.length) {
      throw new TuttiError(
        'MAP_LENGTHS_DIFFER',
        `task ${definition.name} is mapped over ${items.length} items but was given a list of ${arg.length} beside it`,
      )
    }
    return (index: number): unknown => arg[index]
  })
  const context = currentContext()
  const gate = definition.concurrency === null ? null : new Limiter(definition.concurrency)
  const futures = items.map((item, index) => {
    const args = [item, ...others.map((other) => other(index))]
    return context === undefined ? callTask(definition, args, source) : callInside(context, definition, args, index, gate)
  })
  return TaskMap.of(futures, definition.name)
}

function callInside(
  context: RunContext,
  definition: TaskDefinition,
  args: readonly unknown[],
  mapIndex: number | null,
  gate: Limiter | null,
): RunFuture<unknown> {
  const { active } = context
  try {
    const refusal = active.refusal(`task ${definition.name}`)
    if (refusal !== undefined) throw refusal
    const identity = identifyCall(context, definition.identified, args, mapIndex)
    const nested = context.task?.nested ?? null
    const place = nested === null ? '' : scopePrefixOf(definition.taskKey, identity.dynamicKey)
    const former = nested?.get(place)
    // A second attempt of the task around this call takes what the first one finished or still has under way.
    if (former !== undefined && isUsable(former)) return former.future
    const call = new TaskCall(active, context, definition, args, identity, former?.record, gate)
    // A name of the user's own is made here, where what it throws is an error of this call.
    if (typeof definition.runName === 'function') void call.record
    nested?.set(place, call)
    call.begin()
    return call.future
  } catch (error) {
    return refused(definition.name, error)
  }
}

function refused(name: string, error: unknown): RunFuture<unknown> {
  const state = new RunState('failed', { message: messageOf(error), error })
  const future = openFuture<unknown>({ id: null, taskRunId: null, name, identity: name, state })
  rejectFuture(future, error)
  return future
}

/** The flow around a task that is called by itself. It leaves retries and time limits to the task. */
function aloneFlow(definition: TaskDefinition, args: readonly unknown[], source: EngineSource): FlowDefinition {
  return {
    name: definition.name,
    description: definition.description,
    version: null,
    tags: definition.tags,
    fn: () => callTask(definition, args, source),
    runName: null,
    parameters: null,
    retries: 0,
    retryDelay: 0,
    retryIf: null,
    timeoutMs: null,
    concurrency: null,
    captureConsole: false,
    waitInProcessMs: null,
    persist: definition.persist,
    serializer: definition.serializer,
    resultStorage: null,
    idempotencyKey: null,
    entrypoint: null,
    onRunning: [],
    onCompletion: [],
    onFailure: [],
    onCancellation: [],
    onCrashed: [],
  }
}
