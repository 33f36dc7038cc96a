import { TuttiError } from '../core/errors.ts'
import type { FlowRun, FlowRunCommand } from '../core/flow-run.ts'
import type { JournalAnswer, JournalOperation } from '../core/orchestrator.ts'
import { elapsedMs } from '../core/time.ts'
import type { ActiveRun } from './active-run.ts'
import type { AttemptEnd } from './attempt.ts'
import { endError } from './ended-run.ts'
import { giveUp } from './give-up.ts'
import { keepOutcome, reasonNotKept } from './outcome.ts'
import { decideRetry } from './retry-decision.ts'
import { RunState } from './run-state.ts'
import { callHook, tellObservers } from './run-telling.ts'
import { encodeError } from './stored-error.ts'
import { SUPERSEDED } from '../core/rerun.ts'
import { TaskRecord } from './task-record.ts'
import { messageOf } from './thrown.ts'

/**
 * How a flow run ended here. A state that is `scheduled` or `paused`: it waits for long and has given its process back, and whoever takes it next
 * (`take(id, 'start')`) goes on with it; here nothing is left of it.
 */
export interface RunEnd {
  readonly run: FlowRun
  readonly state: RunState
}

/** Records how an attempt came out, and tells hooks and observers. `'retry'`: the run waits for its next attempt. */
export async function finish(active: ActiveRun, end: AttemptEnd): Promise<RunEnd | 'retry'> {
  if (active.engine.journal.logsDropped > 0) await tellDroppedLogs(active)
  switch (end.type) {
    case 'completed': {
      const { results, definition, run } = active
      const outcome = await keepOutcome(
        results,
        run.id,
        { id: run.id, sequence: run.attempt, name: `flow ${definition.name}` },
        definition,
        end.result,
      )
      if (outcome instanceof TuttiError) return finish(active, { type: 'failed', error: outcome, name: undefined, message: undefined })
      const reason = reasonNotKept(outcome)
      if (reason !== undefined && definition.persist === true)
        active.log.warn(`the result of the flow ${reason}; it is handed to the caller only`)
      await tellNotMade(active)
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
    case 'suspended':
      return leaveSuspended(active, end.run)
  }
}

async function leaveSuspended(active: ActiveRun, run: FlowRun): Promise<RunEnd> {
  active.run = run
  tellObservers(active)
  const { type, name, message } = run.state
  await active.engine.journal.idle()
  return { run, state: new RunState(type, { name, message, error: endError(run) }) }
}

/** Results that were taken over from another run and never asked for: they are no part of what this run did. */
async function tellNotMade({ engine, run, book }: ActiveRun): Promise<void> {
  await Promise.all(
    book.notMade().map((entry) => {
      const identity = { ...entry, flowRunId: run.id }
      const record = new TaskRecord(identity, { attempt: run.attempt, createdAt: entry.createdAt }, engine, entry)
      record.childFlowRunId = null
      record.enter('cancelled', { name: SUPERSEDED, message: 'its flow run was run again and did not make this call' })
      // Refused only when the end of the run is refused too.
      return engine.journal.write({ type: 'checkpoint', checkpoint: record.checkpoint() })
    }),
  )
}

/** Said once the store has caught up, or it would be dropped too. */
async function tellDroppedLogs({ engine: { journal }, log }: ActiveRun): Promise<void> {
  await journal.idle()
  const dropped = journal.takeDroppedLogs()
  if (dropped > 0) log.warn(`${dropped} log lines of this process were dropped: they came faster than the store could take them`)
}

async function fail(
  active: ActiveRun,
  error: unknown,
  more: { readonly name?: string; readonly message?: string },
): Promise<RunEnd | 'retry'> {
  const { definition, run, engine, log } = active
  const retryDelay = await decideRetry(definition, { error, failures: run.failures, what: `flow ${definition.name}` }, engine, log)
  return record(
    active,
    { type: 'fail', message: more.message ?? messageOf(error), ...more, outcome: encodeError(error), retryDelayMs: retryDelay },
    error,
  )
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
  const build = (): JournalOperation => {
    if (parent !== null && !retries) parent.record.number = parent.active.takeNumber()
    const checkpoint = parent === null || retries ? null : parent.record.checkpoint()
    return { type: 'command', flowRunId: run.id, attempt: run.attempt, command, parent: checkpoint }
  }
  const answer = await writeEnd(active, build, () => {
    if (!retries) parent?.ended()
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

async function writeEnd(active: ActiveRun, build: () => JournalOperation, recorded: () => void): Promise<FlowRun | TuttiError> {
  let answer: JournalAnswer
  try {
    answer = await active.engine.journal.writeBuilt(build, recorded)
  } catch (error) {
    return error instanceof TuttiError ? error : new TuttiError('STORE_FAILED', messageOf(error), { cause: error })
  }
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
  if (error.code !== 'FENCED') await giveUp(engine, run.id, { message: error.message, mine: active })
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

function given(end: { readonly name: string | undefined; readonly message: string | undefined }): { name?: string; message?: string } {
  return { ...(end.name === undefined ? {} : { name: end.name }), ...(end.message === undefined ? {} : { message: end.message }) }
}
