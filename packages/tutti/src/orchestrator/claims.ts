import type { Actor } from '../core/actor.ts'
import { CLAIM_S } from '../core/claim.ts'
import type { Claim, ClaimedRun, ClaimOperations, ClaimTarget, StartedRun } from '../core/claim.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'
import { isSameHolder } from '../core/lease.ts'
import type { Lease, LeaseHolder } from '../core/lease.ts'
import type { Proposal } from '../core/proposal.ts'
import { after } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { dueRuns, polled } from './due-runs.ts'
import { startable } from './held-starts.ts'
import { writeAndTell } from './telling.ts'
import { propose, viewOf } from './flow-run-changes.ts'
import { accepted, apply } from './flow-runs.ts'
import { jobOf } from './run-job.ts'
import { beat } from './workers.ts'

/** Our own workers know all that the protocol has. */
const ABILITIES: ClientAbilities = { holdsLeases: true, countsSlots: false, resetsFailedTasks: false, keepsPauses: true }

export function claimOperations(deps: Deps): ClaimOperations {
  const { store, clock, ids } = deps
  const { claims, flowRuns } = store.tables

  return {
    async attend(target, worker) {
      if (target.type === 'deployments') return
      await writeAndTell(deps, function* (told) {
        const { pool, queues } = yield* dueRuns(deps, target.name, { ...queuesOf(target), before: null, after: null, limit: 0 })
        yield* beat(deps, told, pool.name, { name: worker, intervalS: null })
        yield* polled(deps, told, pool, queues)
      })
    },

    look: (target) =>
      store.read(function* () {
        const now = clock.now()
        const { runs, queueIds } = yield* due(deps, target, now, 1)
        if (runs.length > 0) return { isDue: true, nextAt: null, queueIds }
        const state = (yield* due(deps, target, null, 1)).runs[0]?.state
        return { isDue: false, nextAt: state?.type === 'scheduled' ? state.scheduledFor : null, queueIds }
      }),

    take: (target, { worker, limit }) =>
      writeAndTell(deps, function* (told) {
        const taken: ClaimedRun[] = []
        for (const pending of yield* pendingNow(by(worker), told, target, limit)) {
          const claim: Claim = { id: ids.next(), flowRunId: pending.id, worker, until: after(clock.now(), CLAIM_S * 1000) }
          yield* claims.put(claim)
          taken.push({ claim, view: yield* viewOf(deps, pending), job: yield* jobOf(deps, pending) })
        }
        return taken
      }),

    start: (target, { worker, limit, holder, leaseMs }) =>
      writeAndTell(deps, function* (told) {
        const started: StartedRun[] = []
        for (const pending of yield* pendingNow(by(worker), told, target, limit)) {
          const until = after(clock.now(), leaseMs)
          const run = yield* accepted(by(worker), pending, { type: 'start', lease: { holder, until } }, 'could not start', told)
          const claim: Claim = { id: ids.next(), flowRunId: run.id, worker, until }
          yield* claims.put(claim)
          started.push({ claim, run })
        }
        return started
      }),

    renew: (id) =>
      store.write(function* () {
        const now = clock.now()
        const until = after(now, CLAIM_S * 1000)
        const claim = yield* claims.get(id)
        const run = claim === undefined ? undefined : yield* flowRuns.get(claim.flowRunId)
        // Nothing is left to launch of a run that was cancelled, or that has begun.
        if (claim === undefined || run?.state.type !== 'pending' || !(yield* claims.renew(id, until, now)))
          throw new TuttiError('LEASE_GONE', `the claim ${id} expired or was given back, or its run is not waiting to be launched any more`)
        return { ...claim, until }
      }),

    release: (id, holder) =>
      writeAndTell(deps, function* (told) {
        const claim = yield* claims.get(id)
        if (claim !== undefined) yield* giveBack(by(claim.worker), told, claim, 'its worker gave it back', holder)
      }),

    releaseOf: (worker, except, holder) =>
      writeAndTell(deps, function* (told) {
        const left = (yield* claims.ofWorker(worker, CLAIMS_MAX)).filter(({ id }) => !except.includes(id))
        for (const claim of left) yield* giveBack(by(worker), told, claim, 'its worker stopped', holder)
        return left.length
      }),

    async expire(limit) {
      const expired = await store.read(() => claims.expired(clock.now(), limit))
      for (const { id } of expired)
        await writeAndTell(deps, function* (told) {
          // It may have been renewed since it was found.
          const claim = yield* claims.get(id)
          if (claim !== undefined && claim.until <= clock.now())
            yield* giveBack(deps, told, claim, `the worker ${claim.worker} went silent`)
        })
      return expired.length
    },
  }

  /** What a worker brings about. */
  function by(worker: string): Deps & { readonly actor: Actor } {
    return { ...deps, actor: { kind: 'worker', name: worker } }
  }

  /** Due runs, which become Pending. */
  function* pendingNow(given: Deps, told: Told[], target: ClaimTarget, limit: number): Script<readonly FlowRun[]> {
    const taken: FlowRun[] = []
    for (const run of (yield* due(deps, target, clock.now(), limit)).runs) {
      const { verdict, run: pending } = yield* propose(given, told, run, PENDING, { mode: 'ordinary', client: ABILITIES })
      // Nobody can start it any more, and it would stand before others for ever.
      if (verdict.type === 'abort' && (yield* isOrphan(run)))
        yield* propose(given, told, run, ORPHANED, { mode: 'forced', client: ABILITIES })
      // Otherwise another limit had no room for it, and it waits for that one.
      if (verdict.type === 'accept') taken.push(pending)
    }
    return taken
  }

  function* isOrphan({ dispatch }: FlowRun): Script<boolean> {
    const id = dispatch?.deploymentId ?? null
    return id !== null && (yield* store.tables.deployments.get(id)) === undefined
  }

  /** A run that has started needs no claim any more; one that has not is due again, and so is one that was started for `holder` with its claim. */
  function* giveBack(given: Deps, told: Told[], claim: Claim, why: string, holder: LeaseHolder | null = null): Script<void> {
    yield* claims.delete(claim.id)
    const run = yield* flowRuns.get(claim.flowRunId)
    if (run === undefined) return
    if (isUnheard(claim, run.lease)) {
      if (holder === null || !isSameHolder(run.lease.holder, holder)) yield* claims.put({ ...claim, until: claim.until + UNHEARD_US })
      else yield* apply(given, run, { type: 'return', message: `The run is due again: ${why} before it had begun.` }, told)
      return
    }
    if (run.state.type !== 'pending') return
    const again: Proposal = {
      type: 'scheduled',
      name: 'Scheduled',
      message: `The run is due again: ${why} before it had started.`,
      details: {},
      scheduledFor: clock.now(),
    }
    yield* propose(given, told, run, again, { mode: 'forced', client: ABILITIES })
  }
}

/**
 * Whether nothing was heard of a process since it was given the run with its claim: its lease is renewed sooner or later, or has ended with
 * the run. The answer may have been lost; a process that lives says so once it can, however long that takes, so the claim is kept for it.
 */
function isUnheard({ until }: Claim, lease: Lease | null): lease is Lease {
  return lease !== null && until >= lease.until && (until - lease.until) % UNHEARD_US === 0
}

/** A day. */
const UNHEARD_US = 86_400_000_000

/** Of one worker at a time: it has claimed what it can launch. */
const CLAIMS_MAX = 1_000

const PENDING: Proposal = { type: 'pending', name: 'Pending', message: null, details: {} }

const ORPHANED: Proposal = {
  type: 'cancelled',
  name: 'Cancelled',
  message: 'The deployment of the flow run was deleted before it had started.',
  details: {},
}

interface Due {
  readonly runs: readonly FlowRun[]
  readonly queueIds: readonly string[]
}

function* due(deps: Deps, target: ClaimTarget, before: Instant | null, limit: number): Script<Due> {
  if (target.type === 'pool') {
    const { queues, runs } = yield* dueRuns(deps, target.name, { ...queuesOf(target), before, after: null, limit })
    return { runs: runs.map(({ view }) => view.run), queueIds: queues.map(({ id }) => id) }
  }
  const deploymentIds = yield* startable(deps, target.ids)
  const none = deploymentIds.length === 0
  return { runs: none ? [] : yield* deps.store.tables.dueRuns.due({ deploymentIds }, { before, after: null, limit }), queueIds: [] }
}

function queuesOf({ queues }: Extract<ClaimTarget, { type: 'pool' }>) {
  return queues === null ? undefined : { queues }
}
