import { inspect } from 'node:util'
import type { FlowRunCommand } from '../core/flow-run.ts'
import { TuttiError } from '../core/errors.ts'
import type { JournalOperation, Orchestrator } from '../core/orchestrator.ts'
import type { TaskRun } from '../core/task-run.ts'
import type { Flow } from '../sdk/flow.ts'
import { later } from '../system/event-loop.ts'
import type { TestCall } from './recorder.ts'
import { openSession } from './test-tutti.ts'
import type { CallArguments } from './test-tutti.ts'
import type { TestRun } from './test-run.ts'

/** Whether a flow does the same when it is played again from its journal. */
export type ReplayCheck =
  | { readonly same: true; readonly calls: number }
  | { readonly same: false; readonly calls: number; readonly differences: readonly ReplayDifference[] }

export interface ReplayDifference {
  /**
   * `changed`: a call has other arguments. `added`, `missing`: made only the second or only the first time. `again`: the function is called
   * again because its result could not be kept. `order`: results reach the flow in another order. `result`: the flow ends with something else.
   */
  readonly type: 'changed' | 'added' | 'missing' | 'again' | 'order' | 'result'
  /** The task's name; the flow's when its result differs. */
  readonly task: string
  /** Which call of its task, from 1; 0 for the flow. */
  readonly call: number
  readonly first: ReplayedCall | null
  readonly second: ReplayedCall | null
  /** The difference as a sentence, with what to do about it. */
  readonly message: string
}

export interface ReplayedCall {
  readonly name: string
  readonly args: readonly unknown[]
  /** What the call is told apart by: the hash of its arguments, its place in a map, its `key`. */
  readonly key: string
}

/** Real milliseconds between the two: a flow that reads the machine's clock must not see the same one by luck. */
const PAUSE_MS = 5

/**
 * Runs a flow, kills its process just before the end is recorded, and resumes it: every finished task is replayed, only the flow's own code
 * runs again. A flow that is fit to be resumed makes the same calls. What differs is named: arguments that depend on the clock, on chance or
 * on the world outside of a task.
 */
export async function checkReplay<In, Result>(flow: Flow<In, Result>, ...parameters: CallArguments<In>): Promise<ReplayCheck> {
  let end: FlowRunCommand | undefined
  await using tutti = await openSession({}, (orchestrator, kill) => killedBeforeEnd(orchestrator, kill, (command) => (end ??= command)))
  const first = await tutti.run(flow, ...parameters)
  if (end === undefined) {
    throw new TuttiError('REPLAY_NOT_CHECKED', `flow ${flow.flowName} did not get to its end: ${first.message ?? first.stateName}`, {
      cause: first.error,
    })
  }
  await new Promise<void>((resolve) => later(PAUSE_MS, resolve))
  const second = await tutti.resume(flow, first)
  const differences = [
    ...compareCalls(first, second),
    ...compareEnds(first, second, end, (await tutti.orchestrator.flowRuns.get(first.id)).outcome),
  ]
  const calls = first.taskRuns.length
  return differences.length === 0 ? { same: true, calls } : { same: false, calls, differences }
}

/** Lets everything through but the end of the run; there the process dies. */
function killedBeforeEnd(orchestrator: Orchestrator, kill: () => void, onEnd: (command: FlowRunCommand) => void): Orchestrator {
  const { journal } = orchestrator
  const flush: typeof journal.flush = async (operations) => {
    const at = operations.findIndex(isEnd)
    const operation = operations[at]
    if (operation?.type !== 'command') return journal.flush(operations)
    await journal.flush(operations.slice(0, at))
    onEnd(operation.command)
    kill()
    return new Promise(() => undefined)
  }
  return { ...orchestrator, journal: { ...journal, flush } }
}

/** The end of the run that was asked for: one inside it brings its parent's task run along. */
function isEnd(operation: JournalOperation): boolean {
  if (operation.type !== 'command' || operation.parent !== null) return false
  const { command } = operation
  return command.type === 'complete' || command.type === 'cancelled' || (command.type === 'fail' && command.retryDelayMs === null)
}

/* ── calls ───────────────────────────────────────────────────────────────────────────── */

function compareCalls(first: TestRun, second: TestRun): readonly ReplayDifference[] {
  const before = new Map(first.taskRuns.map((run) => [run.id, run]))
  const seen = new Map(second.calls.map((call) => [call.taskRunId, call]))
  const added = second.taskRuns.filter((run) => isTop(run) && !before.has(run.id))
  // A sub-flow's replay is told to nobody: only a new run of it shows.
  const missing = first.taskRuns.filter(
    (run) => isTop(run) && isDelivered(run) && !seen.has(run.id) && (run.kind === 'task' || standsIn(added, run)),
  )
  const differences: ReplayDifference[] = []
  for (const run of missing) {
    const other = added.find((candidate) => isSamePlace(candidate, run))
    differences.push(other === undefined ? missed(first, run) : changed(first, second, run, other))
  }
  for (const run of added) if (!missing.some((former) => isSamePlace(former, run))) differences.push(addition(second, run))
  for (const run of first.taskRuns)
    if (isTop(run) && isDelivered(run) && (seen.get(run.id)?.attempts ?? 0) > 0) differences.push(calledAgain(first, second, run))
  const order = compareOrder(first, second)
  return order === undefined ? differences : [...differences, order]
}

/** Calls inside a task are its own affair: they are not made when its result is replayed. */
function isTop(run: TaskRun): boolean {
  return run.parentTaskRunId === null
}

/** Whether its result reached the flow: others (the losers of a race) may well run again. */
function isDelivered({ number, state }: TaskRun): boolean {
  return number !== null && (state.type === 'completed' || state.type === 'failed')
}

function isSamePlace(one: TaskRun, other: TaskRun): boolean {
  return one.taskKey === other.taskKey && one.ordinal === other.ordinal
}

function standsIn(added: readonly TaskRun[], run: TaskRun): boolean {
  return added.some((candidate) => isSamePlace(candidate, run))
}

function changed(first: TestRun, second: TestRun, before: TaskRun, after: TaskRun): ReplayDifference {
  const [one, two] = [describeCall(first, before), describeCall(second, after)]
  const place = placeOf(first, before)
  const message = before.dynamicKey.startsWith('unhashable.')
    ? `${place} has arguments that cannot be compared (${show(one)}), so it runs again on every resume; give the task a \`key\``
    : `${place} has other arguments the second time: first ${show(one)}, then ${show(two)}; take what changes from a task, \`run().now()\`, \`run().random()\` or \`run().uuid()\``
  return { type: 'changed', ...nameOf(first, before), first: one, second: two, message }
}

function addition(second: TestRun, run: TaskRun): ReplayDifference {
  const call = describeCall(second, run)
  const message = `${placeOf(second, run)} is made only the second time: ${show(call)}; let the flow decide by results of tasks and its parameters alone`
  return { type: 'added', ...nameOf(second, run), first: null, second: call, message }
}

function missed(first: TestRun, run: TaskRun): ReplayDifference {
  const call = describeCall(first, run)
  const message = `${placeOf(first, run)} is made only the first time: ${show(call)}; let the flow decide by results of tasks and its parameters alone`
  return { type: 'missing', ...nameOf(first, run), first: call, second: null, message }
}

function calledAgain(first: TestRun, second: TestRun, run: TaskRun): ReplayDifference {
  const message = `${placeOf(first, run)} calls its function again, as its result could not be kept; return data that can be stored, or leave out \`persist: false\``
  return { type: 'again', ...nameOf(first, run), first: describeCall(first, run), second: describeCall(second, run), message }
}

/** The first place where the results of replayed calls reach the flow in another order. */
function compareOrder(first: TestRun, second: TestRun): ReplayDifference | undefined {
  const replayed = second.calls.filter((call) => call.flowRunId === second.id && call.replayed && call.attempts === 0)
  const runs = new Map(first.taskRuns.map((run) => [run.id, run]))
  const after = replayed.map((call) => runs.get(call.taskRunId)).filter((run) => run !== undefined)
  const before = after.toSorted((one, two) => (one.number ?? 0) - (two.number ?? 0))
  const at = before.findIndex((run, index) => run !== after[index])
  const [one, two] = [before[at], after[at]]
  if (one === undefined || two === undefined) return undefined
  const message = `result ${at + 1} that reaches the flow is that of ${placeOf(first, one)} the first time, that of ${placeOf(first, two)} the second`
  return { type: 'order', ...nameOf(second, two), first: describeCall(first, one), second: describeCall(second, two), message }
}

/* ── ends ────────────────────────────────────────────────────────────────────────────── */

function compareEnds(first: TestRun, second: TestRun, end: FlowRunCommand, outcome: TaskRun['outcome']): readonly ReplayDifference[] {
  const before = describeEnd(end)
  const after =
    second.state === 'completed'
      ? { type: 'complete', text: outcome?.text }
      : { type: second.state === 'failed' ? 'fail' : second.state, text: second.message }
  // A large result has a file for each attempt: its name says nothing.
  if (before.type === after.type && (before.text === after.text || outcome?.format === 'blob')) return []
  const message = `flow ${first.flow} ends with something else the second time: first ${before.type} ${before.text ?? ''}, then ${after.type} ${after.text ?? ''}`
  return [{ type: 'result', task: first.flow, call: 0, first: null, second: null, message }]
}

function describeEnd(end: FlowRunCommand): { readonly type: string; readonly text: string | null | undefined } {
  if (end.type === 'complete') return { type: end.type, text: end.outcome?.text }
  return { type: end.type, text: 'message' in end ? end.message : undefined }
}

/* ── words ───────────────────────────────────────────────────────────────────────────── */

function nameOf(run: TestRun, taskRun: TaskRun): { readonly task: string; readonly call: number } {
  return { task: callOf(run, taskRun)?.task ?? taskRun.name, call: taskRun.ordinal + 1 }
}

function placeOf(run: TestRun, taskRun: TaskRun): string {
  const { task, call } = nameOf(run, taskRun)
  return `call ${call} of ${taskRun.kind} ${task}`
}

function describeCall(run: TestRun, taskRun: TaskRun): ReplayedCall {
  return { name: taskRun.name, args: callOf(run, taskRun)?.args ?? [], key: taskRun.dynamicKey }
}

function callOf(run: TestRun, taskRun: TaskRun): TestCall | undefined {
  return run.calls.find((call) => call.taskRunId === taskRun.id)
}

function show({ args }: ReplayedCall): string {
  return `(${args.map((arg) => inspect(arg, { depth: 2, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200, maxArrayLength: 10 })).join(', ')})`
}
