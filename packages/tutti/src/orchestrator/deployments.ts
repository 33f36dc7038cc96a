import type { ConcurrencyLimit } from '../core/concurrency.ts'
import type { Deployment, DeploymentChanges, DeploymentOperations, DeploymentRunRequest, DeploymentView } from '../core/deployment.ts'
import { descriptionOf } from '../core/deployment-plan.ts'
import { NEAREST } from '../core/deployment-definition.ts'
import { ownLimitName } from '../core/deployment-version.ts'
import { TuttiError } from '../core/errors.ts'
import type { Creator } from '../core/flow-run.ts'
import { hydrate, variablesIn } from '../core/hydration.ts'
import { JsonText } from '../core/literal-json.ts'
import { parametersProblem } from '../core/parameter-schema.ts'
import type { Told } from '../core/told.ts'
import type { FlowRunView } from '../core/told-flow-run.ts'
import type { Script } from '../store/port.ts'
import { newLimit, removeLimit } from './concurrency.ts'
import { polled, tell, tellUpdated } from './deployment-events.ts'
import { makeScheduledRuns, policyOf, replaceSchedules, scheduleOperations } from './deployment-schedules.ts'
import { keepVersion } from './deployment-versions.ts'
import { poolNamed } from './found-pools.ts'
import { startable } from './held-starts.ts'
import { jobProblem } from './job-variables.ts'
import { queueNames } from './queue-names.ts'
import { writeAndTell } from './telling.ts'
import { createFlowRun, viewOf } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'
import { agentPool, ensureQueue } from './work-queues.ts'

const AGENT_POOL = 'default-agent-pool'
const MIN_RUNS_AHEAD = 3
const MIN_TIME_AHEAD_US = 3_600_000_000

export function deploymentOperations(deps: ToldDeps): DeploymentOperations {
  const { store, clock, ids } = deps
  const { deployments, flows, flowRuns, dueRuns, listings } = store.tables

  return {
    ensure: (flowId, name, changes, createdBy) =>
      writeAndTell(deps, function* (told) {
        const flow = yield* flows.get(flowId)
        if (flow === undefined) throw new TuttiError('CONFLICT', `Data integrity conflict. There is no flow ${flowId}.`)
        const known = yield* deployments.byName(flowId, name)
        const now = clock.now()
        const former = known === undefined ? undefined : descriptionOf(yield* view(deps, known))
        // One that was put aside is in nobody's way: it is this one from now on.
        const aside = known === undefined ? yield* deployments.byNameEver(flowId, name) : undefined
        const before = known ?? blank(aside?.id ?? ids.next(), flowId, name, createdBy, now)
        const after = yield* changed(deps, told, before, changes, 'INVALID_REQUEST')
        if (known === undefined && aside === undefined) yield* deployments.insert(after)
        else {
          yield* deployments.save(after)
          yield* flowRuns.delete(yield* deployments.unbegunRuns(after.id, now), now)
        }
        yield* replaceSchedules(deps, after, changes.schedules ?? [])
        const counted = yield* keepVersion(deps, { before: former, after: yield* view(deps, after), origin: null })
        if (known === undefined) yield* tell(deps, told, 'created', counted)
        else yield* tellUpdated(deps, told, known, counted)
        return { view: yield* view(deps, counted), isNew: known === undefined }
      }),

    read: (id) =>
      store.read(function* () {
        return yield* view(deps, yield* existing(deps, id))
      }),

    readByName: (flowName, name) =>
      store.read(function* () {
        const flow = yield* flows.byName(flowName)
        const found = flow === undefined ? undefined : yield* deployments.byName(flow.id, name)
        if (found === undefined) throw new TuttiError('NOT_FOUND', `there is no deployment ${flowName}/${name}`)
        return yield* view(deps, found)
      }),

    update: (id, changes) =>
      writeAndTell(deps, function* (told) {
        const before = yield* existing(deps, id)
        const former = descriptionOf(yield* view(deps, before))
        const after = yield* changed(deps, told, before, changes, 'CONFLICT')
        yield* deployments.save(after)
        const now = clock.now()
        yield* flowRuns.delete(yield* deployments.unbegunRuns(id, after.paused && !before.paused ? null : now), now)
        if (changes.schedules !== undefined) yield* scheduleOperations.merge(deps, after, changes.schedules)
        const counted = yield* keepVersion(deps, { before: former, after: yield* view(deps, after), origin: null })
        yield* tellUpdated(deps, told, before, counted)
      }),

    remove: (id) =>
      writeAndTell(deps, function* (told) {
        const found = yield* existing(deps, id)
        const now = clock.now()
        yield* flowRuns.delete(yield* deployments.unbegunRuns(id, null), now)
        yield* removeOwnLimit(deps, told, found)
        yield* deployments.delete(id)
        yield* tell(deps, told, 'deleted', found)
      }),

    filter: (listing) =>
      store.read(function* () {
        const found = yield* listings.deployments(listing)
        const views: DeploymentView[] = []
        for (const each of found) views.push(yield* view(deps, each))
        return views
      }),
    count: (where) => store.read(() => listings.count('deployments', where)),

    setPaused: (id, paused) =>
      writeAndTell(deps, function* (told) {
        const found = yield* existing(deps, id)
        const now = clock.now()
        yield* deployments.save({ ...found, paused, updatedAt: now })
        if (paused) yield* flowRuns.delete(yield* deployments.unbegunRuns(id, null), now)
        yield* tellUpdated(deps, told, found, { ...found, paused })
      }),

    run: (id, request, createdBy) =>
      writeAndTell(deps, function* (told) {
        return yield* run(deps, told, yield* existing(deps, id), request, createdBy)
      }),

    due: (deploymentIds, before, limit) =>
      writeAndTell(deps, function* (told) {
        const free = yield* startable(deps, deploymentIds)
        const runs = free.length === 0 ? [] : yield* dueRuns.due({ deploymentIds: free }, { before, after: null, limit })
        yield* polled(deps, told, deploymentIds)
        const views: FlowRunView[] = []
        for (const each of runs) views.push(yield* viewOf(deps, each))
        return views
      }),

    schedules: (id) =>
      store.read(function* () {
        yield* existing(deps, id)
        return yield* deployments.schedules([id])
      }),
    addSchedules: (id, schedules) =>
      writeAndTell(deps, function* (told) {
        const found = yield* existing(deps, id)
        const added = yield* scheduleOperations.add(deps, found, schedules)
        yield* touch(deps, told, found)
        return added
      }),
    updateSchedule: (id, scheduleId, changes) =>
      writeAndTell(deps, function* (told) {
        const found = yield* existing(deps, id)
        yield* scheduleOperations.update(deps, found, scheduleId, changes)
        const now = clock.now()
        yield* flowRuns.delete(yield* deployments.unbegunRuns(id, now), now)
        yield* touch(deps, told, found)
      }),
    removeSchedule: (id, scheduleId) =>
      writeAndTell(deps, function* (told) {
        const found = yield* existing(deps, id)
        yield* scheduleOperations.remove(deps, found, scheduleId)
        yield* flowRuns.delete(yield* deployments.unbegunRuns(id, null), clock.now())
        yield* touch(deps, told, found)
      }),

    makeScheduledRuns: (id, window) =>
      writeAndTell(deps, function* (told) {
        return yield* makeScheduledRuns(deps, told, yield* existing(deps, id), window)
      }),
    needingRuns: (limit, updatedSince, afterId = '') =>
      store.read(() =>
        deployments.needingRuns({ now: clock.now(), minRuns: MIN_RUNS_AHEAD, minTimeUs: MIN_TIME_AHEAD_US, updatedSince, afterId, limit }),
      ),
  }
}

export function* existing({ store }: ToldDeps, id: string): Script<Deployment> {
  const found = yield* store.tables.deployments.get(id)
  if (found === undefined) throw new TuttiError('NOT_FOUND', `there is no deployment ${id}`)
  return found
}

export function blank(id: string, flowId: string, name: string, createdBy: Creator | null, now: number): Deployment {
  return {
    id,
    flowId,
    name,
    description: null,
    version: null,
    paused: false,
    tags: [],
    labels: NOTHING,
    parameters: NOTHING,
    parameterSchema: NOTHING,
    enforceParameterSchema: true,
    jobVariables: NOTHING,
    pullSteps: new JsonText('[]'),
    path: null,
    entrypoint: null,
    workQueueId: null,
    storageDocumentId: null,
    infrastructureDocumentId: null,
    concurrencyLimitId: null,
    concurrencyOptions: null,
    options: {},
    versionId: null,
    deletedAt: null,
    status: 'not-ready',
    lastPolledAt: null,
    createdBy,
    createdAt: now,
    updatedAt: now,
  }
}

const NOTHING = new JsonText('{}')

/** The deployment as it is after the changes; what they name elsewhere (queue, limit) is found or made. */
export function* changed(
  deps: ToldDeps,
  told: Told[],
  before: Deployment,
  changes: DeploymentChanges,
  wrongParameters: 'INVALID_REQUEST' | 'CONFLICT',
): Script<Deployment> {
  const { workPoolName, workQueueName, concurrencyLimit, globalConcurrencyLimitId, schedules: _, ...columns } = changes
  const named = columns.parameters === undefined ? columns : { ...columns, parameters: yield* hydrated(deps, columns.parameters) }
  let after: Deployment = { ...before, ...named, updatedAt: deps.clock.now() }
  if (changes.options === undefined && changes.concurrencyOptions !== undefined) after = { ...after, options: collisionKept(after) }
  // Runs are found by the flow's label, which they have from their deployment.
  after = { ...after, labels: merged(after.labels, JsonText.of({ 'prefect.flow.id': after.flowId })) }
  if (workPoolName !== undefined || workQueueName !== undefined) {
    after = { ...after, workQueueId: yield* queueFor(deps, told, workPoolName ?? null, workQueueName ?? null) }
  }
  if (columns.jobVariables !== undefined) {
    const problem = yield* jobProblem(deps, after.workQueueId, columns.jobVariables, { ignoreRequired: true })
    if (problem !== undefined) throw new TuttiError('CONFLICT', `Error creating deployment: ${problem}`)
  }
  if (concurrencyLimit !== undefined || globalConcurrencyLimitId !== undefined) {
    after = { ...after, concurrencyLimitId: yield* limitFor(deps, told, before, changes) }
  }
  if (
    after.enforceParameterSchema &&
    after.parameterSchema !== null &&
    (columns.parameters !== undefined || columns.parameterSchema !== undefined)
  ) {
    const problem = parametersProblem(after.parameterSchema, after.parameters, { ignoreRequired: true })
    if (problem !== undefined) throw new TuttiError(wrongParameters, problem.problem)
  }
  return after
}

/** A strategy of ours gives way to one of the protocol, unless that is the one it is shown as. */
function collisionKept({ options, concurrencyOptions }: Deployment): Deployment['options'] {
  const { collision, ...rest } = options
  return collision !== undefined && concurrencyOptions?.strategy === NEAREST[collision] ? options : rest
}

/** Values that stand for others, resolved with the variables they name. */
export function* hydrated({ store }: ToldDeps, parameters: JsonText): Script<JsonText> {
  const variables = new Map<string, JsonText>()
  for (const name of variablesIn(parameters)) {
    const found = yield* store.tables.variables.get({ name })
    if (found !== undefined) variables.set(name, found.value)
  }
  const result = hydrate(parameters, variables)
  if (result.type === 'problem') throw new TuttiError('BAD_REQUEST', `Error hydrating deployment parameters: ${result.problem}`)
  return result.value
}

function* queueFor(deps: ToldDeps, told: Told[], poolName: string | null, queueName: string | null): Script<string | null> {
  if (poolName === null && queueName === null) return null
  const pool = poolName === null || poolName === AGENT_POOL ? yield* agentPool(deps, told) : yield* poolNamed(deps, poolName)
  return queueName === null ? pool.defaultQueueId : (yield* ensureQueue(deps, told, pool, queueName)).id
}

function* limitFor(
  deps: ToldDeps,
  told: Told[],
  deployment: Deployment,
  { concurrencyLimit, globalConcurrencyLimitId }: DeploymentChanges,
): Script<string | null> {
  const { concurrency } = deps.store.tables
  if (
    concurrencyLimit !== undefined &&
    concurrencyLimit !== null &&
    globalConcurrencyLimitId !== undefined &&
    globalConcurrencyLimitId !== null
  )
    throw new TuttiError('INVALID_REQUEST', 'A deployment cannot have both a concurrency limit and a global concurrency limit.')
  if (globalConcurrencyLimitId !== undefined && globalConcurrencyLimitId !== null) {
    const linked = yield* concurrency.get(globalConcurrencyLimitId)
    if (linked === undefined) throw new TuttiError('NOT_FOUND', `there is no concurrency limit ${globalConcurrencyLimitId}`)
    return linked.id
  }
  if (concurrencyLimit === undefined || concurrencyLimit === null) {
    yield* removeOwnLimit(deps, told, deployment)
    return null
  }
  const name = ownLimitName(deployment.id)
  const own = yield* concurrency.byName(name)
  const now = deps.clock.now()
  if (own !== undefined) {
    yield* concurrency.save({ ...own, limit: concurrencyLimit, updatedAt: now })
    return own.id
  }
  const limit = newLimit(
    { name, active: true, limit: concurrencyLimit, activeSlots: 0, deniedSlots: 0, slotDecayPerSecond: 0 },
    deps.ids.next(),
    now,
  )
  yield* concurrency.insert(limit)
  return limit.id
}

export function* removeOwnLimit(deps: ToldDeps, told: Told[], { id }: Deployment): Script<void> {
  const own = yield* deps.store.tables.concurrency.byName(ownLimitName(id))
  if (own !== undefined) yield* removeLimit(deps, told, own)
}

export function* view(deps: ToldDeps, deployment: Deployment): Script<DeploymentView> {
  const { deployments, concurrency } = deps.store.tables
  const { workQueueId, concurrencyLimitId } = deployment
  const limit: ConcurrencyLimit | null = concurrencyLimitId === null ? null : ((yield* concurrency.get(concurrencyLimitId)) ?? null)
  const queue = workQueueId === null ? null : ((yield* queueNames(deps, [workQueueId])).get(workQueueId) ?? null)
  return { deployment, schedules: yield* deployments.schedules([deployment.id]), queue, limit }
}

function* run(
  deps: ToldDeps,
  told: Told[],
  deployment: Deployment,
  request: DeploymentRunRequest,
  createdBy: Creator | null,
): Script<{ view: FlowRunView; isNew: boolean }> {
  const parameters = yield* hydrated(deps, merged(deployment.parameters, request.parameters))
  if (request.enforceParameterSchema ?? deployment.enforceParameterSchema) {
    if (deployment.parameterSchema === null)
      throw new TuttiError('CONFLICT', 'Error creating flow run: Cannot enforce parameters for deployment because its schema is missing.')
    const problem = parametersProblem(deployment.parameterSchema, parameters, { ignoreRequired: false })
    if (problem !== undefined) throw new TuttiError('CONFLICT', `Error creating flow run: ${problem.problem}`)
  }
  const workQueueId =
    request.workQueueName === null ? deployment.workQueueId : yield* otherQueue(deps, told, deployment, request.workQueueName)
  const problem = yield* jobProblem(deps, workQueueId, merged(deployment.jobVariables, request.jobVariables ?? NOTHING), {
    ignoreRequired: false,
  })
  if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', `Error creating flow run: ${problem}`)
  const policy = policyOf(deployment, request.policy)
  const { name, state, context, labels, idempotencyKey, parentTaskRunId, jobVariables } = request
  return yield* createFlowRun(deps, told, {
    flowId: deployment.flowId,
    ...(name === undefined ? undefined : { name }),
    ...(state === undefined ? undefined : { state }),
    flowVersion: null,
    parameters,
    context,
    parentTaskRunId,
    policy,
    tags: [...new Set([...deployment.tags, ...request.tags])],
    labels,
    idempotencyKey,
    workQueueId,
    jobVariables,
    infrastructureDocumentId: request.infrastructureDocumentId ?? deployment.infrastructureDocumentId,
    deployment: { id: deployment.id, version: deployment.version, versionId: deployment.versionId, labels: deployment.labels },
    autoScheduled: false,
    createdBy,
  })
}

/** Another queue of the deployment's pool, made when it is missing. */
function* otherQueue(deps: ToldDeps, told: Told[], deployment: Deployment, name: string): Script<string> {
  const { workQueues, workPools } = deps.store.tables
  const own = deployment.workQueueId === null ? undefined : yield* workQueues.get(deployment.workQueueId)
  const pool = own === undefined ? undefined : yield* workPools.get(own.poolId)
  if (pool === undefined)
    throw new TuttiError('BAD_REQUEST', 'Cannot create a flow run with a work queue: the deployment has no work pool.')
  return (yield* ensureQueue(deps, told, pool, name)).id
}

function merged(...layers: readonly JsonText[]): JsonText {
  return JsonText.of(Object.assign({}, ...layers.map((layer) => layer.toJSON())))
}

/** Its schedules are looked at again. */
function* touch(deps: ToldDeps, told: Told[], deployment: Deployment): Script<void> {
  yield* deps.store.tables.deployments.save({ ...deployment, updatedAt: deps.clock.now() })
  told.push({ type: 'changed', noun: 'deployments', id: deployment.id })
}
