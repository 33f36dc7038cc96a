import { processActor } from '../core/actor.ts'
import { TuttiError } from '../core/errors.ts'
import { transition } from '../core/flow-run.ts'
import type { FlowRun, FlowRunCommand } from '../core/flow-run.ts'
import type { JournalAnswer, JournalOperation, JournalOperations, NewFlowRun } from '../core/orchestrator.ts'
import { defaultStateName, isTerminal } from '../core/state.ts'
import type { State } from '../core/state.ts'
import type { LogRecord } from '../core/log.ts'
import type { Checkpoint } from '../core/task-run.ts'
import type { Told } from '../core/told.ts'
import { waitIdOf } from '../core/wait.ts'
import type { Fence, Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { apply, endMirror, existing } from './flow-runs.ts'
import { CACHE_OWNER } from './results.ts'
import { writeAndTell } from './telling.ts'

const OUTCOMES_MAX = 500

export function journalOperations(deps: Deps): JournalOperations {
  const { store } = deps
  const { journal, caches } = store.tables
  return {
    flush: (operations) => flush(deps, operations),
    entries: (flowRunId, { after, limit }) => store.read(() => journal.entries(flowRunId, after, limit)),
    async outcomes(flowRunId, taskRunIds) {
      if (taskRunIds.length > OUTCOMES_MAX)
        throw new TuttiError('INVALID_OPTION', `${taskRunIds.length} outcomes were asked for; at most ${OUTCOMES_MAX} are given at once`)
      return store.read(() => journal.outcomes(flowRunId, taskRunIds))
    },
    values: (flowRunId) => store.read(() => journal.values(flowRunId)),
    cached: (key, now) => store.read(() => caches.get(key, now)),
  }
}

const OK: JournalAnswer = { type: 'ok' }

/**
 * All in one transaction. When one operation cannot be written, the flush is halved until it is alone and only its own caller is told;
 * when none can, nothing was written and the error is the caller's.
 */
function flush(deps: Deps, operations: readonly JournalOperation[]): Promise<readonly JournalAnswer[]> {
  if (operations.length === 0) return Promise.resolve([])
  // The same flush comes again when its answer is lost, so repeating it changes nothing.
  const options = { beside: operations.every(isOfItsRunOnly), repeatable: true }
  const written = writeAndTell(deps, (told) => flushScript(deps, operations, told), options)
  return written.catch((error: unknown) => {
    if (!isOfOneOperation(error)) throw error
    return flushHalves(deps, operations, error)
  })
}

/** It changes what only the holder of its run's attempt writes; runs, flows and cache entries are others' too. */
function isOfItsRunOnly(operation: JournalOperation): boolean {
  switch (operation.type) {
    case 'checkpoint':
      return operation.checkpoint.cache === null
    case 'value':
    case 'log':
      return true
    case 'begin':
    case 'command':
      return false
  }
}

async function flushHalves(deps: Deps, operations: readonly JournalOperation[], cause: unknown): Promise<readonly JournalAnswer[]> {
  if (operations.length === 1) return [notWritten(cause)]
  const middle = operations.length >> 1
  const first = await flush(deps, operations.slice(0, middle))
  const rest = operations.slice(middle)
  try {
    return [...first, ...(await flush(deps, rest))]
  } catch (error) {
    // The first half stands, unless none of it does: then the whole flush has failed.
    if (first.every((answer) => answer.type === 'refused')) throw error
    return [...first, ...rest.map(() => notWritten(error))]
  }
}

function notWritten(cause: unknown): JournalAnswer {
  return { type: 'refused', code: 'STORE_FAILED', reason: cause instanceof Error ? cause.message : String(cause) }
}

/** A row that the database refuses, or a record that nobody can read; not a database that cannot be written at all. */
function isOfOneOperation(error: unknown): boolean {
  return !(error instanceof TuttiError) || error.code === 'STORE_REFUSED'
}

/** What a flush has looked up: for all of its operations together, as a database that is far away is better asked once. */
interface Known {
  /** Who may write for a run. A run that is not here has not been found yet. */
  readonly fences: Map<string, Fence>
  /** Runs that the flush changes, as it has left them. */
  readonly runs: Map<string, FlowRun>
  readonly flowIds: Map<string, string>
}

function* lookUp({ store }: Deps, operations: readonly JournalOperation[]): Script<Known> {
  const { flowRuns } = store.tables
  const fenced = new Set<string>()
  const changed = new Set<string>()
  for (const operation of operations) {
    if (operation.type === 'checkpoint') fenced.add(operation.checkpoint.flowRunId)
    else if (operation.type === 'begin') fenced.add(operation.run.id)
    else if (operation.type === 'value') fenced.add(operation.flowRunId)
    else if (operation.type === 'command') changed.add(operation.flowRunId)
    if ((operation.type === 'begin' || operation.type === 'command') && operation.parent !== null) fenced.add(operation.parent.flowRunId)
  }
  const runs = new Map((yield* flowRuns.getMany([...changed])).map((run) => [run.id, run]))
  const fences = new Map(yield* flowRuns.fences([...fenced].filter((id) => !runs.has(id))))
  for (const run of runs.values()) fences.set(run.id, fenceOf(run))
  return { fences, runs, flowIds: new Map() }
}

function fenceOf({ attempt, state }: FlowRun): Fence {
  return { attempt, ended: isTerminal(state.type) }
}

function* flushScript(deps: Deps, operations: readonly JournalOperation[], told: Told[]): Script<readonly JournalAnswer[]> {
  const { taskRuns } = deps.store.tables
  const known = yield* lookUp(deps, operations)
  const answers: JournalAnswer[] = []
  const records: LogRecord[] = []
  const isWatched = deps.tell !== undefined
  /** Almost all of a flush are checkpoints that only have to be written: they go to the database together. */
  let batch: Checkpoint[] = []
  for (const operation of operations) {
    const isPlain = operation.type === 'checkpoint' && operation.checkpoint.cache === null
    if (!isPlain && batch.length > 0) {
      yield* taskRuns.saveAll(batch)
      batch = []
    }
    if (!isPlain) {
      answers.push(yield* applyOperation(deps, known, operation, told))
      if (isWatched && operation.type === 'log') records.push(operation.record)
      continue
    }
    const { checkpoint } = operation
    const fence = known.fences.get(checkpoint.flowRunId)
    const isOpen = fence !== undefined && fence.attempt === checkpoint.attempt && !fence.ended
    const refusal = isOpen ? undefined : yield* refused(deps, known, checkpoint.flowRunId, checkpoint.attempt)
    if (refusal === undefined) {
      batch.push(checkpoint)
      if (isWatched) told.push({ type: 'task-run', run: checkpoint })
    }
    answers.push(refusal ?? OK)
  }
  if (batch.length > 0) yield* taskRuns.saveAll(batch)
  if (records.length > 0) told.push({ type: 'logs', records })
  return answers
}

function* applyOperation(deps: Deps, known: Known, operation: JournalOperation, told: Told[]): Script<JournalAnswer> {
  const { tables } = deps.store
  switch (operation.type) {
    case 'checkpoint': {
      const { checkpoint } = operation
      const refusal = yield* refused(deps, known, checkpoint.flowRunId, checkpoint.attempt)
      if (refusal !== undefined) return refusal
      yield* saveCheckpoint(deps, checkpoint)
      told.push({ type: 'task-run', run: checkpoint })
      return OK
    }
    case 'begin':
      return yield* begin(deps, known, operation.run, operation.parent, told)
    case 'command': {
      const refusal = yield* refused(deps, known, operation.flowRunId, operation.attempt)
      if (refusal !== undefined) return (yield* repeated(deps, operation)) ?? refusal
      const former = known.runs.get(operation.flowRunId) ?? (yield* existing(deps, operation.flowRunId))
      const { decision, run } = yield* apply(asItsHolder(deps, former), former, operation.command, told)
      if (decision.type !== 'accept')
        return (yield* repeated(deps, operation)) ?? { type: 'refused', code: 'TRANSITION_REJECTED', reason: decision.reason }
      known.runs.set(run.id, run)
      known.fences.set(run.id, fenceOf(run))
      const mirror = operation.parent === null ? undefined : mirrorOf(operation.parent, run)
      if (mirror === undefined) yield* endMirror(deps, run)
      else if ((yield* refused(deps, known, mirror.flowRunId, mirror.attempt)) === undefined) yield* saveCheckpoint(deps, mirror)
      return { type: 'run', decision: 'accept', run }
    }
    case 'value': {
      const refusal = yield* refused(deps, known, operation.flowRunId, operation.attempt)
      if (refusal !== undefined) return refusal
      yield* tables.journal.addValue(operation.flowRunId, operation.value)
      return OK
    }
    case 'log':
      yield* tables.logs.append(operation.record)
      return OK
  }
}

/** Only the process of a run writes its journal. */
function asItsHolder(deps: Deps, { lease }: FlowRun): Deps {
  return lease === null ? deps : { ...deps, actor: processActor(lease.holder) }
}

/**
 * The run, when this command is what it was changed by: the answer of an earlier flush was lost. Only the holder of an attempt tells how it
 * ended or that it waits, so the same told again by the same attempt is the same command.
 */
function* repeated(deps: Deps, { flowRunId, attempt, command }: CommandOperation): Script<JournalAnswer | undefined> {
  const run = yield* deps.store.tables.flowRuns.get(flowRunId)
  if (run === undefined || run.attempt !== attempt || !isToldBy(command, run)) return undefined
  return { type: 'run', decision: 'accept', run }
}

type CommandOperation = JournalOperation & { readonly type: 'command' }

function isToldBy(command: FlowRunCommand, { state, outcome, lease }: FlowRun): boolean {
  switch (command.type) {
    case 'complete':
      return (state.type === 'completed' || state.type === 'cancelled') && outcome?.text === command.outcome?.text
    case 'fail':
      return (
        (state.type === 'failed' || state.type === 'scheduled' || state.type === 'cancelled') &&
        outcome?.text === command.outcome?.text &&
        state.message === command.message
      )
    case 'cancelled':
      return state.type === 'cancelled' && state.message === command.message
    case 'pause':
      return waitIdOf(state) === command.pause.waitId && lease !== null
    case 'suspend':
      if (lease !== null) return false
      return command.pause === null
        ? state.type === 'scheduled' && state.scheduledFor === command.until && state.message === command.message
        : waitIdOf(state) === command.pause.waitId
    default:
      return false
  }
}

/** The parent's task run as it is to be written with the child's change: it says what was decided, which may not be what was asked for. */
function mirrorOf(asked: Checkpoint, { state }: FlowRun): Checkpoint | undefined {
  if (asked.state.type === state.type) return asked
  if (isTerminal(state.type)) {
    const { id, timestamp } = asked.state
    return { ...asked, state: { id, timestamp, type: state.type, name: state.name, message: state.message }, outcome: null, cache: null }
  }
  // The child goes on after all (it is tried again), so its task run has not ended.
  return isTerminal(asked.state.type) ? undefined : asked
}

/** An attempt that is not the run's newest, or whose run has ended, may not write. */
function* refused({ store }: Deps, known: Known, flowRunId: string, attempt: number): Script<JournalAnswer | undefined> {
  const fence = known.fences.get(flowRunId) ?? (yield* store.tables.flowRuns.fence(flowRunId))
  if (fence === undefined) return { type: 'refused', code: 'FENCED', reason: `flow run ${flowRunId} was deleted` }
  if (fence.attempt !== attempt)
    return {
      type: 'refused',
      code: 'FENCED',
      reason: `attempt ${fence.attempt} of flow run ${flowRunId} has begun, this is attempt ${attempt}`,
    }
  if (fence.ended) return { type: 'refused', code: 'FENCED', reason: `flow run ${flowRunId} has ended` }
  return undefined
}

function* saveCheckpoint(deps: Deps, checkpoint: Checkpoint): Script<void> {
  if (checkpoint.cache === null) return yield* deps.store.tables.taskRuns.saveAll([checkpoint])
  if (yield* deps.store.tables.taskRuns.save(checkpoint)) yield* saveCacheEntry(deps, checkpoint)
}

/** A large result gets a second name, the cache's own: it outlives its run, and is there before anything refers to it. */
function* saveCacheEntry({ store, clock, files }: Deps, { cache, outcome, id, flowRunId }: Checkpoint): Script<void> {
  if (cache === null || outcome === null) return
  const isLarge = outcome.format === 'blob'
  if (isLarge) {
    const shared = files.share(flowRunId, CACHE_OWNER, outcome.text)
    if (!(typeof shared === 'boolean' ? shared : yield* shared)) return
  }
  yield* store.tables.caches.put({
    ...cache,
    taskRunId: id,
    flowRunId: isLarge ? CACHE_OWNER : flowRunId,
    outcome,
    createdAt: clock.now(),
  })
}

function* begin(deps: Deps, known: Known, asked: NewFlowRun, parent: Checkpoint | null, told: Told[]): Script<JournalAnswer> {
  const { tables } = deps.store
  if (parent !== null) {
    const refusal = yield* refused(deps, known, parent.flowRunId, parent.attempt)
    if (refusal !== undefined) return refusal
  }
  const flowId = known.flowIds.get(asked.flowName) ?? (yield* tables.flows.ensure(asked.flowName, deps.ids.next(), asked.createdAt))
  known.flowIds.set(asked.flowName, flowId)
  if (asked.idempotencyKey !== null) {
    const first = yield* tables.flowRuns.byIdempotencyKey(flowId, asked.idempotencyKey)
    // Its own run under its own key: the answer of an earlier flush was lost.
    if (first !== undefined) return { type: 'run', decision: first.id === asked.id ? 'accept' : 'existing', run: first }
  }
  const created = newRun(deps, asked, flowId)
  const decision = transition(
    created,
    { type: 'start', lease: asked.lease },
    { holder: 'alive', stateId: deps.ids.next() },
    asked.createdAt,
  )
  if (decision.type !== 'accept') throw new Error(`a new flow run could not start: ${decision.type}`)
  if (known.fences.has(asked.id)) return { type: 'run', decision: 'accept', run: yield* existing(deps, asked.id) }
  yield* tables.flowRuns.insertNew(decision.run, [created.state, decision.run.state], processActor(asked.lease.holder))
  known.fences.set(asked.id, fenceOf(decision.run))
  told.push({ type: 'flow-run', run: created, from: null }, { type: 'flow-run', run: decision.run, from: created.state })
  if (parent !== null) yield* saveCheckpoint(deps, parent)
  return { type: 'run', decision: 'accept', run: decision.run }
}

function newRun({ ids }: Deps, asked: NewFlowRun, flowId: string): FlowRun {
  const { createdAt: at } = asked
  const state: State = { id: ids.next(), type: 'pending', name: defaultStateName('pending'), timestamp: at, message: null }
  return {
    id: asked.id,
    flowId,
    flowName: asked.flowName,
    name: asked.name,
    version: asked.version,
    entrypoint: asked.entrypoint,
    tags: asked.tags,
    parameters: asked.parameters,
    idempotencyKey: asked.idempotencyKey,
    parentTaskRunId: asked.parentTaskRunId,
    rootId: asked.rootId,
    policy: asked.policy,
    state,
    runCount: 0,
    attempt: 0,
    failures: 0,
    replayFailedFrom: 0,
    lease: null,
    createdAt: at,
    expectedAt: at,
    startedAt: null,
    endedAt: null,
    totalRunMs: 0,
    outcome: null,
  }
}
