import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ActiveRun, Halt } from './active-run.ts'
import { runInContext } from './context.ts'
import { RunFuture } from './future.ts'
import { RunState } from './run-state.ts'
import { isTaskMap } from './task-map.ts'

/** How one attempt of a flow function came out. */
export type AttemptEnd =
  | { readonly type: 'completed'; readonly result: unknown; readonly name: string | undefined; readonly message: string | undefined }
  | { readonly type: 'failed'; readonly error: unknown; readonly name: string | undefined; readonly message: string | undefined }
  | Halt
  /** The run waits and has given its process back; a worker goes on with it. */
  | { readonly type: 'suspended'; readonly run: FlowRun }

/**
 * Calls the flow function and waits for its end, or for the moment when waiting has no sense any more: the run was cancelled and the
 * grace period is over, its time is up, or the store refused it.
 */
export async function runAttempt(active: ActiveRun): Promise<AttemptEnd> {
  const { definition, engine } = active
  const stopTimer =
    definition.timeoutMs === null
      ? undefined
      : engine.clock.timer(definition.timeoutMs, () => {
          const message = `flow run ${active.run.name} (${active.run.id}) ran longer than its timeout of ${definition.timeoutMs} ms`
          active.stop({ type: 'timed out', error: new TuttiError('FLOW_TIMED_OUT', message) })
        })
  const body = runInContext(active.bodyContext, async () => settle(await definition.fn(active.parameters))).catch(
    (error: unknown): AttemptEnd => ({
      type: 'failed',
      error,
      name: undefined,
      message: undefined,
    }),
  )
  let stopGrace: (() => void) | undefined
  const halted = new Promise<Halt>((resolve) => {
    active.onHalt((halt) => {
      // A run that can no longer be recorded has nothing to wait for; one that was asked to stop gets its grace period.
      if (halt.type === 'broken') return resolve(halt)
      stopGrace = engine.clock.timer(engine.settings.cancelGraceMs, () => resolve(halt), { keepAlive: true })
    })
  })
  const suspended = active.suspended.then((run): AttemptEnd => ({ type: 'suspended', run }))
  const end = await Promise.race([body, halted, suspended])
  stopTimer?.()
  stopGrace?.()
  if (end.type === 'suspended') return end
  await settleCalls(active)
  await Promise.all(active.hooks)
  return active.halt ?? end
}

/** A returned state or future decides how the run ends; any other value completes it. */
async function settle(value: unknown): Promise<AttemptEnd> {
  if (value instanceof RunState) return ofState(value)
  if (Array.isArray(value) && value.some(isRunLike)) return ofStates(await Promise.all(value.map(stateOf)))
  if (typeof value === 'object' && value !== null && isTaskMap(value)) return ofStates(await value.settled())
  return { type: 'completed', result: value, name: undefined, message: undefined }
}

function isRunLike(value: unknown): boolean {
  return value instanceof RunFuture || value instanceof RunState || (typeof value === 'object' && value !== null && isTaskMap(value))
}

async function stateOf(value: unknown): Promise<RunState> {
  if (value instanceof RunState) return value
  if (value instanceof RunFuture) return value.state()
  if (typeof value === 'object' && value !== null && isTaskMap(value)) return toState(ofStates(await value.settled()))
  return new RunState('completed', { result: value })
}

function toState(end: AttemptEnd): RunState {
  return end.type === 'completed'
    ? new RunState('completed', { result: end.result })
    : new RunState('failed', { error: 'error' in end ? end.error : undefined })
}

function ofState(state: RunState): AttemptEnd {
  const message = state.message ?? undefined
  if (state.isCompleted) return { type: 'completed', result: state.result, name: state.name, message }
  if (state.type === 'cancelled') return { type: 'cancelled', message: message ?? 'the flow returned Cancelled' }
  const error = state.error ?? new TuttiError('FLOW_RUN_FAILED', message ?? `the flow returned ${state.name}`)
  return { type: 'failed', error, name: state.isFailed ? state.name : undefined, message }
}

function ofStates(states: readonly RunState[]): AttemptEnd {
  const failed = states.filter((state) => !state.isCompleted)
  if (failed.length === 0) return { type: 'completed', result: states.map((state) => state.result), name: undefined, message: undefined }
  const message = `${failed.length} of ${states.length} returned states are not Completed`
  return { type: 'failed', error: new TuttiError('FLOW_RUN_FAILED', message, { cause: failed[0]?.error }), name: undefined, message }
}

/** Calls that nobody awaited get a moment to end, then are aborted: their end is recorded before the flow's. */
async function settleCalls(active: ActiveRun): Promise<void> {
  if (active.open.size === 0) return
  const { engine } = active
  if (active.halt === undefined) {
    // Nothing of this run ends these any more.
    for (const call of active.open) if (call.isWait === true) call.abort(unawaited(active))
    const settled = Promise.all([...active.open].map((call) => call.settled)).then(() => true)
    let stopTimer: (() => void) | undefined
    const late = new Promise<boolean>((resolve) => {
      stopTimer = engine.clock.timer(engine.settings.settleGraceMs, () => resolve(false), { keepAlive: true })
    })
    const inTime = await Promise.race([settled, late])
    stopTimer?.()
    if (inTime) return
    for (const call of active.open) call.abort(unawaited(active))
  }
  await Promise.all([...active.open].map((call) => call.settled))
}

function unawaited({ run }: ActiveRun): TuttiError {
  return new TuttiError('RUN_ENDED', `flow run ${run.name} (${run.id}) ended without waiting for this call`)
}
