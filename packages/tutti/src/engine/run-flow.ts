import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { JournalAnswer, JournalOperation } from '../core/orchestrator.ts'
import type { StoredValue } from '../core/json.ts'
import { isUntouched } from '../core/run-context.ts'
import { validateParameters } from '../core/parameters.ts'
import type { RerunRequest } from '../core/rerun.ts'
import type { ParentLink } from './active-run.ts'
import type { FlowDefinition } from './definition.ts'
import type { RunEnd } from './end-run.ts'
import { endStateOf } from './ended-run.ts'
import { newLease } from './engine.ts'
import type { Engine } from './engine.ts'
import { orGiveUp } from './give-up.ts'
import { readOutcome } from './outcome.ts'
import { resultsOf } from './result-storage.ts'
import { createRunLog } from './log.ts'
import { ReplayBook } from './replay-book.ts'
import { encodeResult, RESULT_INLINE_MAX_BYTES } from './results.ts'
import { givenName } from './run-name.ts'
import { refuseSecretKey, secretRefused } from './secret-values.ts'
import { RunState } from './run-state.ts'
import { encodeError } from './stored-error.ts'
import { messageOf } from './thrown.ts'
import { loadBook, runAttempts } from './run-attempts.ts'
import type { FlowCalling } from './run-attempts.ts'

/** Creates a flow run, starts it and runs it to its end. */
export async function runNewFlow(calling: FlowCalling, input: unknown): Promise<RunEnd> {
  const { engine, definition, parent, telling } = calling
  const parameters = definition.parameters === null ? input : await validateParameters(definition.parameters, input)
  // What user code can still refuse comes first: a task run that stands for the run names one that is really begun.
  const name = runNameOf(engine, definition, parameters)
  const encoded = await encodeParameters(definition, parameters)
  refuseSecretKey(definition.idempotencyKey, `flow ${definition.name}`)
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
      name,
      version: definition.version,
      entrypoint: definition.entrypoint,
      tags: definition.tags,
      parameters: encoded,
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
  if (begun.existing) return joinRun(calling, begun.run)
  return runAttempts(calling, { run: begun.run, book: ReplayBook.empty(engine.orchestrator.journal, begun.run.id), parameters })
}

/** What is asked of a run that ended, in values of the program. */
export interface RerunAsked {
  /** As in `RerunRequest`. */
  readonly from?: string
  /** Laid over those of the run, and checked as those of any call. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** By task. */
  readonly results?: Readonly<Record<string, unknown>>
  readonly name?: string
  readonly how: RerunRequest['how']
}

/** Runs a run again, from one of its tasks or from its start: what is reused is replayed. */
export async function rerunFlow(calling: FlowCalling, id: string, asked: RerunAsked): Promise<RunEnd> {
  const { engine, definition } = calling
  const { flowRuns } = engine.orchestrator
  const known = await flowRuns.get(id)
  if (known.flowName !== definition.name)
    throw new TuttiError('WRONG_FLOW', `flow run ${known.name} (${id}) is a run of ${known.flowName}, not of ${definition.name}`)
  const results: { readonly task: string; readonly stored: StoredValue }[] = []
  for (const [task, value] of Object.entries(asked.results ?? {})) results.push({ task, stored: await encodeSupplied(task, value) })
  const stored = asked.parameters === undefined ? undefined : await editedParameters(calling, known, asked.parameters)
  const { run } = await flowRuns.rerun(id, {
    from: asked.from ?? null,
    parameters: stored === undefined ? null : { type: 'replace', stored },
    results,
    code: 'same',
    id: asked.how === 'retry' ? null : engine.ids.next(),
    name: asked.name ?? null,
    how: asked.how,
  })
  return continueFlow(calling, run.id, 'start')
}

async function editedParameters({ engine, definition }: FlowCalling, run: FlowRun, edited: Readonly<Record<string, unknown>>) {
  const former = await readOutcome(engine.orchestrator.results, run.id, run.parameters)
  if (former !== undefined && (typeof former !== 'object' || former === null))
    throw new TuttiError(
      'INVALID_PARAMETERS',
      `the parameters of flow run ${run.name} (${run.id}) are no object, so single ones cannot be changed`,
    )
  const input = { ...former, ...edited }
  return encodeParameters(definition, definition.parameters === null ? input : await validateParameters(definition.parameters, input))
}

async function encodeSupplied(task: string, value: unknown): Promise<StoredValue> {
  const encoded = await encodeResult(value, { serializer: 'json' })
  if ('unserialisable' in encoded)
    throw new TuttiError(
      'RESULT_NOT_SERIALISABLE',
      `the result supplied for ${task} has ${encoded.what} at ${encoded.unserialisable}, which cannot be stored`,
    )
  if (encoded.sizeBytes > RESULT_INLINE_MAX_BYTES)
    throw new TuttiError(
      'RESULT_TOO_LARGE',
      `the result supplied for ${task} takes ${encoded.sizeBytes} bytes, and at most ${RESULT_INLINE_MAX_BYTES} are taken`,
    )
  return { format: encoded.format, text: encoded.text }
}

/** Takes an unfinished run over and runs it to its end: finished task runs are replayed. */
export async function continueFlow(calling: FlowCalling, id: string, how: 'start' | 'resume' | 'retry'): Promise<RunEnd> {
  const { engine, definition } = calling
  const known = await engine.orchestrator.flowRuns.get(id)
  if (known.flowName !== definition.name)
    throw new TuttiError('WRONG_FLOW', `flow run ${known.name} (${id}) is a run of ${known.flowName}, not of ${definition.name}`)
  const run = await orGiveUp(engine, id, 'the run could not be continued', engine.orchestrator.flowRuns.take(id, how, newLease(engine)))
  return goOn(calling, run)
}

/**
 * Starts a run that is due unless it was started with its claim, and runs it to its end. Its code is loaded once it is held: code that is missing is the end of the run, and code
 * that ends its process as it is loaded is a crash of the run.
 *
 * @throws `TRANSITION_REJECTED` when it is not due any more, or somebody else has it.
 */
export async function runDueFlow(
  { engine, telling }: Pick<FlowCalling, 'engine' | 'telling'>,
  due: string | FlowRun,
  load: (run: FlowRun) => FlowDefinition | Promise<FlowDefinition>,
): Promise<RunEnd> {
  const run = typeof due === 'string' ? await engine.orchestrator.flowRuns.take(due, 'start', newLease(engine)) : due
  let definition: FlowDefinition
  try {
    definition = await load(run)
  } catch (error) {
    return endUnloaded(engine, run, error)
  }
  return goOn({ engine, definition, parent: null, telling }, run)
}

async function goOn(calling: FlowCalling, run: FlowRun): Promise<RunEnd> {
  const { engine, definition, telling } = calling
  const { id } = run
  telling.begun(run)
  // Two questions to a server that is far away, whose answers are known.
  const book = isUntouched(run) ? ReplayBook.empty(engine.orchestrator.journal, id) : await loadBook(engine, run)
  const stored = await orGiveUp(
    engine,
    id,
    'its parameters could not be read',
    readOutcome(engine.orchestrator.results, id, run.parameters),
  )
  // Whoever made the run elsewhere has given what people write; what a flow was called with here has been validated before it was kept.
  if (run.dispatch === undefined || definition.parameters === null) return runAttempts(calling, { run, book, parameters: stored })
  let parameters: unknown
  try {
    parameters = await validateParameters(definition.parameters, stored)
  } catch (error) {
    // An end like any other: it is recorded, logged and told to hooks.
    const refusing = { ...definition, fn: () => Promise.reject(error), retryIf: () => false }
    return runAttempts({ ...calling, definition: refusing }, { run, book, parameters: stored })
  }
  return runAttempts(calling, { run, book, parameters })
}

/** The code of the run cannot be had, so nothing of it can be called. */
async function endUnloaded(engine: Engine, run: FlowRun, error: unknown): Promise<RunEnd> {
  const message = messageOf(error)
  createRunLog(engine, run.id, null, run.flowName).error(message)
  const command = { type: 'fail', message, outcome: encodeError(error), retryDelayMs: null } as const
  const written = engine.journal.write({ type: 'command', flowRunId: run.id, attempt: run.attempt, command, parent: null })
  const ended = runOf(await orGiveUp(engine, run.id, 'its end could not be recorded', written), `end of flow run ${run.name}`)
  return { run: ended.run, state: new RunState('failed', { message, error }) }
}

/**
 * The run is there already, because an idempotency key or an earlier attempt of the parent named it: its result if it has one, the same end
 * if it is under way in this process, else it goes on here. A run that another process holds is refused with `TRANSITION_REJECTED`.
 */
export async function joinRun(calling: FlowCalling, run: FlowRun): Promise<RunEnd> {
  const { engine, definition, parent } = calling
  const underWay = engine.ends.get(run.id)
  if (underWay === undefined && run.state.type !== 'completed' && run.state.type !== 'failed')
    return continueFlow(calling, run.id, 'resume')
  for (let above = parent; above !== null; above = above.active.parent) {
    if (above.active.run.id === run.id)
      throw new TuttiError(
        'INVALID_OPTION',
        `flow ${definition.name} calls itself with its own idempotency key, so it would wait for itself`,
      )
  }
  const end = underWay === undefined ? { run, state: await endStateOf(resultsOf(engine, definition), run) } : await underWay
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

async function encodeParameters(definition: FlowDefinition, parameters: unknown): Promise<FlowRun['parameters']> {
  const encoded = await encodeResult(parameters, { serializer: 'json' })
  if ('unserialisable' in encoded) {
    if (encoded.isSecret === true)
      throw secretRefused(`the parameters of flow ${definition.name}`, encoded.unserialisable.replace(/^result/, ''))
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
  if (typeof runName === 'function') return givenName(runName(parameters), `flow ${definition.name}`)
  return runName.replaceAll(/\{([\w.]+)\}/g, (whole, path: string) => {
    let value: unknown = parameters
    for (const part of path.split('.'))
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined
    if (value instanceof Date) return value.toISOString()
    return value === undefined ? whole : typeof value === 'object' ? JSON.stringify(value, bigIntAsText) : String(value)
  })
}

function bigIntAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function runOf(answer: JournalAnswer, what: string): { run: FlowRun; existing: boolean } {
  if (answer.type === 'run') return { run: answer.run, existing: answer.decision === 'existing' }
  throw new TuttiError(
    answer.type === 'refused' ? answer.code : 'STORE_FAILED',
    `the ${what} could not be created: ${answer.type === 'refused' ? answer.reason : 'no answer'}`,
  )
}
