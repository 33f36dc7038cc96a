import { freeSlots, TAG_PREFIX } from '../core/concurrency.ts'
import type { ConcurrencyLimit } from '../core/concurrency.ts'
import { explain, NO_TASKS_WAITING } from '../core/explain.ts'
import type { DeploymentStanding, ExplainFacts, Explanation, FullLimit, Holding, Place, TasksWaiting } from '../core/explain.ts'
import type { Deployment } from '../core/deployment.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { isTerminal } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { roomOf } from './due-runs.ts'
import { HOLDING, idsOf, sum } from './found-pools.ts'
import { modesNow } from './held-starts.ts'

/** Runs that are named as holders of slots. */
const HOLDERS_MAX = 5
/** Task runs of a running run that are looked at. */
const TASKS_MAX = 200
/** Due runs that are counted before one. */
const AHEAD_MAX = 1_000

/** Everything that may keep a run waiting, read at one moment, and what it means. */
export function* explanationOf(deps: Deps, run: FlowRun): Script<Explanation> {
  const now = deps.clock.now()
  return explain(run, yield* factsOf(deps, run, now), now)
}

const NOTHING: Omit<ExplainFacts, 'holder'> = {
  deployment: null,
  place: null,
  workers: [],
  full: [],
  claim: null,
  maintenance: [],
  ahead: 0,
  tasks: NO_TASKS_WAITING,
  policies: [],
}

function* factsOf(deps: Deps, run: FlowRun, now: Instant): Script<ExplainFacts> {
  const { store, liveness } = deps
  const holder = run.lease === null ? 'unknown' : liveness.of(run.lease.holder)
  const { type } = run.state
  if (isTerminal(type)) return { ...NOTHING, holder }
  if (type === 'running') return { ...NOTHING, holder, tasks: yield* tasksWaiting(deps, run, now) }
  const claim = (yield* store.tables.claims.ofRun(run.id)) ?? null
  if (type !== 'scheduled') return { ...NOTHING, holder, claim }

  const deployment = yield* deploymentOf(deps, run)
  const place = yield* placeOf(deps, run)
  const modes = yield* modesNow(deps)
  return {
    ...NOTHING,
    holder,
    claim,
    deployment: deployment === null ? null : yield* standingOf(deps, deployment),
    place,
    workers: place === null ? [] : yield* store.tables.workers.ofPool(place.pool.id),
    full: [...(place === null ? [] : yield* fullOfPool(deps, place)), ...(yield* fullOfDeployment(deps, deployment, now))],
    maintenance: modes.filter(({ scope }) => scope.type === 'server' || scope.id === place?.pool.id),
    ahead: yield* aheadOf(deps, run),
  }
}

type FoundDeployment = { readonly id: string; readonly deployment: Deployment | undefined }

function* deploymentOf({ store }: Deps, { dispatch }: FlowRun): Script<FoundDeployment | null> {
  const id = dispatch?.deploymentId ?? null
  return id === null ? null : { id, deployment: yield* store.tables.deployments.get(id) }
}

function* standingOf({ store }: Deps, { id, deployment }: FoundDeployment): Script<DeploymentStanding> {
  if (deployment === undefined) return { id, name: null, hasQueue: false, lastPolledAt: null }
  const flow = yield* store.tables.flows.get(deployment.flowId)
  return {
    id,
    name: `${flow?.name ?? deployment.flowId}/${deployment.name}`,
    hasQueue: deployment.workQueueId !== null,
    lastPolledAt: deployment.lastPolledAt,
  }
}

function* placeOf({ store }: Deps, { dispatch }: FlowRun): Script<Place | null> {
  const queueId = dispatch?.workQueueId ?? null
  if (queueId === null) return null
  const queue = yield* store.tables.workQueues.get(queueId)
  const pool = queue === undefined ? undefined : yield* store.tables.workPools.get(queue.poolId)
  return queue === undefined || pool === undefined ? null : { pool, queue }
}

/* ── limits ─────────────────────────────────────────────────────────────────────────────────────── */

function* fullOfPool({ store }: Deps, { pool, queue }: Place): Script<readonly FullLimit[]> {
  const { workQueues, dueRuns } = store.tables
  const full: FullLimit[] = []
  if (pool.concurrencyLimit === null && queue.concurrencyLimit === null) return full
  const queues = yield* workQueues.ofPool(pool.id)
  const held = yield* dueRuns.countByQueue(idsOf(queues), HOLDING)
  if (pool.concurrencyLimit !== null && roomOf(pool, sum(held.values())) === 0) {
    const holders: Holding[] = []
    for (const { id } of queues) holders.push(...(yield* dueRuns.holding(id, { limit: HOLDERS_MAX, offset: 0 })).map(holdingOf))
    full.push({ of: 'pool', name: pool.name, limitName: null, limit: pool.concurrencyLimit, holders: oldest(holders) })
  }
  if (queue.concurrencyLimit !== null && roomOf(queue, held.get(queue.id) ?? 0) === 0) {
    const holders = (yield* dueRuns.holding(queue.id, { limit: HOLDERS_MAX, offset: 0 })).map(holdingOf)
    full.push({ of: 'queue', name: `${pool.name}/${queue.name}`, limitName: null, limit: queue.concurrencyLimit, holders })
  }
  return full
}

function holdingOf({ id, name, state }: FlowRun): Holding {
  return { flowRunId: id, name, since: state.timestamp }
}

function oldest(holders: readonly Holding[]): readonly Holding[] {
  return holders.toSorted((one, other) => one.since - other.since).slice(0, HOLDERS_MAX)
}

function* fullOfDeployment(deps: Deps, found: FoundDeployment | null, now: Instant): Script<readonly FullLimit[]> {
  const { store } = deps
  const deployment = found?.deployment
  if (deployment === undefined || deployment.concurrencyLimitId === null) return []
  const limit = yield* store.tables.concurrency.get(deployment.concurrencyLimitId)
  if (limit === undefined || freeSlots(limit, now) > 0) return []
  return [{ of: 'deployment', name: deployment.name, limitName: limit.name, limit: limit.limit, holders: yield* holdersOf(deps, limit) }]
}

/** The flow runs whose leases hold slots of a limit, themselves or by one of their task runs. */
function* holdersOf({ store }: Deps, { id }: ConcurrencyLimit): Script<readonly Holding[]> {
  const { concurrency, flowRuns, taskRuns } = store.tables
  const holders: Holding[] = []
  for (const { holder, takenAt } of (yield* concurrency.leasesOf([id])).slice(0, HOLDERS_MAX)) {
    if (holder === null || holder.type === 'deployment') continue
    const flowRunId = holder.type === 'flow_run' ? holder.id : ((yield* taskRuns.get(holder.id))?.flowRunId ?? null)
    const run = flowRunId === null ? undefined : yield* flowRuns.get(flowRunId)
    if (run !== undefined) holders.push({ flowRunId: run.id, name: run.name, since: takenAt })
  }
  return holders
}

/* ── others ─────────────────────────────────────────────────────────────────────────────────────── */

/** Due runs that whoever asks for this one would get before it. */
function* aheadOf({ store }: Deps, { id, state, dispatch }: FlowRun): Script<number> {
  if (state.type !== 'scheduled') return 0
  const queueId = dispatch?.workQueueId ?? null
  const deploymentId = dispatch?.deploymentId ?? null
  const of = queueId !== null ? { queueId } : deploymentId !== null ? { deploymentIds: [deploymentId] } : undefined
  return of === undefined ? 0 : yield* store.tables.dueRuns.countAhead(of, { id, scheduledFor: state.scheduledFor }, AHEAD_MAX)
}

function* tasksWaiting(deps: Deps, { id }: FlowRun, now: Instant): Script<TasksWaiting> {
  const { taskRuns, concurrency } = deps.store.tables
  const { items } = yield* taskRuns.list({ flowRunId: id, states: ['pending', 'scheduled'], limit: TASKS_MAX })
  const retryTimes = items.flatMap(({ state }) =>
    state.type === 'scheduled' && state.name === 'AwaitingRetry' ? [state.scheduledFor] : [],
  )
  const names = [...new Set(items.flatMap(({ tags }) => tags))].map((tag) => `${TAG_PREFIX}${tag}`)
  const full = (yield* concurrency.byNames(names)).filter((limit) => freeSlots(limit, now) === 0)
  const limits: FullLimit[] = []
  for (const limit of full)
    limits.push({
      of: 'tag',
      name: limit.name.slice(TAG_PREFIX.length),
      limitName: limit.name,
      limit: limit.limit,
      holders: yield* holdersOf(deps, limit),
    })
  const isHeldUp = (tags: readonly string[]): boolean => limits.some(({ name }) => tags.includes(name))
  return {
    forSlots: items.filter(({ tags }) => isHeldUp(tags)).length,
    limits,
    forRetry: retryTimes.length,
    nextRetryAt: retryTimes.length === 0 ? null : Math.min(...retryTimes),
  }
}
