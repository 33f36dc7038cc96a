import { assertNever } from './assert.ts'
import type { StoredValue } from './json.ts'
import type { JsonText } from './literal-json.ts'
import { isLeaseLost, isSameHolder } from './lease.ts'
import type { HolderLiveness, Lease, LeaseHolder } from './lease.ts'
import { defaultStateName, isTerminal } from './state.ts'
import type { StateDetails } from './state-details.ts'
import type { State, StateType } from './state.ts'
import { after, elapsedMs } from './time.ts'
import type { Instant } from './time.ts'
import { pauseDetails, waitIdOf } from './wait.ts'
import type { Pause } from './wait.ts'

/** One call of a flow, kept in the store. */
export interface FlowRun {
  readonly id: string
  readonly flowId: string
  readonly flowName: string
  readonly name: string
  readonly version: string | null
  /** `file:export` the run can be loaded from again; `null` when the process that made it could not tell. */
  readonly entrypoint: string | null
  readonly tags: readonly string[]
  /** After validation, so that a resumed run sees what the first attempt saw. */
  readonly parameters: StoredValue
  readonly idempotencyKey: string | null
  /** The task run that stands for this run inside its parent. */
  readonly parentTaskRunId: string | null
  /** The run at the root of the tree of sub-flow runs; its own id for a root. */
  readonly rootId: string
  readonly policy: FlowRunPolicy
  readonly state: State
  /** Entries into Running, as the protocol counts them. */
  readonly runCount: number
  /** Starts so far. It fences: a write with an older attempt is refused. */
  readonly attempt: number
  /** Failures since the last retry that somebody asked for. */
  readonly failures: number
  /** Task runs that failed in an attempt before this one run again; later failures are replayed. */
  readonly replayFailedFrom: number
  readonly lease: Lease | null
  readonly createdAt: Instant
  readonly expectedAt: Instant
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** Time spent in Running, over all attempts. */
  readonly totalRunMs: number
  /** The result when Completed, the error when Failed; `null` before the end or when nothing was kept. */
  readonly outcome: StoredValue | null
  /** Absent for a run that was simply called. */
  readonly dispatch?: Dispatch
  /** When something beside its state was changed last; absent: its state was. */
  readonly updatedAt?: Instant
}

/** How a run came to be and where it is to run: what deployments, workers and foreign clients attach to it. */
export interface Dispatch {
  readonly deploymentId: string | null
  readonly deploymentVersion: string | null
  /** The version of the deployment it was made from; absent where there are none. */
  readonly deploymentVersionId?: string
  readonly workQueueId: string | null
  /** Made by a schedule. */
  readonly autoScheduled: boolean
  readonly createdBy: Creator | null
  readonly labels: JsonText
  readonly context: JsonText
  readonly jobVariables: JsonText | null
  readonly infrastructureDocumentId: string | null
  readonly infrastructurePid: string | null
}

export interface Creator {
  readonly id: string | null
  readonly type: string | null
  readonly displayValue: string | null
}

export interface FlowRunPolicy {
  readonly retries: number
  /** How often a run whose process died is scheduled again without anybody asking; one more and it has Failed. `0`: it stays Crashed. */
  readonly crashRestarts: number
  /** How often its process has died since somebody asked for it last. */
  readonly crashes?: number
  /** Seconds between attempts of a run whose states are proposed. */
  readonly retryDelayS?: number | null
  /** Pauses that have been used up. */
  readonly pauseKeys?: readonly string[]
  /** The next Running continues a pause, it is no new attempt. */
  readonly resuming?: boolean
  /** `in_process`: the process that failed starts the run again, so no worker may take it. */
  readonly retryType?: 'in_process' | 'reschedule' | null
}

/** What a caller may ask of a run. Nobody writes a state. */
export type FlowRunCommand =
  | { readonly type: 'start'; readonly lease: Lease }
  | { readonly type: 'complete'; readonly name?: string; readonly message?: string; readonly outcome: StoredValue | null }
  | {
      readonly type: 'fail'
      readonly name?: string
      readonly message: string
      readonly outcome: StoredValue | null
      /** How long to wait when a retry is left; `null`: this failure must not be retried. */
      readonly retryDelayMs: number | null
    }
  | {
      readonly type: 'crash'
      readonly message: string
      /** Whose end it is: a run that another process has taken meanwhile is not concerned. Absent: whoever holds the run. */
      readonly process?: { readonly host: string; readonly pid: number }
      /** Whoever runs the process has ended it: none of the deaths that are counted. */
      readonly onPurpose?: boolean
    }
  /** Asks a run to end. One that somebody holds becomes Cancelling; its holder then tells `cancelled`. */
  | { readonly type: 'cancel'; readonly message: string }
  | { readonly type: 'cancelled'; readonly message: string; readonly outcome?: StoredValue | null }
  /** Continues a run after a crash, a pause or a cancellation: finished and failed task runs are replayed. */
  | { readonly type: 'resume'; readonly message?: string }
  /** Continues a run after a failure: completed task runs are replayed, failed ones run again. */
  | { readonly type: 'retry'; readonly message?: string }
  /** Goes on after a crash, without anybody asking: as `restartOf` says. */
  | { readonly type: 'restart'; readonly message: string; readonly delayMs: number }
  /** The flow waits for somebody; its process stays. */
  | { readonly type: 'pause'; readonly pause: Pause; readonly message: string }
  /** The flow waits and nothing else of it is under way: its process is given back until then, or until somebody wakes the run. */
  | { readonly type: 'suspend'; readonly until: Instant; readonly pause: Pause | null; readonly message: string }
  /** The process that was given the run has called nothing of it, and will not: it is due again. */
  | { readonly type: 'return'; readonly message: string }
  /** Ends a pause, or a sleep whose process was given back. */
  | { readonly type: 'wake'; readonly message?: string }
  /** Keeps the lease. Refused when the lease was lost to another attempt. */
  | { readonly type: 'renew'; readonly until: Instant }

/** What the decision needs to know beyond the run, read under the row's lock. */
export interface FlowRunFacts {
  /** What is known of the process in `run.lease`. */
  readonly holder: HolderLiveness
  /** The id the next state gets. */
  readonly stateId: string
}

export type Decision =
  | { readonly type: 'accept'; readonly run: FlowRun }
  | { readonly type: 'wait'; readonly until: Instant; readonly reason: string }
  | { readonly type: 'reject'; readonly reason: string }

/** Commands that a run which has ended can be given. */
const CONTINUES: readonly FlowRunCommand['type'][] = ['resume', 'retry', 'restart']

/**
 * Decides what a command does to a flow run. Pure: no clock, no store, no logging.
 *
 * @param now - the moment of the decision; becomes the new state's timestamp.
 * @returns `accept` with the run as it is afterwards, `wait` when the command is right but early, `reject` when it cannot succeed from here.
 */
export function transition(run: FlowRun, command: FlowRunCommand, facts: FlowRunFacts, now: Instant): Decision {
  const { state } = run
  if (isTerminal(state.type) && !CONTINUES.includes(command.type)) {
    return reject(`the run already ended as ${state.name}`)
  }

  switch (command.type) {
    case 'start':
      if (state.type !== 'scheduled' && state.type !== 'pending') return reject(`a run that is ${state.name} cannot start${heldBy(run)}`)
      // A run that waits for its next attempt is held by the process that waits.
      if (run.lease !== null && !isSameHolder(run.lease.holder, command.lease.holder) && !isLeaseLost(run.lease, facts.holder, now)) {
        return reject(`the run is ${state.name}${heldBy(run)}`)
      }
      if (state.type === 'scheduled' && now < state.scheduledFor) {
        return { type: 'wait', until: state.scheduledFor, reason: `it is scheduled for later (${state.name})` }
      }
      return enter({ ...run, attempt: run.attempt + 1, lease: command.lease }, { type: 'running' }, facts, now)

    case 'complete':
      if (state.type === 'cancelling')
        return end(run, command.outcome, { type: 'cancelled', message: 'ended while it was being cancelled' }, facts, now)
      if (!isUnderWay(run)) return reject(`only a running run can complete, this one is ${state.name}`)
      return end(run, command.outcome, { type: 'completed', name: command.name, message: command.message }, facts, now)

    case 'fail': {
      if (state.type === 'cancelling') return end(run, command.outcome, { type: 'cancelled', message: command.message }, facts, now)
      if (!isUnderWay(run)) return reject(`only a running run can fail, this one is ${state.name}`)
      const failures = run.failures + 1
      if (command.retryDelayMs !== null && failures <= run.policy.retries) {
        const scheduledFor = after(now, command.retryDelayMs)
        // The process that failed keeps the lease: it is the one that will start again, and no one else may.
        const waiting = { ...run, failures, replayFailedFrom: run.attempt + 1, outcome: command.outcome }
        return enter(waiting, { type: 'scheduled', name: 'AwaitingRetry', scheduledFor, message: command.message }, facts, now)
      }
      return end({ ...run, failures }, command.outcome, { type: 'failed', name: command.name, message: command.message }, facts, now)
    }

    case 'crash': {
      if (command.process !== undefined && !isHeldBy(run, command.process))
        return reject(`process ${command.process.pid} on ${command.process.host} does not hold the run (${state.name})${heldBy(run)}`)
      if (state.type === 'cancelling') return end(run, run.outcome, { type: 'cancelled', message: command.message }, facts, now)
      if (run.lease === null) return reject(`no process holds the run (${state.name}), so none can have crashed`)
      const crashes = (run.policy.crashes ?? 0) + (command.onPurpose === true ? 0 : 1)
      const crashed = { ...run, policy: { ...run.policy, crashes } }
      if (!goesOn(run) || crashes <= run.policy.crashRestarts)
        return end(crashed, run.outcome, { type: 'crashed', message: command.message }, facts, now)
      const message = `${command.message}; its process has died ${crashes} times, so the run does not go on again`
      return end(crashed, run.outcome, { type: 'failed', message }, facts, now)
    }

    case 'restart':
      if (state.type !== 'crashed') return reject(`only a run that crashed goes on by itself, this one is ${state.name}`)
      return enter(
        { ...run, lease: null },
        { type: 'scheduled', name: 'Resuming', scheduledFor: after(now, command.delayMs), message: command.message },
        facts,
        now,
      )

    case 'cancel':
      if (state.type === 'cancelling') return reject('the run is already being cancelled')
      if (run.lease === null || isLeaseLost(run.lease, facts.holder, now)) {
        return end(run, run.outcome, { type: 'cancelled', message: command.message }, facts, now)
      }
      return enter(run, { type: 'cancelling', message: command.message }, facts, now)

    case 'cancelled':
      if (run.lease === null) return reject(`no process holds the run (${state.name})`)
      return end(run, command.outcome ?? run.outcome, { type: 'cancelled', message: command.message }, facts, now)

    case 'resume':
      if (state.type === 'completed') return reject('the run already completed; call the flow again for a new run')
      if (state.type === 'failed')
        return reject('the run failed; resuming would replay the failure, use retry to run its failed tasks again')
      if (!isTerminal(state.type) && run.lease !== null && !isLeaseLost(run.lease, facts.holder, now)) {
        return reject(`the run is ${state.name}${heldBy(run)}`)
      }
      return enter(
        { ...run, lease: null, policy: askedAgain(run.policy) },
        { type: 'scheduled', name: 'Resuming', scheduledFor: now, message: command.message },
        facts,
        now,
      )

    case 'retry':
      if (state.type === 'completed') return reject('the run already completed; call the flow again for a new run')
      if (!isTerminal(state.type)) return reject(`the run is ${state.name}${heldBy(run)}; only a run that ended can be retried`)
      return enter(
        { ...run, lease: null, policy: askedAgain(run.policy), failures: 0, replayFailedFrom: run.attempt + 1 },
        { type: 'scheduled', name: 'AwaitingRetry', scheduledFor: now, message: command.message },
        facts,
        now,
      )

    case 'pause':
      if (!isUnderWay(run)) return reject(`only a running run can pause, this one is ${state.name}`)
      return enter(run, { type: 'paused', message: command.message, details: pauseDetails(command.pause, false) }, facts, now)

    case 'suspend': {
      if (!isUnderWay(run)) return reject(`only a running run can give its process back, this one is ${state.name}`)
      const { until, pause, message } = command
      // It was answered, or asks for something else, since its process decided.
      if (waitIdOf(state) !== pause?.waitId) return reject(`the run does not wait as it did, it is ${state.name}`)
      const left = { ...run, lease: null }
      if (pause === null) return enter(left, { type: 'scheduled', name: SLEEPING, scheduledFor: until, message }, facts, now)
      return enter(left, { type: 'paused', name: 'Suspended', message, details: pauseDetails(pause, true) }, facts, now)
    }

    case 'return':
      if (state.type === 'cancelling') return end(run, run.outcome, { type: 'cancelled', message: command.message }, facts, now)
      if (state.type !== 'running' || run.lease === null) return reject(`no process has begun the run, it is ${state.name}`)
      return enter({ ...run, lease: null }, { type: 'scheduled', scheduledFor: now, message: command.message }, facts, now)

    case 'wake':
      if (state.type !== 'paused' && !isSleeping(run)) return reject(`the run does not wait, it is ${state.name}`)
      if (run.lease === null)
        return enter(run, { type: 'scheduled', name: 'Resuming', scheduledFor: now, message: command.message }, facts, now)
      // Also when its process seems to be gone: if it is, the run is found to have crashed, and if not, it hears of it.
      return enter(run, { type: 'running', message: command.message }, facts, now)

    case 'renew':
      if (run.lease === null) return reject(`no process holds the run (${state.name})`)
      return { type: 'accept', run: { ...run, lease: { ...run.lease, until: command.until } } }

    default:
      return assertNever(command)
  }
}

/** What a run that has just crashed is told: the root of a tree goes on by itself, as often as its policy allows; its children with it. */
export function restartOf(run: FlowRun): (FlowRunCommand & { type: 'restart' }) | undefined {
  if (run.state.type !== 'crashed' || !goesOn(run)) return undefined
  const { crashes = 1, crashRestarts } = run.policy
  // At once the first time; what dies again and again gets some time to recover.
  const delayMs = crashes <= 1 ? 0 : Math.min(1_000 * 2 ** (crashes - 2), RESTART_DELAY_MAX_MS)
  const message =
    crashes === 0
      ? 'The run goes on in another process.'
      : `The run goes on after a crash, for time ${crashes} of ${crashRestarts} at most.`
  return { type: 'restart', message, delayMs }
}

const RESTART_DELAY_MAX_MS = 60_000

function goesOn({ parentTaskRunId, policy }: FlowRun): boolean {
  return policy.crashRestarts > 0 && parentTaskRunId === null
}

/** Somebody looks after it: its crashes count anew. */
function askedAgain(policy: FlowRunPolicy): FlowRunPolicy {
  const { crashes: _, ...rest } = policy
  return rest
}

/** The name of a run that gave its process back until a certain time. */
const SLEEPING = 'Sleeping'

export function isSleeping({ state, lease }: FlowRun): boolean {
  return state.type === 'scheduled' && state.name === SLEEPING && lease === null
}

/** Its code is running in a process, or waits there. */
function isUnderWay({ state, lease }: FlowRun): boolean {
  return state.type === 'running' || (state.type === 'paused' && lease !== null)
}

type NextState = {
  readonly name?: string | undefined
  readonly message?: string | undefined
  readonly details?: StateDetails
} & ({ readonly type: 'scheduled'; readonly scheduledFor: Instant } | { readonly type: Exclude<StateType, 'scheduled'> })

/** Puts the run into a state and keeps its books: counts, first start, end, time spent running. */
function enter(run: FlowRun, next: NextState, facts: FlowRunFacts, now: Instant): Decision {
  // Two states of one run never share a timestamp: order by time is order of events.
  const timestamp = now > run.state.timestamp ? now : run.state.timestamp + 1
  // The slot of its deployment is the run's as long as a process has it.
  const slot = run.state.details?.deploymentConcurrencyLeaseId
  const keepsSlot = slot !== undefined && run.lease !== null
  const stamp = {
    id: facts.stateId,
    name: next.name ?? defaultStateName(next.type),
    timestamp,
    message: next.message ?? null,
    ...detailsOf(next, keepsSlot ? { deploymentConcurrencyLeaseId: slot } : undefined),
  }
  const state: State =
    next.type === 'scheduled' ? { ...stamp, type: 'scheduled', scheduledFor: next.scheduledFor } : { ...stamp, type: next.type }
  const ended = isTerminal(next.type)

  return {
    type: 'accept',
    run: {
      ...run,
      state,
      runCount: next.type === 'running' ? run.runCount + 1 : run.runCount,
      totalRunMs: run.state.type === 'running' ? run.totalRunMs + elapsedMs(run.state.timestamp, timestamp) : run.totalRunMs,
      startedAt: run.startedAt ?? (next.type === 'running' || ended ? timestamp : null),
      endedAt: ended ? timestamp : null,
    },
  }
}

function detailsOf({ details }: NextState, kept: StateDetails | undefined): Pick<State, 'details'> | undefined {
  return details === undefined && kept === undefined ? undefined : { details: { ...details, ...kept } }
}

function end(run: FlowRun, outcome: StoredValue | null, next: NextState, facts: FlowRunFacts, now: Instant): Decision {
  return enter({ ...run, lease: null, outcome }, next, facts, now)
}

function reject(reason: string): Decision {
  return { type: 'reject', reason }
}

function isHeldBy({ lease }: FlowRun, { host, pid }: { readonly host: string; readonly pid: number }): boolean {
  return lease?.holder.host === host && lease.holder.pid === pid
}

function heldBy(run: FlowRun): string {
  return run.lease === null ? '' : `, held by ${describeHolder(run.lease.holder)}`
}

export function describeHolder(holder: LeaseHolder): string {
  return `process ${holder.pid} on ${holder.host}`
}
