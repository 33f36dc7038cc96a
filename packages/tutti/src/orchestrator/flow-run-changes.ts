import { TuttiError } from '../core/errors.ts'
import type { Flow } from '../core/flow.ts'
import type { Dispatch, FlowRun } from '../core/flow-run.ts'
import { firstFlowRunState, proposeFlowRunState } from '../core/flow-run-proposal.ts'
import type { ClientAbilities, ProposalMode } from '../core/flow-run-proposal.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Proposal } from '../core/proposal.ts'
import { defaultStateName, isTerminal } from '../core/state.ts'
import type { State } from '../core/state.ts'
import { enterTaskRunState } from '../core/task-run-proposal.ts'
import type { FlowRunView, NewToldFlowRun, Proposed } from '../core/told-flow-run.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { madeBySchedule } from '../core/run-context.ts'
import type { StartFacts } from '../core/schedule/start.ts'
import { applyEffects, deploymentFacts } from './deployment-slots.ts'
import type { Deps } from './deps.ts'
import { isPlan } from '../core/flow-run-event.ts'
import { emitFlowRunState } from './flow-run-events.ts'
import { endMirror, endTaskRuns } from './flow-runs.ts'
import { poolNamed } from './found-pools.ts'
import { queueNames } from './queue-names.ts'

export interface ToldDeps extends Deps {
  /** Names for runs that were given none. */
  readonly names: () => string
}

export function* viewOf(deps: Deps, run: FlowRun): Script<FlowRunView> {
  const queueId = run.dispatch?.workQueueId ?? null
  if (queueId === null) return { run, queue: null }
  return { run, queue: (yield* queueNames(deps, [queueId])).get(queueId) ?? null }
}

/** A run that somebody else will execute: made with its first state, told as an event. */
export function* createFlowRun(deps: ToldDeps, told: Told[], asked: NewToldFlowRun): Script<{ view: FlowRunView; isNew: boolean }> {
  const { flows, flowRuns, taskRuns } = deps.store.tables
  const flow = yield* flows.get(asked.flowId)
  if (flow === undefined) throw new TuttiError('CONFLICT', `Data integrity conflict. There is no flow ${asked.flowId}.`)
  if (asked.idempotencyKey !== null) {
    const known = yield* flowRuns.byIdempotencyKey(flow.id, asked.idempotencyKey)
    if (known !== undefined) return { view: yield* viewOf(deps, known), isNew: false }
  }
  const parent = asked.parentTaskRunId === null ? undefined : yield* taskRuns.get(asked.parentTaskRunId)
  const parentRun = parent === undefined || parent.flowRunId === null ? undefined : yield* flowRuns.get(parent.flowRunId)
  const workQueueId = asked.workPool === undefined ? asked.workQueueId : yield* queueOf(deps, asked.workPool)
  const run = newRun(deps, { ...asked, workQueueId }, flow, parentRun)
  yield* flowRuns.insert(run, [run.state], deps.actor)
  if (!isPlan(run, null)) yield* emitFlowRunState(deps, told, run, null)
  told.push({ type: 'flow-run', run, from: null })
  yield* mirrorToParent(deps, told, run)
  return { view: yield* viewOf(deps, run), isNew: true }
}

/** The queue a run is put into that was made without a deployment. */
function* queueOf(deps: Deps, { name, queueName }: { readonly name: string; readonly queueName: string | null }): Script<string> {
  const pool = yield* poolNamed(deps, name)
  if (queueName === null) return pool.defaultQueueId
  const queue = yield* deps.store.tables.workQueues.byName(pool.id, queueName)
  if (queue === undefined) throw new TuttiError('NOT_FOUND', `Work queue "${queueName}" not found in work pool "${name}".`)
  return queue.id
}

function newRun(deps: ToldDeps, asked: NewToldFlowRun, flow: Flow, parent: FlowRun | undefined): FlowRun {
  const now = deps.clock.now()
  const id = deps.ids.next()
  const { deployment } = asked
  const ownLabels =
    deployment === null ? { 'prefect.flow.id': flow.id } : { 'prefect.flow.id': flow.id, 'prefect.deployment.id': deployment.id }
  const dispatch: Dispatch = {
    deploymentId: deployment?.id ?? null,
    deploymentVersion: deployment?.version ?? null,
    ...((deployment?.versionId ?? null) === null ? undefined : { deploymentVersionId: deployment?.versionId ?? '' }),
    workQueueId: asked.workQueueId,
    autoScheduled: asked.autoScheduled,
    createdBy: asked.createdBy,
    labels: merged(deployment?.labels ?? flow.labels, JsonText.of(ownLabels), asked.labels),
    context: asked.context,
    jobVariables: asked.jobVariables,
    infrastructureDocumentId: asked.infrastructureDocumentId,
    infrastructurePid: null,
  }
  const type = deployment === null ? 'pending' : 'scheduled'
  const first: Proposal = asked.state ?? { type, name: defaultStateName(type), message: null, details: {}, scheduledFor: now }
  const blank: FlowRun = {
    id,
    flowId: flow.id,
    flowName: flow.name,
    name: asked.name === undefined || asked.name === '' ? deps.names() : asked.name,
    version: asked.flowVersion,
    entrypoint: null,
    tags: asked.tags,
    parameters: { format: 'json', text: asked.parameters.text },
    idempotencyKey: asked.idempotencyKey,
    parentTaskRunId: asked.parentTaskRunId,
    rootId: parent?.rootId ?? id,
    policy: asked.policy,
    state: { id: '', type: 'pending', name: '', timestamp: now, message: null },
    runCount: 0,
    attempt: 0,
    failures: 0,
    replayFailedFrom: 0,
    lease: null,
    createdAt: now,
    expectedAt: now,
    startedAt: null,
    endedAt: null,
    totalRunMs: 0,
    outcome: null,
    dispatch,
  }
  return firstFlowRunState(blank, first, deps.ids.next(), now)
}

/** Flat objects laid over each other; the literal spelling of their values is kept. */
export function merged(...layers: readonly JsonText[]): JsonText {
  return JsonText.of(Object.assign({}, ...layers.map((layer) => layer.toJSON())))
}

export function* propose(
  deps: Deps,
  told: Told[],
  run: FlowRun,
  proposal: Proposal,
  { mode, client }: { readonly mode: ProposalMode; readonly client: ClientAbilities },
): Script<Proposed> {
  const now = deps.clock.now()
  const facts = {
    mode,
    client,
    stateId: deps.ids.next(),
    pauseKey: deps.ids.next(),
    leaseId: deps.ids.next(),
    deployment: yield* deploymentFacts(deps, run, now),
    schedule: proposal.type === 'pending' ? yield* startFacts(deps, run) : undefined,
  }
  const { verdict, run: after, effects } = proposeFlowRunState(run, proposal, facts, now)
  if (after === run) return { verdict, state: run.state, isNew: false, run }
  yield* deps.store.tables.flowRuns.save(after, run, deps.actor)
  yield* applyEffects(deps, after, effects)
  yield* emitFlowRunState(deps, told, after, run.state)
  told.push({ type: 'flow-run', run: after, from: run.state })
  // Task runs of our own engine end with a run whose process has no say any more.
  if (run.lease !== null && isTerminal(after.state.type))
    yield* endTaskRuns(deps, after, after.state.type === 'cancelled' ? 'cancelled' : 'crashed')
  yield* mirrorToParent(deps, told, after)
  for (const effect of effects) if (effect.type === 'cancel-run') yield* askToEnd(deps, told, effect, client)
  for (const effect of effects) if (effect.type === 'cancel-runs') yield* cancelRuns(deps, told, effect.flowRunIds, client)
  return { verdict, state: after.state, isNew: true, run: after }
}

/** What its schedule must know before a run begins: almost always nothing. */
function* startFacts({ store }: Deps, { id, state, runCount, dispatch, expectedAt }: FlowRun): Script<StartFacts | undefined> {
  const { expiresAt = null, overlap = 'allow' } = madeBySchedule(dispatch?.context)
  const [deploymentId, scheduleId] = [dispatch?.deploymentId ?? null, dispatch?.createdBy?.id ?? null]
  if (state.type !== 'scheduled' || runCount > 0 || dispatch?.autoScheduled !== true) return undefined
  if (expiresAt === null && overlap === 'allow') return undefined
  const before = { flowRunId: id, expectedAt, limit: FORMER_MAX }
  const former =
    overlap === 'allow' || deploymentId === null || scheduleId === null
      ? []
      : yield* store.tables.dueRuns.former({ deploymentId, scheduleId }, before)
  return { dueAt: expectedAt, expiresAt, overlap, former }
}

/** Of a schedule without a rule before; all of them make way for one. */
const FORMER_MAX = 100

function* cancelRuns(deps: Deps, told: Told[], ids: readonly string[], client: ClientAbilities): Script<void> {
  for (const run of yield* deps.store.tables.flowRuns.getMany(ids)) {
    if (run.state.type === 'cancelling' || isTerminal(run.state.type)) continue
    const message = 'A later run of the same schedule was due.'
    yield* propose(deps, told, run, { type: 'cancelling', name: 'Cancelling', message, details: {} }, { mode: 'forced', client })
  }
}

function* askToEnd(
  deps: Deps,
  told: Told[],
  { flowRunId, message }: { readonly flowRunId: string; readonly message: string },
  client: ClientAbilities,
): Script<void> {
  const run = yield* deps.store.tables.flowRuns.get(flowRunId)
  if (run === undefined || isTerminal(run.state.type)) return
  const cancelling: Proposal = { type: 'cancelling', name: 'Cancelling', message, details: {} }
  yield* propose(deps, told, run, cancelling, { mode: 'ordinary', client })
}

/** The task run that stands for a sub-flow run in its parent takes over each of its states. */
function* mirrorToParent(deps: Deps, told: Told[], run: FlowRun): Script<void> {
  if (run.parentTaskRunId === null) return
  const { taskRuns } = deps.store.tables
  const mirror = yield* taskRuns.get(run.parentTaskRunId)
  if (mirror === undefined) return
  // One of our own engine is written by its journal; only an end that its process does not tell is told here.
  if (mirror.told === undefined) return yield* endMirror(deps, run)
  const { state } = run
  const copy: State = { ...state, id: deps.ids.next(), details: { ...state.details, childFlowRunId: run.id } }
  const after = enterTaskRunState({ ...mirror, childFlowRunId: run.id }, copy)
  yield* taskRuns.saveTold(after)
  told.push({ type: 'task-run', run: after })
}
