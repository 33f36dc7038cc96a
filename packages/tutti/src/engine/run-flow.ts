import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { JournalAnswer, JournalOperation } from '../core/orchestrator.ts'
import { validateParameters } from '../core/parameters.ts'
import { elapsedMs } from '../core/time.ts'
import { ActiveRun } from './active-run.ts'
import type { Halt, ParentLink } from './active-run.ts'
import { runAttempt } from './attempt.ts'
import { currentContext } from './context.ts'
import type { FlowDefinition } from './definition.ts'
import { finish } from './end-run.ts'
import type { RunEnd } from './end-run.ts'
import { endStateOf } from './ended-run.ts'
import { newLease } from './engine.ts'
import type { Engine } from './engine.ts'
import { giveUp } from './give-up.ts'
import { createRunLog } from './log.ts'
import { readOutcome } from './outcome.ts'
import { ReplayBook } from './replay-book.ts'
import { encodeResult } from './results.ts'
import { logOf } from './run-access.ts'
import { RunState } from './run-state.ts'
import { callHook, tellObservers } from './run-telling.ts'
import type { RunTelling } from './run-telling.ts'
import { messageOf } from './thrown.ts'

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
  const begin: JournalOperation = {
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
  }
  const answer = await orGiveUp(engine, id, 'the run could not be begun', engine.journal.write(begin))
  const begun = runOf(answer, `flow run of ${definition.name}`)
  telling.begun(begun.run)
  if (begun.existing) return joinRun(engine, definition, begun.run, parent, telling)
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
  const known = await engine.orchestrator.flowRuns.get(id)
  if (known.flowName !== definition.name)
    throw new TuttiError('WRONG_FLOW', `flow run ${known.name} (${id}) is a run of ${known.flowName}, not of ${definition.name}`)
  const run = await orGiveUp(engine, id, 'the run could not be continued', engine.orchestrator.flowRuns.take(id, how, newLease(engine)))
  telling.begun(run)
  const book = await loadBook(engine, run)
  const parameters = await orGiveUp(engine, id, 'its parameters could not be read', readOutcome(engine, id, run.parameters))
  return runAttempts(engine, definition, run, book, parameters, parent, telling)
}

/**
 * The run is there already, because an idempotency key or an earlier attempt of the parent named it: its result if it has one, the same end if it is under way in this process, else it goes on
 * here. A run that another process holds is refused with `TRANSITION_REJECTED`.
 */
export async function joinRun(
  engine: Engine,
  definition: FlowDefinition,
  run: FlowRun,
  parent: ParentLink | null,
  telling: RunTelling,
): Promise<RunEnd> {
  const underWay = engine.ends.get(run.id)
  if (underWay === undefined && run.state.type !== 'completed' && run.state.type !== 'failed')
    return continueFlow(engine, definition, run.id, 'resume', parent, telling)
  for (let above = parent; above !== null; above = above.active.parent) {
    if (above.active.run.id === run.id)
      throw new TuttiError(
        'INVALID_OPTION',
        `flow ${definition.name} calls itself with its own idempotency key, so it would wait for itself`,
      )
  }
  const end = underWay === undefined ? { run, state: await endStateOf(engine, run) } : await underWay
  if (parent !== null) await joinParent(engine, parent, end)
  return end
}

/** Writes the task run that stands for a run which somebody else began. */
async function joinParent(engine: Engine, { active, record, ended }: ParentLink, { run, state }: RunEnd): Promise<void> {
  record.childFlowRunId = run.id
  record.outcome = run.outcome
  record.enter(state.type === 'completed' ? 'completed' : state.type === 'failed' ? 'failed' : 'cancelled', {
    name: state.name,
    message: state.message,
  })
  const answer = await engine.journal.writeBuilt(() => {
    record.number = active.takeNumber()
    return { type: 'checkpoint', checkpoint: record.checkpoint() }
  }, ended)
  if (answer.type === 'refused')
    active.break(new TuttiError(answer.code, `sub-flow run ${run.name} could not be recorded: ${answer.reason}`))
}

/* ── attempts ──────────────────────────────────────────────────────────────────────── */

function runAttempts(
  engine: Engine,
  definition: FlowDefinition,
  begun: FlowRun,
  firstBook: ReplayBook,
  parameters: unknown,
  parent: ParentLink | null,
  telling: RunTelling,
): Promise<RunEnd> {
  const end = attempts(engine, definition, begun, firstBook, parameters, parent, telling)
  engine.ends.set(begun.id, end)
  return end.finally(() => engine.ends.delete(begun.id))
}

async function attempts(
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
      active.close()
      const finished = await finish(active, end)
      if (finished !== 'retry') return finished
      const next = await waitForRetry(active)
      if (next.type === 'ended') return next.end
      run = next.run
    } finally {
      active.end()
      leave()
    }
    book = await loadBook(engine, run)
  }
}

function loadBook(engine: Engine, { id, replayFailedFrom }: FlowRun): Promise<ReplayBook> {
  return orGiveUp(engine, id, 'its journal could not be read', ReplayBook.load(engine.orchestrator.journal, id, replayFailedFrom))
}

/** A run that this process took, or may have taken, and cannot go on with: it must not seem to be running for as long as the process lives. */
async function orGiveUp<T>(engine: Engine, id: string, what: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    // Refused: the store is well, and the run is another's.
    if (!isTuttiError(error, 'TRANSITION_REJECTED') && !isTuttiError(error, 'FLOW_RUN_NOT_FOUND'))
      await giveUp(engine, id, { message: `${what}: ${messageOf(error)}` })
    throw error
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

/**
 * A retry waits in this process, which keeps the lease; it then starts the next attempt as anyone would. A run that is stopped meanwhile
 * ends here.
 */
async function waitForRetry(active: ActiveRun): Promise<Waited> {
  const { engine, run } = active
  try {
    const due = run.state.type === 'scheduled' ? run.state.scheduledFor : 0
    for (let now = engine.clock.now(); now < due; now = engine.clock.now())
      await engine.clock.sleep(Math.ceil(elapsedMs(now, due)), active.controller.signal)
    return { type: 'go on', run: await engine.orchestrator.flowRuns.take(run.id, 'start', newLease(engine)) }
  } catch (error) {
    if (active.halt === undefined) active.break(error)
    return { type: 'ended', end: await endWaiting(active, active.halt!) } // stopped by somebody, or just now
  }
}

type Waited = { readonly type: 'go on'; readonly run: FlowRun } | { readonly type: 'ended'; readonly end: RunEnd }

async function endWaiting(active: ActiveRun, halt: Halt): Promise<RunEnd> {
  const end = await finish(active, halt)
  if (end === 'retry') throw new Error(`flow run ${active.run.id} was stopped while it waited and goes on waiting`)
  return end
}

/** A console line of a flow that asked for it goes to the log of the run or task run it was printed in. */
function consoleToLog(level: number, args: readonly unknown[]): boolean {
  const context = currentContext()
  if (context === undefined || !context.active.definition.captureConsole) return false
  logOf(context).at(level, 'console', ...args)
  return true
}

/* ── small parts ───────────────────────────────────────────────────────────────────── */

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
