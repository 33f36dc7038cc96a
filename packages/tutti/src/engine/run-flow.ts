import { TuttiError } from '../core/errors.ts'
import type { FlowRun, FlowRunCommand } from '../core/flow-run.ts'
import type { JournalAnswer, JournalOperation } from '../core/orchestrator.ts'
import { validateParameters } from '../core/parameters.ts'
import { retryDelayMs } from '../core/retry.ts'
import { elapsedMs } from '../core/time.ts'
import { ActiveRun } from './active-run.ts'
import { runAttempt } from './attempt.ts'
import type { AttemptEnd } from './attempt.ts'
import { currentContext } from './context.ts'
import type { FlowDefinition, FlowHook } from './definition.ts'
import { newLease } from './engine.ts'
import type { Engine } from './engine.ts'
import { createRunLog } from './log.ts'
import { keepOutcome, NOT_KEPT, readFailure, readOutcome } from './outcome.ts'
import { ReplayBook } from './replay-book.ts'
import { encodeResult } from './results.ts'
import { logOf } from './run-access.ts'
import { RunState } from './run-state.ts'
import { encodeError } from './stored-error.ts'
import type { TaskRecord } from './task-record.ts'
import { messageOf } from './task-call.ts'

/** Where a sub-flow run is called from. */
export interface ParentLink {
  readonly active: ActiveRun
  readonly record: TaskRecord
}

/** What a caller learns while the run goes on. */
export interface RunTelling {
  begun(run: FlowRun): void
  attempt(active: ActiveRun): void
}

/** How a flow run ended here. */
export interface RunEnd {
  readonly run: FlowRun
  readonly state: RunState
}

/** Creates a flow run, starts it and runs it to its end. */
export async function runNewFlow(
  engine: Engine,
  definition: FlowDefinition,
  input: unknown,
  parent: ParentLink | null,
  telling: RunTelling,
): Promise<RunEnd> {
  const parameters = definition.parameters === null ? input : await validateParameters(definition.parameters, input)
  const id = engine.ids.next()
  if (parent !== null) {
    parent.record.childFlowRunId = id
    parent.record.enter('running')
  }
  const answer = await engine.journal.write({
    type: 'begin',
    run: {
      id,
      flowName: definition.name,
      name: runNameOf(engine, definition, parameters),
      version: definition.version,
      entrypoint: definition.entrypoint,
      tags: definition.tags,
      parameters: await encodeParameters(definition, parameters),
      idempotencyKey: definition.idempotencyKey,
      parentTaskRunId: parent?.record.id ?? null,
      rootId: parent?.active.run.rootId ?? id,
      policy: { retries: definition.retries, crashRestarts: 0 },
      createdAt: engine.clock.now(),
      lease: newLease(engine),
    },
    parent: parent?.record.checkpoint() ?? null,
  })
  const begun = runOf(answer, `flow run of ${definition.name}`)
  telling.begun(begun.run)
  if (begun.existing) return continueExisting(engine, definition, begun.run, parent, telling)
  return runAttempts(
    engine,
    definition,
    begun.run,
    ReplayBook.empty(engine.orchestrator.journal, begun.run.id),
    parameters,
    parent,
    telling,
  )
}

/** Takes an unfinished run over and runs it to its end: finished task runs are replayed. */
export async function continueFlow(
  engine: Engine,
  definition: FlowDefinition,
  id: string,
  how: 'start' | 'resume' | 'retry',
  parent: ParentLink | null,
  telling: RunTelling,
): Promise<RunEnd> {
  const run = await engine.orchestrator.flowRuns.take(id, how, newLease(engine))
  telling.begun(run)
  if (run.flowName !== definition.name) {
    // The lease is ours already: give the run back in the state of one whose process has gone.
    await engine.orchestrator.flowRuns.command(id, { type: 'crash', message: `it was continued with the flow ${definition.name}` })
    throw new TuttiError('WRONG_FLOW', `flow run ${run.name} (${id}) is a run of ${run.flowName}, not of ${definition.name}`)
  }
  const book = await ReplayBook.load(engine.orchestrator.journal, id, run.replayFailedFrom)
  const parameters = await readOutcome(engine, id, run.parameters)
  return runAttempts(engine, definition, run, book, parameters, parent, telling)
}

/** An idempotency key named an earlier run: its result if it has one, else it goes on. */
async function continueExisting(
  engine: Engine,
  definition: FlowDefinition,
  run: FlowRun,
  parent: ParentLink | null,
  telling: RunTelling,
): Promise<RunEnd> {
  if (run.state.type === 'completed' || run.state.type === 'failed') return { run, state: await endStateOf(engine, run) }
  return continueFlow(engine, definition, run.id, 'resume', parent, telling)
}

/** The end of a finished run as its caller would have seen it. */
export async function endStateOf(engine: Engine, run: FlowRun): Promise<RunState> {
  const { name, message, type } = run.state
  if (type === 'completed') return new RunState(type, { name, message, result: await readKept(engine, run) })
  if (type === 'failed') return new RunState(type, { name, message, error: readFailure(run.outcome) })
  return new RunState(type, { name, message, error: endError(run) })
}

async function readKept(engine: Engine, run: FlowRun): Promise<unknown> {
  if (run.outcome?.format === 'none')
    throw new TuttiError(
      'RESULT_NOT_KEPT',
      `the result of flow run ${run.name} (${run.id}) could not be stored, so it cannot be read again`,
    )
  return readOutcome(engine, run.id, run.outcome)
}

function endError(run: FlowRun): TuttiError {
  const code = run.state.type === 'cancelled' ? 'RUN_CANCELLED' : 'FLOW_RUN_FAILED'
  return new TuttiError(
    code,
    `flow run ${run.name} (${run.id}) ended as ${run.state.name}${run.state.message === null ? '' : `: ${run.state.message}`}`,
  )
}

/* ── attempts ──────────────────────────────────────────────────────────────────────── */

async function runAttempts(
  engine: Engine,
  definition: FlowDefinition,
  begun: FlowRun,
  firstBook: ReplayBook,
  parameters: unknown,
  parent: ParentLink | null,
  telling: RunTelling,
): Promise<RunEnd> {
  let run = begun
  let book = firstBook
  for (;;) {
    const log = createRunLog(engine, run.id, null, definition.name)
    const active = new ActiveRun({ engine, definition, run, book, parameters, parent, log })
    telling.attempt(active)
    if (definition.captureConsole) engine.captureConsole(consoleToLog)
    const leave = enterEngine(engine, active)
    try {
      tellObservers(active)
      for (const hook of definition.onRunning) callHook(active, 'onRunning', hook, new RunState('running'))
      const end = await runAttempt(active)
      const finished = await finish(active, end)
      if (finished !== 'retry') return finished
    } finally {
      active.end()
      leave()
    }
    run = await waitForRetry(engine, active)
    book = await ReplayBook.load(engine.orchestrator.journal, run.id, run.replayFailedFrom)
  }
}

/** Makes the run known to this process: leases are kept, cancellation reaches it. */
function enterEngine(engine: Engine, active: ActiveRun): () => void {
  const { id, attempt } = active.run
  engine.active.set(id, active)
  const stopWithParent = active.parent?.active
  stopWithParent?.onHalt((halt) =>
    active.stop(halt.type === 'broken' ? halt : { type: 'cancelled', message: 'the parent flow run was stopped' }),
  )
  engine.beats.add(
    { flowRunId: id, attempt },
    {
      deadlineMs: active.definition.timeoutMs,
      onTell: ({ tell, message }) => {
        if (tell === 'cancel') active.stop({ type: 'cancelled', message: message ?? 'the flow run was cancelled' })
        if (tell === 'lost')
          active.break(
            new TuttiError('FENCED', `flow run ${active.run.name} (${id}) was taken over: ${message ?? 'another attempt has begun'}`),
          )
      },
    },
  )
  return () => {
    engine.beats.remove(id)
    if (engine.active.get(id) === active) engine.active.delete(id)
  }
}

/** A retry waits in this process, which keeps the lease; it then starts the next attempt as anyone would. */
async function waitForRetry(engine: Engine, active: ActiveRun): Promise<FlowRun> {
  const { run } = active
  const delayMs = run.state.type === 'scheduled' ? Math.max(0, elapsedMs(engine.clock.now(), run.state.scheduledFor)) : 0
  engine.beats.add({ flowRunId: run.id, attempt: run.attempt }, { deadlineMs: null, onTell: () => undefined })
  try {
    await engine.clock.sleep(delayMs)
    return await engine.orchestrator.flowRuns.take(run.id, 'start', newLease(engine))
  } finally {
    engine.beats.remove(run.id)
  }
}

/* ── the end of an attempt ─────────────────────────────────────────────────────────── */

async function finish(active: ActiveRun, end: AttemptEnd): Promise<RunEnd | 'retry'> {
  switch (end.type) {
    case 'completed': {
      const { engine, definition, run } = active
      const outcome = await keepOutcome(
        engine,
        run.id,
        { id: run.id, sequence: run.attempt, name: `flow ${definition.name}` },
        definition,
        end.result,
      )
      if (outcome instanceof TuttiError) return finish(active, { type: 'failed', error: outcome, name: undefined, message: undefined })
      if (outcome === NOT_KEPT && definition.persist === true)
        active.log.warn('the result of the flow cannot be stored; it is handed to the caller only')
      return record(active, { type: 'complete', outcome, ...given(end) }, end.result)
    }
    case 'failed':
      return fail(active, end.error, given(end))
    case 'timed out':
      return fail(active, end.error, { name: 'TimedOut' })
    case 'cancelled':
      for (const hook of active.definition.onCancellation)
        callHook(active, 'onCancellation', hook, new RunState('cancelled', { message: end.message }))
      await Promise.all(active.hooks)
      return record(active, { type: 'cancelled', message: end.message }, undefined)
    case 'broken':
      return leaveBroken(active, end.error)
  }
}

async function fail(
  active: ActiveRun,
  error: unknown,
  more: { readonly name?: string; readonly message?: string },
): Promise<RunEnd | 'retry'> {
  const retryDelay = await flowRetryDelay(active, error)
  return record(
    active,
    { type: 'fail', message: more.message ?? messageOf(error), ...more, outcome: encodeError(error), retryDelayMs: retryDelay },
    error,
  )
}

async function flowRetryDelay({ definition, run, engine, log }: ActiveRun, error: unknown): Promise<number | null> {
  if (run.failures >= definition.retries) return null
  const attempt = run.failures + 1
  try {
    if (definition.retryIf !== null && !(await definition.retryIf(error, { attempt }))) return null
    return retryDelayMs(definition.retryDelay, { error, attempt }, { random: engine.random, now: engine.clock.now() })
  } catch (thrown) {
    log.error('deciding whether the flow may be tried again failed:', thrown)
    return null
  }
}

/** Writes the end, and in the same transaction the task run that stands for this run in its parent. */
async function record(
  active: ActiveRun,
  command: FlowRunCommand & { type: 'complete' | 'fail' | 'cancelled' },
  told: unknown,
): Promise<RunEnd | 'retry'> {
  const { engine, parent, run } = active
  const retries = command.type === 'fail' && command.retryDelayMs !== null && run.failures < run.policy.retries
  if (parent !== null && !retries) mirror(parent.record, command)
  const answer = await writeEnd(active, (): JournalOperation => {
    if (parent !== null && !retries) parent.record.number = parent.active.takeNumber()
    return {
      type: 'command',
      flowRunId: run.id,
      attempt: run.attempt,
      command,
      parent: parent === null || retries ? null : parent.record.checkpoint(),
    }
  })
  if (answer instanceof TuttiError) return leaveBroken(active, answer)
  active.run = answer
  tellObservers(active, command.type === 'fail' ? told : undefined)
  const { state } = answer
  if (state.type === 'scheduled') {
    active.log.warn(
      `attempt ${run.attempt} failed: ${state.message ?? ''}; it is tried again in ${Math.round(elapsedMs(engine.clock.now(), state.scheduledFor))} ms`,
    )
    return 'retry'
  }
  const more = { name: state.name, message: state.message }
  const end =
    state.type === 'completed'
      ? new RunState('completed', { ...more, result: told })
      : new RunState(state.type, { ...more, error: state.type === 'failed' ? told : endError(answer) })
  const hooks = state.type === 'completed' ? active.definition.onCompletion : state.type === 'failed' ? active.definition.onFailure : []
  for (const hook of hooks) callHook(active, state.type, hook, end)
  await Promise.all(active.hooks)
  return { run: answer, state: end }
}

function mirror(record: TaskRecord, command: FlowRunCommand & { type: 'complete' | 'fail' | 'cancelled' }): void {
  switch (command.type) {
    case 'complete':
      record.outcome = command.outcome
      return record.enter('completed', { name: command.name, message: command.message ?? null })
    case 'fail':
      record.outcome = command.outcome
      return record.enter('failed', { name: command.name, message: command.message })
    case 'cancelled':
      return record.enter('cancelled', { message: command.message })
  }
}

async function writeEnd(active: ActiveRun, build: () => JournalOperation): Promise<FlowRun | TuttiError> {
  const answer = await new Promise<JournalAnswer | TuttiError>((resolve) => {
    active.engine.journal.push({
      build,
      settle: (told, failure) =>
        resolve(told ?? (failure instanceof TuttiError ? failure : new TuttiError('STORE_FAILED', messageOf(failure), { cause: failure }))),
    })
  })
  if (answer instanceof TuttiError) return answer
  if (answer.type === 'run') return answer.run
  const reason = answer.type === 'refused' ? answer.reason : 'the store gave no run'
  return new TuttiError(
    answer.type === 'refused' ? answer.code : 'STORE_FAILED',
    `the end of flow run ${active.run.name} (${active.run.id}) could not be recorded: ${reason}`,
  )
}

/**
 * The attempt can no longer be recorded. Fenced: another attempt has it, nothing is left to do. Otherwise the run is told to be crashed as
 * soon as the store takes it, so that it can be resumed from this or any other process; if that fails too, the end of this process tells it.
 */
async function leaveBroken(active: ActiveRun, error: TuttiError): Promise<RunEnd> {
  const { engine, run } = active
  active.stop({ type: 'broken', error })
  for (const hook of active.definition.onCrashed)
    callHook(active, 'onCrashed', hook, new RunState('crashed', { message: error.message, error }))
  await Promise.all(active.hooks)
  if (error.code !== 'FENCED') {
    await engine.orchestrator.flowRuns.command(run.id, { type: 'crash', message: error.message }).catch((again: unknown) => {
      engine.abandoned.set(run.id, messageOf(again))
    })
  }
  engine.observers.flowRun({
    id: run.id,
    name: run.name,
    flowName: run.flowName,
    parentFlowRunId: active.parent?.active.run.id ?? null,
    state: { id: run.state.id, type: 'crashed', name: 'Crashed', timestamp: engine.clock.now(), message: error.message },
    attempt: run.attempt,
    replaying: active.book.size,
    error,
  })
  return { run, state: new RunState('crashed', { message: error.message, error }) }
}

/** A console line of a flow that asked for it goes to the log of the run or task run it was printed in. */
function consoleToLog(level: number, args: readonly unknown[]): boolean {
  const context = currentContext()
  if (context === undefined || !context.active.definition.captureConsole) return false
  logOf(context).at(level, 'console', ...args)
  return true
}

/* ── small parts ───────────────────────────────────────────────────────────────────── */

function callHook(active: ActiveRun, what: string, hook: FlowHook, state: RunState): void {
  const { run, definition, parameters } = active
  active.hook(`${what} of flow ${definition.name}`, () =>
    hook({ flowRunId: run.id, name: run.name, flowName: definition.name, attempt: run.attempt, parameters, state }),
  )
}

function tellObservers(active: ActiveRun, error?: unknown): void {
  const { run, engine, parent, book } = active
  engine.observers.flowRun({
    id: run.id,
    name: run.name,
    flowName: run.flowName,
    parentFlowRunId: parent?.active.run.id ?? null,
    state: run.state,
    attempt: run.attempt,
    replaying: book.size,
    error,
  })
}

async function encodeParameters(definition: FlowDefinition, parameters: unknown): Promise<FlowRun['parameters']> {
  const encoded = await encodeResult(parameters, { serializer: 'json' })
  if ('unserialisable' in encoded) {
    throw new TuttiError(
      'INVALID_PARAMETERS',
      `the parameters of flow ${definition.name} have ${encoded.what} at ${encoded.unserialisable}, which cannot be stored`,
    )
  }
  if (encoded.sizeBytes > PARAMETERS_MAX_BYTES) {
    throw new TuttiError(
      'INVALID_PARAMETERS',
      `the parameters of flow ${definition.name} take ${encoded.sizeBytes} bytes; at most ${PARAMETERS_MAX_BYTES} can be stored`,
    )
  }
  return { format: encoded.format, text: encoded.text }
}

/** The protocol's limit for parameters. */
const PARAMETERS_MAX_BYTES = 524_288

function runNameOf(engine: Engine, definition: FlowDefinition, parameters: unknown): string {
  const { runName } = definition
  if (runName === null) return engine.names()
  if (typeof runName === 'function') return runName(parameters)
  return runName.replaceAll(/\{([\w.]+)\}/g, (whole, path: string) => {
    let value: unknown = parameters
    for (const part of path.split('.'))
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined
    if (value instanceof Date) return value.toISOString()
    return value === undefined ? whole : typeof value === 'string' ? value : JSON.stringify(value)
  })
}

function runOf(answer: JournalAnswer, what: string): { run: FlowRun; existing: boolean } {
  if (answer.type === 'run') return { run: answer.run, existing: answer.decision === 'existing' }
  throw new TuttiError(
    answer.type === 'refused' ? answer.code : 'STORE_FAILED',
    `the ${what} could not be created: ${answer.type === 'refused' ? answer.reason : 'no answer'}`,
  )
}

function given(end: { readonly name: string | undefined; readonly message: string | undefined }): { name?: string; message?: string } {
  return { ...(end.name === undefined ? {} : { name: end.name }), ...(end.message === undefined ? {} : { message: end.message }) }
}
