import { isSleeping } from '../core/flow-run.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { isTerminal } from '../core/state.ts'
import type { ActiveRun, OpenCall, ParentLink, Resting } from './active-run.ts'
import { identifyCall, scopePrefixOf } from './call-identity.ts'
import type { CallIdentity } from './call-identity.ts'
import { currentContext, isUsable, runOutside } from './context.ts'
import type { NestedCall, RunContext } from './context.ts'
import type { FlowDefinition } from './definition.ts'
import { dependenciesOf, resolveArguments } from './dependencies.ts'
import type { RunEnd } from './end-run.ts'
import type { Engine } from './engine.ts'
import { openFuture, rejectFuture, resolveFuture } from './future.ts'
import type { RunFuture } from './future.ts'
import { readFailure, readOutcome } from './outcome.ts'
import { resultsOf } from './result-storage.ts'
import type { Match } from './replay-book.ts'
import { continueFlow, joinRun, rerunFlow, runNewFlow } from './run-flow.ts'
import type { RerunAsked } from './run-flow.ts'
import { replayResult } from './replayed-result.ts'
import { RunState } from './run-state.ts'
import type { RunTelling } from './run-telling.ts'
import { TaskRecord } from './task-record.ts'
import { messageOf } from './thrown.ts'

/** Gives the engine of this process; made when the first run needs it. */
export type EngineSource = () => Engine | Promise<Engine>

/** Calls a flow: a new run of its own, or inside another flow a sub-flow run linked to it. */
export function callFlow(definition: FlowDefinition, input: unknown, source: EngineSource): RunFuture<unknown> {
  const context = currentContext()
  const call = new FlowCall(definition.name)
  if (context !== undefined) return new SubFlowCall(context, definition, input, call).begin()
  call.follow(async () => runNewFlow({ engine: await source(), definition, parent: null, telling: call }, input))
  return call.future
}

/** Starts a run that is due, or continues one that has not ended or that failed, as `how` says. */
export function continueCall(
  definition: FlowDefinition,
  id: string,
  how: 'start' | 'resume' | 'retry',
  source: EngineSource,
): RunFuture<unknown> {
  const call = new FlowCall(definition.name)
  call.follow(() => runOutside(async () => continueFlow({ engine: await source(), definition, parent: null, telling: call }, id, how)))
  return call.future
}

/** Runs a run again that has ended. */
export function rerunCall(definition: FlowDefinition, id: string, asked: RerunAsked, source: EngineSource): RunFuture<unknown> {
  const call = new FlowCall(definition.name)
  call.follow(() => runOutside(async () => rerunFlow({ engine: await source(), definition, parent: null, telling: call }, id, asked)))
  return call.future
}

/** The caller's side of a flow run. */
class FlowCall implements RunTelling {
  readonly future: RunFuture<unknown>
  readonly #flowName: string
  identity = ''
  taskRunId: string | null = null
  active: ActiveRun | undefined
  #stopped: string | undefined
  #run: FlowRun | undefined
  #state: RunState | undefined

  constructor(flowName: string) {
    this.#flowName = flowName
    this.future = openFuture<unknown>(this)
  }

  get id(): string | null {
    return this.#run?.id ?? null
  }

  get name(): string {
    return this.#run?.name ?? this.#flowName
  }

  get state(): RunState {
    if (this.#state !== undefined) return this.#state
    const state = (this.active?.run ?? this.#run)?.state
    return state === undefined ? new RunState('pending') : new RunState(state.type, { name: state.name, message: state.message })
  }

  begun(run: FlowRun): void {
    this.#run = run
  }

  attempt(active: ActiveRun): void {
    this.active = active
    if (this.#stopped !== undefined) active.stop({ type: 'cancelled', message: this.#stopped })
  }

  /** Cancels the run, also if its attempt has yet to begin. */
  stop(message: string): void {
    this.#stopped = message
    this.active?.stop({ type: 'cancelled', message })
  }

  follow(run: () => Promise<RunEnd>): void {
    run().then(
      (end) => this.settle(end.state),
      (error: unknown) => this.settle(new RunState('failed', { message: messageOf(error), error })),
    )
  }

  settle(state: RunState): void {
    this.#state = state
    if (state.isCompleted) resolveFuture(this.future, state.result)
    else rejectFuture(this.future, state.error)
  }
}

/** A flow called inside a flow: its run has the same identity in every attempt of its parent, so there is never a twin. */
class SubFlowCall implements OpenCall, NestedCall {
  readonly settled: Promise<void>
  readonly #context: RunContext
  readonly #definition: FlowDefinition
  readonly #input: unknown
  readonly #call: FlowCall
  #record: TaskRecord | undefined
  #settle!: () => void
  #aborted: { readonly reason: unknown } | undefined
  readonly withdrawn = false

  constructor(context: RunContext, definition: FlowDefinition, input: unknown, call: FlowCall) {
    this.#context = context
    this.#definition = definition
    this.#input = input
    this.#call = call
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get future(): RunFuture<unknown> {
    return this.#call.future
  }

  get record(): TaskRecord {
    if (this.#record === undefined) throw new Error(`sub-flow ${this.#definition.name} was not begun`)
    return this.#record
  }

  /** The future of the call: of this one, or of the same call in an earlier attempt of the task around it. */
  begin(): RunFuture<unknown> {
    const { active, task } = this.#context
    const definition = this.#definition
    try {
      const refusal = active.refusal(`flow ${definition.name}`)
      if (refusal !== undefined) throw refusal
      const described = {
        name: definition.name,
        taskKey: `flow:${definition.name}`,
        key: null,
        onChange: 'warn',
        waitFor: [],
        runName: () => definition.name,
      } as const
      const identity = identifyCall(this.#context, described, [this.#input], null)
      this.#call.identity = scopePrefixOf(described.taskKey, identity.dynamicKey)
      const former = task?.nested?.get(this.#call.identity)
      if (former !== undefined && isUsable(former)) return former.future
      this.#record = former?.record ?? this.#newRecord(identity)
      former?.record.renew()
      this.#call.taskRunId = this.#record.id
      task?.nested?.set(this.#call.identity, this)
      active.open.add(this)
      if (identity.match?.type === 'replay') this.#replay(identity.match, this.#record)
      else void this.#run(this.#record, identity.match !== undefined || former !== undefined)
    } catch (error) {
      this.#call.settle(new RunState('failed', { message: messageOf(error), error }))
    }
    return this.future
  }

  get resting(): Resting | null {
    const { active } = this.#call
    return active === undefined ? null : { type: 'run', active }
  }

  abort(reason: unknown): void {
    this.#aborted = { reason }
    this.#call.stop(messageOf(reason))
  }

  #newRecord(identity: CallIdentity): TaskRecord {
    const { active, task, tags } = this.#context
    const described = {
      flowRunId: active.run.id,
      taskKey: `flow:${this.#definition.name}`,
      dynamicKey: identity.dynamicKey,
      ordinal: identity.ordinal,
      name: this.#definition.name,
      kind: 'flow',
      tags,
      parentTaskRunId: task?.record.id ?? null,
      upstream: identity.upstream,
    } as const
    return new TaskRecord(
      described,
      { attempt: active.run.attempt, createdAt: active.engine.clock.now() },
      active.engine,
      identity.match?.entry,
    )
  }

  async #run(record: TaskRecord, again: boolean): Promise<void> {
    const { active } = this.#context
    let state: RunState | undefined
    // The result takes its place among the parent's when it is recorded; what the child's hooks still do must not let others pass it.
    const place = {
      number: 0,
      get ready(): boolean {
        return state !== undefined
      },
      deliver: (): void => this.#done(state!), // delivered only when ready
    }
    const ended = (): void => {
      place.number = record.number! // taken when the end was written
      active.delivery.push(place)
    }
    try {
      const input = await this.#resolvedInput()
      if (this.#aborted !== undefined) throw this.#aborted.reason
      const end = await this.#runChild(record, { active, record, ended }, input, again)
      if (end.state.type === 'crashed') active.break(end.state.error)
      // The process is given back to whom its root belongs: the code that called it never goes on here.
      if (end.state.type === 'scheduled' || end.state.type === 'paused') return
      state = end.state
    } catch (error) {
      // Nothing of the child was recorded (its parameters were refused, or the store was): the caller gets the error as it is.
      state = new RunState('failed', { message: messageOf(error), error })
    }
    if (place.number === 0) this.#done(state)
    else active.delivery.wake()
  }

  async #resolvedInput(): Promise<unknown> {
    await Promise.all(dependenciesOf([this.#input], []))
    return (await resolveArguments([this.#input]))[0]
  }

  /** A child that an earlier attempt of the parent began goes on; only one that was never begun is new. */
  async #runChild(record: TaskRecord, parent: ParentLink, input: unknown, again: boolean): Promise<RunEnd> {
    const { engine } = this.#context.active
    const calling = { engine, definition: this.#definition, parent, telling: this.#call }
    const childId = again ? record.childFlowRunId : null
    if (childId === null) return runNewFlow(calling, input)
    const child = await engine.orchestrator.flowRuns.get(childId)
    // Somebody has resumed it on its own since its parent ended.
    if (child.state.type === 'completed') return joinRun(calling, child)
    const how = child.state.type === 'failed' ? 'retry' : isTerminal(child.state.type) || child.lease !== null ? 'resume' : 'start'
    record.enter('running')
    // It gave its process back together with its parent. What it waits for is still to come, or is there by now.
    if (child.lease === null && (child.state.type === 'paused' || isSleeping(child))) {
      await engine.orchestrator.flowRuns.command(childId, { type: 'wake' })
      return continueFlow(calling, childId, 'start')
    }
    return continueFlow(calling, childId, how)
  }

  #replay({ entry }: Match & { type: 'replay' }, record: TaskRecord): void {
    const { active } = this.#context
    const { name, message, type } = entry.state
    const results = resultsOf(active.engine, this.#definition)
    replayResult<RunState>(active, {
      replayed: entry,
      what: `sub-flow ${this.#definition.name}`,
      async readReplayed(outcome) {
        if (type === 'failed') return new RunState('failed', { name, message, error: readFailure(outcome) })
        const result = await readOutcome(results, record.childFlowRunId ?? active.run.id, outcome)
        return new RunState('completed', { name, message, result })
      },
      deliverReplayed: (state) => this.#done(state),
      replayFailed: (error) => this.#done(new RunState('crashed', { message: messageOf(error), error })),
    })
  }

  #done(state: RunState): void {
    this.#context.active.open.delete(this)
    this.#call.settle(state)
    this.#settle()
  }
}
