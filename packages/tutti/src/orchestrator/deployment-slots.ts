import { freeSlots, LONG_LEASE_S } from '../core/concurrency.ts'
import type { ConcurrencyLimit } from '../core/concurrency.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { DeploymentFacts, ProposalEffect } from '../core/flow-run-proposal.ts'
import { isTerminal } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { freeLease, lease, reviveLease, take } from './slots.ts'

/** How long a run may take to start when its deployment does not say. */
const GRACE_S = 300

/** What a decision on a run must know of its deployment: whether it is there, and how many slots of its limit are free. */
export function* deploymentFacts({ store }: Deps, run: FlowRun, now: Instant): Script<DeploymentFacts> {
  const id = run.dispatch?.deploymentId ?? null
  if (id === null) return { type: 'none' }
  const deployment = yield* store.tables.deployments.get(id)
  if (deployment === undefined) return { type: 'deleted' }
  const { concurrencyLimitId, concurrencyOptions } = deployment
  const limit = concurrencyLimitId === null ? undefined : yield* store.tables.concurrency.get(concurrencyLimitId)
  const held = run.state.details?.deploymentConcurrencyLeaseId
  const strategy = deployment.options.collision ?? concurrencyOptions?.strategy ?? 'enqueue'
  const slotsFree = limit === undefined ? 0 : freeSlots(limit, now)
  const isAsked = limit !== undefined && slotsFree <= 0 && (strategy === 'skip' || strategy === 'cancel-running')
  return {
    type: 'found',
    limit: limit === undefined || !limit.active ? null : limit.limit,
    slotsFree,
    ...(isAsked ? yield* holdersOf({ store }, limit.id) : undefined),
    strategy,
    graceS: concurrencyOptions?.graceS ?? GRACE_S,
    leaseAlive: held !== undefined && (yield* store.tables.concurrency.lease(held)) !== undefined,
  }
}

/** Who holds the slots of a limit: the run that has done so for the longest, and whether one of them is about to give its slot back. */
function* holdersOf(
  { store }: Pick<Deps, 'store'>,
  limitId: string,
): Script<Pick<DeploymentFacts & { type: 'found' }, 'holder' | 'isLeaving'>> {
  let holder: { readonly id: string; readonly name: string } | undefined
  let isLeaving = false
  for (const { holder: owner } of yield* store.tables.concurrency.leasesOf([limitId])) {
    const run = owner?.type === 'flow_run' ? yield* store.tables.flowRuns.get(owner.id) : undefined
    if (run === undefined || isTerminal(run.state.type)) continue
    isLeaving ||= run.state.type === 'cancelling'
    holder ??= { id: run.id, name: run.name }
  }
  return { isLeaving, ...(holder === undefined ? undefined : { holder }) }
}

export function* applyEffects(deps: Deps, run: FlowRun, effects: readonly ProposalEffect[]): Script<void> {
  for (const effect of effects) {
    switch (effect.type) {
      case 'take-slot': {
        const limits = yield* limitOf(deps, run)
        const taken = yield* take(deps, limits, { slots: 1 })
        if (taken.type === 'taken')
          yield* lease(deps, limits, { id: effect.leaseId, slots: 1, leaseS: effect.ttlS, holder: { type: 'flow_run', id: run.id } })
        break
      }
      case 'renew-slot':
        yield* reviveLease(deps, effect.leaseId, effect.ttlS)
        break
      case 'keep-slot':
        yield* reviveLease(deps, effect.leaseId, LONG_LEASE_S)
        break
      case 'free-slot':
        yield* free(deps, effect.leaseId)
        break
      case 'reset-failed-tasks':
        yield* resetFailedTasks(deps, run)
        break
      case 'cancel-run':
      case 'cancel-runs':
        // Proposed to each of them by whoever proposes.
        break
    }
  }
}

/** With the transitions of our own engine: a slot lasts while the run is under way, and is given back with its end or its wait. */
export function* moveSlot(deps: Deps, { state: from }: FlowRun, { state: to }: FlowRun): Script<void> {
  const held = from.details?.deploymentConcurrencyLeaseId
  if (held === undefined || from.id === to.id) return
  if (to.details?.deploymentConcurrencyLeaseId !== held) yield* free(deps, held)
  else if (from.type === 'pending') yield* reviveLease(deps, held, LONG_LEASE_S)
}

/** For a run that is deleted while it holds a slot. */
export function* giveSlotBack(deps: Deps, run: FlowRun): Script<void> {
  const { type, details } = run.state
  if (type !== 'pending' && type !== 'running' && type !== 'cancelling') return
  yield* free(deps, details?.deploymentConcurrencyLeaseId ?? null)
}

/** A lease that is gone has given its slot back already: what is taken now is another run's. */
function* free(deps: Deps, leaseId: string | null): Script<void> {
  if (leaseId !== null) yield* freeLease(deps, leaseId)
}

function* limitOf({ store }: Deps, run: FlowRun): Script<readonly ConcurrencyLimit[]> {
  const id = run.dispatch?.deploymentId ?? null
  const deployment = id === null ? undefined : yield* store.tables.deployments.get(id)
  const limitId = deployment?.concurrencyLimitId ?? null
  const limit = limitId === null ? undefined : yield* store.tables.concurrency.get(limitId)
  return limit === undefined ? [] : [limit]
}

/** Clients that tell retried task runs by their state: those that failed wait for their retry, as if they had never run. */
function* resetFailedTasks({ store }: Deps, run: FlowRun): Script<void> {
  const { taskRuns } = store.tables
  for (const task of yield* taskRuns.ofFlowRun(run.id, TASKS_MAX)) {
    if (task.state.type !== 'failed' || task.told === undefined) continue
    const { id, timestamp, message } = task.state
    yield* taskRuns.saveTold({
      ...task,
      runCount: 0,
      state: { id, timestamp, message, type: 'scheduled', name: 'AwaitingRetry', scheduledFor: run.state.timestamp },
    })
  }
}

const TASKS_MAX = 10_000
