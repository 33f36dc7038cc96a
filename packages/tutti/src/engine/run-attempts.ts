import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { elapsedMs } from '../core/time.ts'
import { ActiveRun } from './active-run.ts'
import type { Halt, ParentLink } from './active-run.ts'
import { runAttempt } from './attempt.ts'
import type { BeatOptions } from './beat/beats.ts'
import { consoleLine } from './console-lines.ts'
import type { FlowDefinition } from './definition.ts'
import { finish } from './end-run.ts'
import type { RunEnd } from './end-run.ts'
import { newLease } from './engine.ts'
import type { Engine } from './engine.ts'
import { orGiveUp } from './give-up.ts'
import { createRunLog } from './log.ts'
import { ReplayBook } from './replay-book.ts'
import { RunState } from './run-state.ts'
import { callHook, tellObservers } from './run-telling.ts'
import type { RunTelling } from './run-telling.ts'

/** A flow on its way through an engine, and who called it. */
export interface FlowCalling {
  readonly engine: Engine
  readonly definition: FlowDefinition
  readonly parent: ParentLink | null
  readonly telling: RunTelling
}

/** A run that this process holds, as its next attempt finds it. */
export interface HeldRun {
  readonly run: FlowRun
  readonly book: ReplayBook
  readonly parameters: unknown
}

/** Runs a run to its end, over as many attempts as it has. */
export function runAttempts(calling: FlowCalling, held: HeldRun): Promise<RunEnd> {
  const { ends } = calling.engine
  const end = attempts(calling, held)
  ends.set(held.run.id, end)
  return end.finally(() => ends.delete(held.run.id))
}

async function attempts({ engine, definition, parent, telling }: FlowCalling, held: HeldRun): Promise<RunEnd> {
  const { parameters } = held
  let { run, book } = held
  for (;;) {
    const log = createRunLog(engine, run.id, null, definition.name)
    const active = new ActiveRun({ engine, definition, run, book, parameters, parent, log })
    telling.attempt(active)
    if (definition.captureConsole) engine.captureConsole(consoleLine)
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

/** The journal as earlier attempts left it. */
export function loadBook(engine: Engine, { id, replayFailedFrom }: FlowRun): Promise<ReplayBook> {
  return orGiveUp(engine, id, 'its journal could not be read', ReplayBook.load(engine.orchestrator.journal, id, replayFailedFrom))
}

/** Makes the run known to this process: leases are kept, cancellation reaches it. */
function enterEngine(engine: Engine, active: ActiveRun): () => void {
  const { id, attempt } = active.run
  engine.active.set(id, active)
  const stopWithParent = active.parent?.active
  stopWithParent?.onHalt((halt) =>
    active.stop(halt.type === 'broken' ? halt : { type: 'cancelled', message: 'the parent flow run was stopped' }),
  )
  const beat = (isWaiting: boolean): void => engine.beats.add({ flowRunId: id, attempt, ...(isWaiting ? { isWaiting } : undefined) }, told)
  const told: BeatOptions = {
    deadlineMs: active.definition.timeoutMs,
    onRenewed: (at) => active.trust(at),
    onTell: ({ tell, message }) => {
      if (tell === 'woken') active.room.wake()
      if (tell === 'cancel') active.stop({ type: 'cancelled', message: message ?? 'the flow run was cancelled' })
      if (tell === 'lost')
        active.break(
          new TuttiError('FENCED', `flow run ${active.run.name} (${id}) was taken over: ${message ?? 'another attempt has begun'}`),
        )
    },
  }
  active.onListen(beat)
  beat(false)
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
