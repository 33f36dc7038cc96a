import type { FlowRun } from '../core/flow-run.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'
import type { Proposal } from '../core/proposal.ts'
import { madeBySchedule } from '../core/run-context.ts'
import { expiredMessage } from '../core/schedule/start.ts'
import type { ServiceOperations } from '../core/service-operations.ts'
import { defaultStateName, isTerminal } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import { after } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from '../store/port.ts'
import { tell } from './deployment-events.ts'
import { catchUp } from './deployment-schedules.ts'
import type { ToldDeps } from './flow-run-changes.ts'
import type { Deps } from './deps.ts'
import { apply, endTaskRuns } from './flow-runs.ts'
import { writeAndTell } from './telling.ts'
import { wakeRoot } from './waits.ts'
import { propose } from './flow-run-changes.ts'

/** How long after its time a run that nobody has taken is late. */
const LATE_AFTER_US = 15_000_000
/** How long a run may be Cancelling before nobody is believed to do it any more. */
const CANCELLING_MAX_US = 300_000_000
/** How long after a run was cancelled something of it may still turn up. */
const CLEANED_FOR_US = 86_400_000_000
/** How long a deployment counts as served after somebody asked for its runs. */
const POLLED_US = 60_000_000
const DAY_US = 86_400_000_000
/** Runs that change in one transaction: whoever waits for the lock waits no longer than this takes. */
const RUNS_PER_BATCH = 50
const EVENTS_PER_BATCH = 500
const PAGE = 500

/** The server itself proposes these states; none of them is one that older clients treat differently. */
const ABILITIES: ClientAbilities = { holdsLeases: true, countsSlots: false, resetsFailedTasks: false, keepsPauses: true }

export function serviceOperations(deps: ToldDeps): ServiceOperations {
  const { store, clock } = deps
  const { flowRuns, overdue, deployments, retention, runCounts, turns, blocks, dueRuns } = store.tables

  return {
    async nextLate() {
      const soonest = await store.read(() => overdue.soonestWaiting())
      return soonest === null ? null : soonest + LATE_AFTER_US
    },

    markLate: (limit) =>
      inBatches(limit, RUNS_PER_BATCH, (batch) =>
        writeAndTell(deps, function* (told) {
          const runs = yield* overdue.waitingSince(clock.now() - LATE_AFTER_US, batch)
          for (const run of runs) yield* propose(deps, told, run, lateProposal(run), { mode: 'late', client: ABILITIES })
          return runs.length
        }),
      ),

    async catchUp(downAfterMs) {
      const now = clock.now()
      const since = await store.read(() => lastLook(deps))
      let looked = 0
      if (since !== null && now > after(since, downAfterMs)) {
        for (const id of await store.read(() => catchingUp(deps))) {
          await writeAndTell(deps, function* (told) {
            const deployment = yield* deployments.get(id)
            if (deployment !== undefined) yield* catchUp(deps, told, deployment, { since, until: now })
          })
          looked += 1
        }
      }
      // Last: what a crash interrupts is begun again.
      await store.write(() => blocks.setValue(LOOKED_AT, String(now)))
      return looked
    },

    async expireLate(limit) {
      const now = clock.now()
      const expired = (await store.read(() => dueRuns.expiring(now, limit)))
        .filter((run) => (expiryOf(run) ?? now) < now)
        .map(({ id }) => id)
      return changeEach(deps, expired, function* (told, run) {
        const expiresAt = expiryOf(run)
        if (run.state.type !== 'scheduled' || run.runCount > 0 || expiresAt === undefined || expiresAt >= clock.now()) return false
        const proposal: Proposal = { type: 'cancelled', name: 'Expired', message: expiredMessage(run.expectedAt, expiresAt), details: {} }
        yield* propose(deps, told, run, proposal, { mode: 'forced', client: ABILITIES })
        return true
      })
    },

    nextPauseExpiry: () =>
      store.read(function* () {
        let next: Instant | null = null
        for (let page = yield* overdue.paused('', PAGE); page.length > 0; page = yield* overdue.paused(page.at(-1)?.id ?? '', PAGE)) {
          for (const run of page) {
            const ends = pauseEnd(run)
            if (ends !== null && (next === null || ends < next)) next = ends
          }
        }
        return next
      }),

    async expirePauses(limit) {
      const expired = await store.read(() => expiredPauses(deps, limit))
      return changeEach(deps, expired, function* (told, run) {
        const ends = pauseEnd(run)
        // It may have been resumed since it was found.
        if (ends === null || ends > clock.now()) return false
        if (run.state.details?.wakeAt !== undefined) {
          // Its flow is told, and decides.
          yield* apply(deps, run, { type: 'wake', message: 'The time of what the flow waited for is over.' }, told)
          yield* wakeRoot(deps, told, run)
          return true
        }
        yield* propose(deps, told, run, ending('failed', 'The flow was paused and never resumed.'), { mode: 'forced', client: ABILITIES })
        return true
      })
    },

    async cleanCancelled(limit) {
      let cleaned = await endForgotten(deps, limit)
      // What is cancelled in one round may have children of its own.
      for (let found = 1; found > 0 && cleaned < limit; cleaned += found) found = await endLeftBehind(deps, limit - cleaned)
      return cleaned
    },

    async markNeglected() {
      // Almost always there is nothing to do, and then nothing is written.
      const isDue = (await store.read(() => deployments.neglected(clock.now() - POLLED_US))).length > 0
      if (!isDue) return 0
      return writeAndTell(deps, function* (told) {
        const neglected = yield* deployments.neglected(clock.now() - POLLED_US)
        yield* deployments.setNotReady(neglected.map(({ id }) => id))
        for (const each of neglected) yield* tell(deps, told, 'not-ready', each)
        return neglected.length
      })
    },

    retainEvents: (olderThanDays, limit) =>
      inBatches(limit, EVENTS_PER_BATCH, (batch) =>
        store.write(() => retention.deleteEventsBefore(clock.now() - olderThanDays * DAY_US, batch)),
      ),

    // A database that is no other server's needs no turns.
    countRuns: (limit) => store.write(() => runCounts.count(clock.now(), limit)),

    takeTurn: async (service, holder, forMs) =>
      !store.isShared || store.write(() => turns.take({ service, holder, until: after(clock.now(), forMs) }, clock.now())),
    async endTurns(holder) {
      if (store.isShared) await store.write(() => turns.end(holder))
    },
  }

  async function endForgotten(given: Deps, limit: number): Promise<number> {
    const found = await store.read(() => overdue.cancellingSince(clock.now() - CANCELLING_MAX_US, limit))
    return changeEach(given, found, function* (told, run) {
      if (run.state.type !== 'cancelling' || run.lease !== null) return false
      const message = 'The flow run was being cancelled, and nobody told that it ended.'
      yield* propose(given, told, run, ending('cancelled', message), { mode: 'forced', client: ABILITIES })
      return true
    })
  }

  async function endLeftBehind(given: Deps, limit: number): Promise<number> {
    const since = clock.now() - CLEANED_FOR_US
    const { parents, children } = await store.read(function* () {
      return { parents: yield* overdue.cancelledUnfinished(since, limit), children: yield* overdue.cancelledChildren(since, limit) }
    })
    const tasksEnded = await changeEach(given, parents, function* (_told, run) {
      if (run.state.type !== 'cancelled') return false
      yield* endTaskRuns(given, run, 'cancelled')
      return true
    })
    const childrenEnded = await changeEach(given, children, function* (told, run) {
      if (isTerminal(run.state.type) || run.lease !== null) return false
      // One of a deployment runs in a place of its own, where a worker ends it.
      const isDeployed = (run.dispatch?.deploymentId ?? null) !== null
      if (isDeployed && run.state.type === 'cancelling') return false
      const proposal = ending(isDeployed ? 'cancelling' : 'cancelled', 'The parent of the flow run was cancelled.')
      yield* propose(given, told, run, proposal, { mode: 'forced', client: ABILITIES })
      return true
    })
    return tasksEnded + childrenEnded
  }

  /** Each run is read again in the transaction that changes it. */
  async function changeEach(
    given: Deps,
    ids: readonly string[],
    changeOne: (told: Parameters<typeof propose>[1], run: FlowRun) => Script<boolean>,
  ): Promise<number> {
    let changed = 0
    for (let at = 0; at < ids.length; at += RUNS_PER_BATCH) {
      changed += await writeAndTell(given, function* (told) {
        let count = 0
        for (const run of yield* flowRuns.getMany(ids.slice(at, at + RUNS_PER_BATCH))) if (yield* changeOne(told, run)) count += 1
        return count
      })
    }
    return changed
  }
}

/** When the scheduler looked last. */
const LOOKED_AT = 'scheduler-looked-at'

function* lastLook({ store }: Deps): Script<Instant | null> {
  const value = yield* store.tables.blocks.value(LOOKED_AT)
  return value === undefined ? null : Number(value)
}

function* catchingUp({ store }: Deps): Script<readonly string[]> {
  const schedules = yield* store.tables.deployments.schedulesWithOptions()
  return [
    ...new Set(schedules.filter(({ active, options }) => active && options.catchUp !== undefined).map(({ deploymentId }) => deploymentId)),
  ]
}

function expiryOf({ dispatch }: FlowRun): Instant | undefined {
  return madeBySchedule(dispatch?.context).expiresAt
}

async function inBatches(limit: number, size: number, one: (batch: number) => Promise<number>): Promise<number> {
  let done = 0
  while (done < limit) {
    const batch = Math.min(size, limit - done)
    const count = await one(batch)
    done += count
    if (count < batch) break
  }
  return done
}

function* expiredPauses({ store, clock }: Deps, limit: number): Script<readonly string[]> {
  const { overdue } = store.tables
  const now = clock.now()
  const expired: string[] = []
  for (let page = yield* overdue.paused('', PAGE); page.length > 0; page = yield* overdue.paused(page.at(-1)?.id ?? '', PAGE)) {
    for (const run of page) {
      const ends = pauseEnd(run)
      if (ends !== null && ends <= now) expired.push(run.id)
      if (expired.length >= limit) return expired
    }
  }
  return expired
}

/** One that its process holds is looked after there. */
function pauseEnd({ state, lease }: FlowRun): Instant | null {
  if (state.type !== 'paused' || lease !== null) return null
  return state.details?.wakeAt ?? state.details?.pauseTimeout ?? null
}

function lateProposal({ state, expectedAt }: FlowRun): Proposal {
  const scheduledFor = state.type === 'scheduled' ? state.scheduledFor : expectedAt
  return { type: 'scheduled', name: 'Late', message: null, details: {}, scheduledFor }
}

function ending(type: StateType, message: string): Proposal {
  return { type, name: defaultStateName(type), message, details: {} }
}
