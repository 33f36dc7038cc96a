import { LONG_LEASE_S, settled, TAG_PREFIX } from '../core/concurrency.ts'
import type { ConcurrencyLimit, SlotLease } from '../core/concurrency.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { isUuid } from '../core/id.ts'
import type { HoldingRun, SlotHolder, SlotHolderOperations, SlotRelease, SlotsHeld, SlotsOf } from '../core/slot-holder.ts'
import { isTerminal } from '../core/state.ts'
import type { State } from '../core/state.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { HOLDING, idsOf, poolNamed } from './found-pools.ts'
import { existing } from './flow-runs.ts'
import { endLease, freeSlotsOf } from './slots.ts'

export function slotHolderOperations(deps: Deps): SlotHolderOperations {
  const { store } = deps
  return {
    list: (of, limit) => store.read(() => heldOf(deps, of, limit)),
    release: (what) => store.write(() => release(deps, what)),
  }
}

/* ── who ────────────────────────────────────────────────────────────────────────────────────────── */

function* heldOf(deps: Deps, of: SlotsOf, limit: number): Script<SlotsHeld> {
  const { workQueues, deployments, concurrency } = deps.store.tables
  switch (of.type) {
    case 'limit':
      return yield* heldOfLimit(deps, yield* limitNamed(deps, of.idOrName), limit)
    case 'tag':
      return yield* heldOfLimit(deps, yield* limitNamed(deps, `${TAG_PREFIX}${of.tag}`), limit)
    case 'work-pool': {
      const pool = yield* poolNamed(deps, of.name)
      const queues = idsOf(yield* workQueues.ofPool(pool.id))
      return yield* heldByRuns(deps, { name: pool.name, limit: pool.concurrencyLimit }, queues, limit)
    }
    case 'work-queue': {
      const pool = yield* poolNamed(deps, of.pool)
      const queue = (yield* workQueues.ofPool(pool.id)).find(({ name }) => name === of.name)
      if (queue === undefined) throw new TuttiError('NOT_FOUND', `the work pool ${of.pool} has no queue ${of.name}`)
      return yield* heldByRuns(deps, { name: `${pool.name}/${queue.name}`, limit: queue.concurrencyLimit }, [queue.id], limit)
    }
    case 'deployment': {
      const deployment = yield* deployments.get(of.id)
      if (deployment === undefined) throw new TuttiError('NOT_FOUND', `there is no deployment ${of.id}`)
      const found = deployment.concurrencyLimitId === null ? undefined : yield* concurrency.get(deployment.concurrencyLimitId)
      if (found !== undefined) return { ...(yield* heldOfLimit(deps, found, limit)), name: deployment.name }
      const runs = yield* deps.store.tables.dueRuns.holdingOf(deployment.id, limit + 1)
      return yield* shown(deps, { name: deployment.name, limit: null }, runs, { active: runs.length, limit })
    }
  }
}

function* limitNamed({ store }: Deps, idOrName: string): Script<ConcurrencyLimit> {
  const { concurrency } = store.tables
  const byId = isUuid(idOrName) ? yield* concurrency.get(idOrName) : undefined
  const limit = byId ?? (yield* concurrency.byName(idOrName))
  if (limit === undefined) throw new TuttiError('NOT_FOUND', `there is no concurrency limit ${idOrName}`)
  return limit
}

function* heldOfLimit(deps: Deps, found: ConcurrencyLimit, limitMax: number): Script<SlotsHeld> {
  const limit = settled(found, deps.clock.now())
  const leases = yield* deps.store.tables.concurrency.leasesOf([limit.id])
  const holders: SlotHolder[] = []
  for (const lease of leases.slice(0, limitMax)) holders.push(yield* holderOf(deps, lease))
  return {
    name: limit.name,
    limit: limit.limit,
    activeSlots: limit.activeSlots,
    holders,
    hasMore: leases.length > limitMax,
    unaccounted: unaccountedOf(limit, leases),
  }
}

function unaccountedOf({ activeSlots }: ConcurrencyLimit, leases: readonly SlotLease[]): number {
  return Math.max(0, activeSlots - leases.reduce((sum, { slots }) => sum + slots, 0))
}

function* holderOf(deps: Deps, lease: SlotLease): Script<SlotHolder> {
  const { flowRuns, taskRuns, deployments } = deps.store.tables
  const { id: leaseId, slots, takenAt: since, holder } = lease
  // Leases of runs that end with them are written with a time that nobody lives to see.
  const until = lease.until - since > (LONG_LEASE_S / 2) * 1_000_000 ? null : lease.until
  const held = { leaseId, slots, since, until }
  if (holder === null) return { ...held, holder, run: null, keptBy: null }
  if (holder.type === 'deployment') {
    const name = (yield* deployments.get(holder.id))?.name ?? null
    return { ...held, holder: { ...holder, name }, run: null, keptBy: null }
  }
  const task = holder.type === 'task_run' ? yield* taskRuns.get(holder.id) : undefined
  const flowRunId = holder.type === 'flow_run' ? holder.id : (task?.flowRunId ?? null)
  const run = flowRunId === null ? undefined : yield* flowRuns.get(flowRunId)
  const name = (holder.type === 'flow_run' ? run : task)?.name ?? null
  return {
    ...held,
    holder: { ...holder, name },
    run: run === undefined ? null : yield* holdingRun(deps, run),
    keptBy: keptBy(run, task),
  }
}

/** Why slots are not given up: whoever holds them is at work, and would be, without them. */
function keptBy(
  run: FlowRun | undefined,
  task: { readonly id: string; readonly name: string; readonly state: State } | undefined,
): string | null {
  if (task !== undefined && isTerminal(task.state.type)) return null
  if (run !== undefined) {
    if (isTerminal(run.state.type)) return null
    return `the flow run ${run.name} (${run.id}) is ${run.state.name} and holds the slot until it ends`
  }
  return task === undefined ? null : `the task run ${task.name} (${task.id}) is ${task.state.name} and holds the slot until it ends`
}

function* heldByRuns(
  deps: Deps,
  of: { readonly name: string; readonly limit: number | null },
  queueIds: readonly string[],
  limit: number,
): Script<SlotsHeld> {
  const { dueRuns } = deps.store.tables
  const counts = yield* dueRuns.countByQueue(queueIds, HOLDING)
  const runs: FlowRun[] = []
  for (const id of counts.keys()) runs.push(...(yield* dueRuns.holding(id, { limit: limit + 1, offset: 0 })))
  const active = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return yield* shown(deps, of, runs, { active, limit })
}

function* shown(
  deps: Deps,
  { name, limit }: { readonly name: string; readonly limit: number | null },
  runs: readonly FlowRun[],
  { active, limit: shownMax }: { readonly active: number; readonly limit: number },
): Script<SlotsHeld> {
  const holders: SlotHolder[] = []
  for (const run of runs.toSorted((one, other) => one.state.timestamp - other.state.timestamp).slice(0, shownMax))
    holders.push({
      leaseId: null,
      slots: 1,
      since: run.state.timestamp,
      until: null,
      holder: { type: 'flow_run', id: run.id, name: run.name },
      run: yield* holdingRun(deps, run),
      keptBy: keptBy(run, undefined),
    })
  return { name, limit, activeSlots: active, holders, hasMore: runs.length > shownMax, unaccounted: 0 }
}

function* holdingRun({ store }: Deps, { id, name, flowName, state, dispatch, lease }: FlowRun): Script<HoldingRun> {
  const claim = yield* store.tables.claims.ofRun(id)
  return {
    id,
    name,
    flowName,
    stateType: state.type,
    stateName: state.name,
    deploymentId: dispatch?.deploymentId ?? null,
    worker: claim?.worker ?? null,
    process: lease === null ? null : { host: lease.holder.host, pid: lease.holder.pid },
  }
}

/* ── release ────────────────────────────────────────────────────────────────────────────────────── */

function* release(deps: Deps, what: SlotRelease): Script<number> {
  const { concurrency } = deps.store.tables
  switch (what.type) {
    case 'lease': {
      const lease = yield* concurrency.lease(what.leaseId)
      if (lease === undefined) throw new TuttiError('LEASE_GONE', `the lease ${what.leaseId} has ended: its slots were given back`)
      const { keptBy: reason } = yield* holderOf(deps, lease)
      if (reason !== null) throw new TuttiError('SLOT_IN_USE', reason)
      yield* endLease(deps, lease)
      return lease.slots
    }
    case 'unaccounted': {
      const limit = settled(yield* limitNamed(deps, what.idOrName), deps.clock.now())
      const slots = Math.min(what.slots, unaccountedOf(limit, yield* concurrency.leasesOf([limit.id])))
      if (slots > 0) yield* freeSlotsOf(deps, [limit.id], { slots })
      return slots
    }
    case 'run': {
      const run = yield* existing(deps, what.flowRunId)
      const reason = keptBy(run, undefined)
      if (reason !== null) throw new TuttiError('SLOT_IN_USE', reason)
      return 0
    }
  }
}
