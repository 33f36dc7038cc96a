import type { CollisionStrategy } from './deployment-definition.ts'
import type { FlowRun, FlowRunPolicy } from './flow-run.ts'
import {
  claimRuling,
  copyScheduledTime,
  endedRuling,
  inPlaceOf,
  isPersisted,
  isRepeated,
  REPEATED,
  scheduledTimeOf,
  stateFrom,
  waitForSchedule,
} from './proposal.ts'
import type { Proposal, Ruling, Verdict } from './proposal.ts'
import { decideStart } from './schedule/start.ts'
import type { StartFacts } from './schedule/start.ts'
import { isTerminal } from './state.ts'
import type { State, StateType } from './state.ts'
import { after, elapsedMs } from './time.ts'
import type { Instant } from './time.ts'

/** How the decision on a proposal is made: `forced` skips the rules of ordinary clients, `late` is the marking of late runs. */
export type ProposalMode = 'ordinary' | 'forced' | 'late'

/** What the decision needs beyond the run, read under the row's lock. */
export interface ProposalFacts {
  readonly mode: ProposalMode
  readonly stateId: string
  /** For a pause that was given no key. */
  readonly pauseKey: string
  /** The id a new slot's lease gets. */
  readonly leaseId: string
  readonly client: ClientAbilities
  readonly deployment: DeploymentFacts
  /** Of a run that has not begun and whose schedule says when it may; absent: nothing keeps it. */
  readonly schedule?: StartFacts | undefined
}

/** What a client's version lets it do; older ones are treated as their own server did. */
export interface ClientAbilities {
  /** Renews leases of deployment slots (3.4.11 and later). */
  readonly holdsLeases: boolean
  /** Counts slots of deployments by itself (3.0.0 to 3.0.3). */
  readonly countsSlots: boolean
  /** Retries task runs by state, not by name (below level 0.8.3). */
  readonly resetsFailedTasks: boolean
  /** Knows keys of pauses (level 0.8.4 and later). */
  readonly keepsPauses: boolean
}

export type DeploymentFacts =
  | { readonly type: 'none' }
  | { readonly type: 'deleted' }
  | {
      readonly type: 'found'
      /** `null`: without a limit. */
      readonly limit: number | null
      readonly slotsFree: number
      readonly strategy: CollisionStrategy
      /** The oldest run that holds a slot; told where the strategy asks for it. */
      readonly holder?: { readonly id: string; readonly name: string }
      /** Whether one that holds a slot is on its way out already. */
      readonly isLeaving?: boolean
      readonly graceS: number
      /** Whether the lease that the run's state names is still alive. */
      readonly leaseAlive: boolean
    }

/** What is done beside writing the run, in the same transaction. */
export type ProposalEffect =
  | { readonly type: 'take-slot'; readonly leaseId: string; readonly ttlS: number }
  | { readonly type: 'renew-slot'; readonly leaseId: string; readonly ttlS: number }
  /** Nobody renews the lease: the slot stays taken until the run gives it back. */
  | { readonly type: 'keep-slot'; readonly leaseId: string }
  | { readonly type: 'free-slot'; readonly leaseId: string | null }
  | { readonly type: 'reset-failed-tasks' }
  /** Asks another run to end. */
  | { readonly type: 'cancel-run'; readonly flowRunId: string; readonly message: string }
  /** Runs that make way for this one. */
  | { readonly type: 'cancel-runs'; readonly flowRunIds: readonly string[] }

export interface ProposalDecision {
  readonly verdict: Verdict
  /** The run afterwards; the same object when no state was entered. */
  readonly run: FlowRun
  readonly effects: readonly ProposalEffect[]
}

const QUEUED_RETRY_S = 30
/** Until a run that was asked to end has given its slot back. */
const LEAVING_RETRY_S = 2
const GRACE_S = 300

type FlowRunRuling = Ruling<FlowRunPolicy> & { readonly effect?: ProposalEffect }

interface Case {
  readonly run: FlowRun
  readonly current: State
  readonly proposal: Proposal
  readonly facts: ProposalFacts
  readonly now: Instant
}

type Rule = (given: Case) => FlowRunRuling | undefined

/**
 * Decides on a state that a client proposes for a flow run: the protocol's rules in their order, then the books. A rule looks at the
 * transition as it was proposed; once one has put another state in its place, those behind it are not asked.
 */
export function proposeFlowRunState(run: FlowRun, proposal: Proposal, facts: ProposalFacts, now: Instant): ProposalDecision {
  const current = run.state
  const effects: ProposalEffect[] = []
  let policy = run.policy
  let asked = proposal

  for (const rule of RULES[facts.mode]) {
    const ruling = rule({ run: { ...run, policy }, current, proposal: asked, facts, now })
    if (ruling === undefined) continue
    switch (ruling.type) {
      case 'amend':
        asked = ruling.proposal ?? asked
        policy = ruling.policy ?? policy
        if (ruling.effect !== undefined) effects.push(ruling.effect)
        continue
      case 'abort':
      case 'wait':
        return { verdict: ruling, run, effects: [] }
      case 'reject': {
        const verdict = { type: 'reject', reason: ruling.reason } as const
        if (ruling.instead === undefined) return { verdict, run, effects: [] }
        const entered = enter({ ...run, policy: ruling.policy ?? policy }, inPlaceOf(asked, ruling.instead), facts, now)
        const own = ruling.effect === undefined ? [] : [ruling.effect]
        return { verdict, run: entered, effects: [...own, ...slotGivenBack(current, entered.state)] }
      }
    }
  }
  const entered = enter({ ...run, policy }, asked, facts, now)
  return { verdict: { type: 'accept' }, run: entered, effects: [...effects, ...slotGivenBack(current, entered.state)] }
}

/** The first state of a new run: nothing is asked, the books are kept. */
export function firstFlowRunState(run: FlowRun, proposal: Proposal, stateId: string, now: Instant): FlowRun {
  const state = stateFrom(proposal, stateId, now)
  return book(run, state, null)
}

const keepLease: Rule = ({ current, proposal }) => {
  const held = current.details?.deploymentConcurrencyLeaseId
  if (held === undefined || proposal.details.deploymentConcurrencyLeaseId !== undefined) return undefined
  return { type: 'amend', proposal: { ...proposal, details: { ...proposal.details, deploymentConcurrencyLeaseId: held } } }
}

const refuseRepetition: Rule = ({ current, proposal }) => (isRepeated(current, proposal) ? { type: 'reject', reason: REPEATED } : undefined)

const protectEnd: Rule = ({ run, current, proposal }) => {
  if (!isTerminal(current.type)) return undefined
  const ended = endedRuling<FlowRunPolicy>(current, proposal)
  if (ended !== undefined) return ended
  if (current.type === 'completed' && isPersisted(current)) {
    if (!isTerminal(proposal.type)) return { type: 'reject', reason: 'This run is already completed.' }
    if (proposal.type === 'completed' && !isPersisted(proposal)) return { type: 'reject', reason: 'This run is already completed.' }
  }
  if (isTerminal(proposal.type)) return undefined
  if (proposal.type === 'scheduled' && (run.dispatch?.deploymentId ?? null) === null)
    return { type: 'abort', reason: 'Cannot reschedule a run without an associated deployment.' }
  const retryType = proposal.type === 'scheduled' ? 'reschedule' : null
  return { type: 'amend', policy: { ...run.policy, pauseKeys: [], resuming: false, retryType } }
}

/** As `protectEnd`, of a state that is forced: a result that is kept is not lost to an end without one. */
const protectResult: Rule = ({ current, proposal }) =>
  current.type === 'completed' && proposal.type === 'completed' && isPersisted(current) && !isPersisted(proposal)
    ? { type: 'reject', reason: 'This run is already completed.' }
    : undefined

const stayCancelling: Rule = ({ current, proposal }) =>
  current.type === 'cancelling' && proposal.type !== 'cancelled'
    ? { type: 'reject', reason: 'Cannot transition flows that are cancelling to a state other than Cancelled.' }
    : undefined

/** Nothing runs that would have to be told: the run is cancelled at once. */
const cancelWithoutInfrastructure: Rule = ({ run, current, proposal }) => {
  if (proposal.type !== 'cancelling') return undefined
  const isWaiting = current.type === 'scheduled' && run.lease === null
  const isIdle = isWaiting && ((run.dispatch?.infrastructurePid ?? null) === null || current.name === 'Resuming')
  const isSuspended = current.type === 'paused' && current.details?.pauseReschedule === true
  if (!isIdle && !isSuspended) return undefined
  const reason = isSuspended
    ? 'The flow run is suspended and has no infrastructure to tear down.'
    : 'The flow run is not running anywhere and has no infrastructure to tear down.'
  return { type: 'reject', reason, instead: { ...proposal, type: 'cancelled', name: 'Cancelled' } }
}

const claimOnce: Rule = ({ current, proposal }) => claimRuling(current, proposal)

const bySchedule: Rule = ({ current, proposal, facts: { schedule }, now }) => {
  if (schedule === undefined || proposal.type !== 'pending' || current.type !== 'scheduled') return undefined
  const decision = decideStart(schedule, now)
  if (decision.type === 'start') return undefined
  const { message } = decision
  if (decision.type === 'skip')
    return { type: 'reject', reason: message, instead: { type: 'cancelled', name: decision.name, message, details: {} } }
  return {
    type: 'reject',
    reason: message,
    instead: { type: 'scheduled', name: 'AwaitingConcurrencySlot', message, details: {}, scheduledFor: decision.until },
    ...(decision.cancel.length === 0
      ? undefined
      : { effect: { type: 'cancel-runs' as const, flowRunIds: decision.cancel.map(({ id }) => id) } }),
  }
}

const validateSlot: Rule = ({ current, proposal, facts: { client, deployment, leaseId } }) => {
  if (current.type !== 'pending' || proposal.type !== 'running') return undefined
  const held = current.details?.deploymentConcurrencyLeaseId
  if (held === undefined || !client.holdsLeases || deployment.type !== 'found' || deployment.limit === null) return undefined
  if (deployment.leaseAlive) return { type: 'amend', effect: { type: 'renew-slot', leaseId: held, ttlS: deployment.graceS } }
  if (deployment.slotsFree > 0) {
    return {
      type: 'amend',
      proposal: withLease(proposal, leaseId),
      effect: { type: 'take-slot', leaseId, ttlS: deployment.graceS },
    }
  }
  const message = 'The concurrency slot of the deployment was lost while the run was being provisioned, and none is free.'
  return { type: 'reject', reason: message, instead: { type: 'cancelled', name: 'Cancelled', message, details: {} } }
}

const secureSlot: Rule = ({ run, current, proposal, facts: { client, deployment, leaseId }, now }) => {
  if (proposal.type !== 'pending' || current.type === 'pending' || current.type === 'running' || current.type === 'cancelling')
    return undefined
  if (deployment.type === 'none' || client.countsSlots) return undefined
  if (deployment.type === 'deleted') return { type: 'abort', reason: 'The deployment associated with this run was deleted.' }
  const { limit, slotsFree, strategy, graceS } = deployment
  if (limit === null) return undefined
  if (limit === 0) return { type: 'abort', reason: 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.' }
  if (slotsFree > 0)
    return { type: 'amend', proposal: withLease(proposal, leaseId), effect: { type: 'take-slot', leaseId, ttlS: graceS || GRACE_S } }
  if (strategy === 'cancel-new') {
    const message = 'Deployment concurrency limit reached.'
    return { type: 'reject', reason: message, instead: { type: 'cancelled', name: 'Cancelled', message, details: {} } }
  }
  if (strategy === 'skip') {
    const message = skippedMessage(deployment)
    return { type: 'reject', reason: message, instead: { type: 'cancelled', name: 'Skipped', message, details: {} } }
  }
  const { holder, isLeaving = false } = deployment
  const asked = strategy === 'cancel-running' && holder !== undefined && !isLeaving
  const message = `Flow run ${run.name} (${run.id}) takes its place: the concurrency limit of the deployment is reached.`
  return {
    type: 'reject',
    ...(asked ? { effect: { type: 'cancel-run' as const, flowRunId: holder.id, message } } : undefined),
    reason: 'Deployment concurrency limit reached.',
    instead: {
      type: 'scheduled',
      name: 'AwaitingConcurrencySlot',
      message: null,
      details: {},
      scheduledFor: after(now, (strategy === 'cancel-running' ? LEAVING_RETRY_S : QUEUED_RETRY_S) * 1000),
    },
  }
}

function skippedMessage({ holder }: DeploymentFacts & { readonly type: 'found' }): string {
  const why = holder === undefined ? '' : `: flow run ${holder.name} (${holder.id}) holds the slot`
  return `Deployment concurrency limit reached${why}.`
}

function withLease(proposal: Proposal, leaseId: string): Proposal {
  return { ...proposal, details: { ...proposal.details, deploymentConcurrencyLeaseId: leaseId } }
}

/** Who does not know leases would not renew one. */
const keepSlot: Rule = ({ current, proposal, facts: { client } }) => {
  const held = current.details?.deploymentConcurrencyLeaseId
  if (current.type !== 'pending' || (proposal.type !== 'running' && proposal.type !== 'cancelling')) return undefined
  return held === undefined || client.holdsLeases ? undefined : { type: 'amend', effect: { type: 'keep-slot', leaseId: held } }
}

const lateOnce: Rule = ({ current, proposal }) =>
  proposal.type === 'scheduled' && proposal.name === 'Late' && (current.type !== 'scheduled' || current.name === 'Late')
    ? { type: 'reject', reason: 'Run has already been marked as late or is not scheduled.' }
    : undefined

const cancelLate: Rule = ({ proposal, facts: { deployment } }) => {
  if (deployment.type !== 'found' || deployment.limit === null || deployment.slotsFree > 0) return undefined
  const { strategy } = deployment
  if (strategy !== 'cancel-new' && strategy !== 'skip') return undefined
  const [name, message] =
    strategy === 'skip' ? ['Skipped', skippedMessage(deployment)] : ['Cancelled', 'Deployment concurrency limit reached.']
  return { type: 'reject', reason: message, instead: { ...proposal, type: 'cancelled', name, message, details: {} } }
}

const pause: Rule = ({ run, current, proposal, facts: { client, pauseKey } }) => {
  if (proposal.type !== 'paused') return undefined
  if (current.type !== 'running') return { type: 'reject', reason: 'Cannot pause flows that are not currently running.' }
  const key = proposal.details.pauseKey ?? pauseKey
  const keys = run.policy.pauseKeys ?? []
  if (keys.includes(key)) return { type: 'reject', reason: 'This pause has already fired.' }
  if (proposal.details.pauseReschedule === true) {
    if (run.parentTaskRunId !== null) return { type: 'abort', reason: 'Cannot suspend a sub-flow run.' }
    if ((run.dispatch?.deploymentId ?? null) === null) return { type: 'abort', reason: 'Cannot suspend a flow run without a deployment.' }
  }
  return client.keepsPauses || proposal.details.pauseKey !== undefined
    ? { type: 'amend', policy: { ...run.policy, pauseKeys: [...keys, key] } }
    : undefined
}

const resume: Rule = ({ run, current, proposal, now }) => {
  if (current.type !== 'paused') return undefined
  if (proposal.type !== 'running' && proposal.type !== 'scheduled' && !isTerminal(proposal.type))
    return { type: 'reject', reason: `This run cannot transition to the ${proposal.type.toUpperCase()} state from the PAUSED state.` }
  if (current.details?.pauseReschedule === true && (run.dispatch?.deploymentId ?? null) === null)
    return { type: 'reject', reason: 'Cannot reschedule a paused flow run without a deployment.' }
  if (isTerminal(proposal.type)) return undefined
  const timeout = current.details?.pauseTimeout
  if (timeout !== undefined && timeout < now) {
    const message = 'The flow was paused and never resumed.'
    return {
      type: 'reject',
      reason: 'The flow run pause has timed out and can no longer resume.',
      instead: { type: 'failed', name: 'Failed', message, details: {} },
    }
  }
  // What goes on in another process is the same run; one that waited in its own is counted anew, as clients know it.
  return proposal.type === 'running' ? undefined : { type: 'amend', policy: { ...run.policy, resuming: true } }
}

const copyTime: Rule = ({ current, proposal }) => copyScheduledTime(current, proposal)
const waitForTime: Rule = ({ current, proposal, now }) => waitForSchedule(current, proposal, now)

const retry: Rule = ({ run, current, proposal, facts: { client }, now }) => {
  if (current.type !== 'running' || proposal.type !== 'failed') return undefined
  const { policy } = run
  if (policy.retries === 0 || run.runCount > policy.retries) return { type: 'amend', policy: { ...policy, retryType: null } }
  const { message, data } = proposal
  return {
    type: 'reject',
    reason: 'Retrying',
    instead: {
      type: 'scheduled',
      name: 'AwaitingRetry',
      message,
      ...(data === undefined ? undefined : { data }),
      details: {},
      scheduledFor: after(now, (policy.retryDelayS ?? 0) * 1000),
    },
    policy: { ...policy, resuming: false, pauseKeys: [], retryType: 'in_process' },
    ...(client.resetsFailedTasks ? { effect: { type: 'reset-failed-tasks' as const } } : undefined),
  }
}

/** The order is the protocol's, and matters. */
const RULES: Readonly<Record<ProposalMode, readonly Rule[]>> = {
  ordinary: [
    keepLease,
    refuseRepetition,
    protectEnd,
    stayCancelling,
    cancelWithoutInfrastructure,
    claimOnce,
    bySchedule,
    validateSlot,
    secureSlot,
    keepSlot,
    lateOnce,
    pause,
    resume,
    copyTime,
    waitForTime,
    retry,
  ],
  forced: [keepLease, protectResult, cancelWithoutInfrastructure],
  late: [lateOnce, cancelLate],
}

function enter(run: FlowRun, proposal: Proposal, facts: ProposalFacts, now: Instant): FlowRun {
  // Two states of one run never share a timestamp.
  const timestamp = now > run.state.timestamp ? now : run.state.timestamp + 1
  return book(run, stateFrom(proposal, facts.stateId, timestamp), run.state)
}

/** Counts, first start, end, time spent running: as the protocol keeps them. */
function book(run: FlowRun, state: State, from: State | null): FlowRun {
  const { timestamp, type } = state
  const ended = isTerminal(type)
  const wasEnded = from !== null && isTerminal(from.type)
  const startedAt = run.startedAt ?? (type === 'running' ? timestamp : null)
  const endedAt = wasEnded && !ended ? null : ended ? (run.endedAt ?? timestamp) : run.endedAt
  const continues = type === 'running' && run.policy.resuming === true
  return {
    ...run,
    state,
    startedAt: startedAt ?? (ended ? timestamp : null),
    endedAt,
    expectedAt: from === null ? (scheduledTimeOf(state) ?? timestamp) : run.expectedAt,
    totalRunMs: from?.type === 'running' ? run.totalRunMs + elapsedMs(from.timestamp, timestamp) : run.totalRunMs,
    runCount: type === 'running' && !continues ? run.runCount + 1 : run.runCount,
    policy: (type === 'running' || ended) && run.policy.resuming === true ? { ...run.policy, resuming: false } : run.policy,
    // Whoever held the run holds it no longer once it has ended.
    lease: ended ? null : run.lease,
  }
}

const HOLDS_SLOT: readonly StateType[] = ['running', 'cancelling', 'pending']

function slotGivenBack(from: State, to: State): readonly ProposalEffect[] {
  if (!HOLDS_SLOT.includes(from.type) || HOLDS_SLOT.includes(to.type)) return []
  return [{ type: 'free-slot', leaseId: from.details?.deploymentConcurrencyLeaseId ?? null }]
}
