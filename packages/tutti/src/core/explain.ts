import { assertNever } from './assert.ts'
import type { Claim } from './claim.ts'
import { formatDuration } from './duration.ts'
import { describeHolder } from './flow-run.ts'
import type { FlowRun } from './flow-run.ts'
import { isLeaseLost } from './lease.ts'
import type { HolderLiveness } from './lease.ts'
import type { MaintenanceMode } from './maintenance-mode.ts'
import { isTerminal } from './state.ts'
import type { State } from './state.ts'
import { elapsedMs, formatInstant } from './time.ts'
import type { Instant } from './time.ts'
import { AGENT_TYPE, POLLED_S } from './work-pool.ts'
import type { WorkPool, WorkQueue } from './work-pool.ts'
import { workerStatus } from './worker.ts'
import type { Worker } from './worker.ts'

/** Why a run stands where it does. The codes are permanent. */
export type ReasonCode =
  | 'ended'
  | 'running'
  | 'tasks-wait-for-slot'
  | 'tasks-await-retry'
  | 'cancelling'
  | 'lease-lost'
  | 'paused'
  | 'waiting-for-input'
  | 'starting'
  | 'claim-lost'
  | 'scheduled-for-later'
  | 'awaiting-retry'
  | 'retried-by-own-process'
  | 'needs-process'
  | 'maintenance'
  | 'deployment-deleted'
  | 'pool-paused'
  | 'queue-paused'
  | 'queue-deleted'
  | 'pool-full'
  | 'queue-full'
  | 'deployment-full'
  | 'no-worker'
  | 'not-served'
  | 'policy'
  | 'next'

/** What to do about a reason: a command to type, or a request to the API. */
export interface Action {
  readonly type: 'command' | 'request'
  readonly text: string
}

export interface Reason {
  readonly code: ReasonCode
  /** A whole sentence, with names, ids and times. */
  readonly message: string
  readonly action: Action
  /** Whether it keeps the run from starting now; others will once it is due, or say how it goes on. */
  readonly blocks: boolean
  /** Since when it is so, where that is known. */
  readonly since: Instant | null
  /** When it ends by itself, where that is known. */
  readonly until: Instant | null
  /** Flow runs that hold what this one waits for, the oldest first; not all of many. */
  readonly heldBy: readonly Holding[]
}

export interface Holding {
  readonly flowRunId: string
  readonly name: string
  readonly since: Instant
}

/** Why a run is not running, the reason that counts now first; never empty. */
export interface Explanation {
  readonly flowRunId: string
  readonly flowRunName: string
  readonly state: State
  readonly at: Instant
  readonly reasons: readonly Reason[]
}

/** A limit without a free slot. */
export interface FullLimit {
  readonly of: 'pool' | 'queue' | 'deployment' | 'tag'
  /** Of the pool, the queue (`pool/queue`), the deployment or the tag. */
  readonly name: string
  /** Under which name the limit itself can be changed; `null` for pools and queues, which have theirs. */
  readonly limitName: string | null
  readonly limit: number
  readonly holders: readonly Holding[]
}

/** Everything around a run that may keep it waiting; read at one moment. Where no server works there are no pools, workers and claims. */
export interface ExplainFacts {
  readonly holder: HolderLiveness
  readonly deployment: DeploymentStanding | null
  /** `null`: the run is in no queue. */
  readonly place: Place | null
  readonly workers: readonly Worker[]
  readonly full: readonly FullLimit[]
  readonly claim: Claim | null
  readonly maintenance: readonly MaintenanceMode[]
  /** Due runs of its queue, or of its deployment, that go first. */
  readonly ahead: number
  readonly tasks: TasksWaiting
  /** What overlap and late policies of schedules say of it. */
  readonly policies: readonly Reason[]
}

/** Where workers find a run. */
export interface Place {
  readonly pool: WorkPool
  readonly queue: WorkQueue
}

export interface DeploymentStanding {
  readonly id: string
  /** `flow/name`; `null`: it was deleted. */
  readonly name: string | null
  /** Its runs go into a queue. */
  readonly hasQueue: boolean
  readonly lastPolledAt: Instant | null
}

export interface TasksWaiting {
  /** Task runs that wait for a slot of a limit on one of their tags, and those limits. */
  readonly forSlots: number
  readonly limits: readonly FullLimit[]
  readonly forRetry: number
  readonly nextRetryAt: Instant | null
}

export const NO_TASKS_WAITING: TasksWaiting = { forSlots: 0, limits: [], forRetry: 0, nextRetryAt: null }

/** Explains where a run stands. Pure; the order is that in which a person would want to hear it. */
export function explain(run: FlowRun, facts: ExplainFacts, now: Instant): Explanation {
  return { flowRunId: run.id, flowRunName: run.name, state: run.state, at: now, reasons: reasonsOf(run, facts, now) }
}

function reasonsOf(run: FlowRun, facts: ExplainFacts, now: Instant): readonly Reason[] {
  const { state } = run
  if (isTerminal(state.type)) return [ended(run)]
  if (run.lease !== null && isLeaseLost(run.lease, facts.holder, now)) return [leaseLost(run)]
  switch (state.type) {
    case 'running':
      return [running(run, now), ...tasksWaiting(run, facts.tasks)]
    case 'cancelling':
      return [cancelling(run)]
    case 'paused':
      return [paused(run)]
    case 'pending':
      return [starting(run, facts.claim, now)]
    case 'scheduled':
      return waiting(run, state.scheduledFor, facts, now)
    default:
      return assertNever(state.type)
  }
}

/* ── runs that are under way, or over ───────────────────────────────────────────────────────────── */

function ended(run: FlowRun): Reason {
  const { id, state } = run
  const message = `It ended as ${state.name} at ${shown(state.timestamp)}${state.message === null ? '' : `: ${state.message}`}.`
  switch (state.type) {
    case 'failed':
      return reason('ended', message, command(`tutti flow-run retry ${id}`), { since: state.timestamp })
    case 'crashed':
    case 'cancelled':
      return reason('ended', message, command(`tutti flow-run resume ${id}`), { since: state.timestamp })
    default:
      return reason('ended', message, command(`tutti flow-run inspect ${id}`), { since: state.timestamp })
  }
}

function running({ id, state, lease }: FlowRun, now: Instant): Reason {
  const by = lease === null ? '' : `, held by ${describeHolder(lease.holder)}`
  const message = `It is running since ${shown(state.timestamp)} (${formatDuration(Math.max(0, elapsedMs(state.timestamp, now)))})${by}.`
  return reason('running', message, command(`tutti flow-run watch ${id}`), { since: state.timestamp })
}

function tasksWaiting({ id }: FlowRun, { forSlots, limits, forRetry, nextRetryAt }: TasksWaiting): readonly Reason[] {
  const reasons: Reason[] = []
  if (forSlots > 0)
    for (const limit of limits) {
      const message = `${count(forSlots, 'task run')} of it may wait for the concurrency limit ${limit.limit} of the tag ${limit.name}${heldText(limit)}.`
      reasons.push(reason('tasks-wait-for-slot', message, raise(limit), { heldBy: limit.holders }))
    }
  if (forRetry > 0) {
    const when = nextRetryAt === null ? '' : `, the next one at ${shown(nextRetryAt)}`
    const message = `${count(forRetry, 'task run')} of it failed and will be tried again${when}.`
    reasons.push(reason('tasks-await-retry', message, command(`tutti task-run ls --flow-run ${id}`), { until: nextRetryAt }))
  }
  return reasons
}

function leaseLost({ id, lease, state, attempt, policy, parentTaskRunId }: FlowRun): Reason {
  const who = lease === null ? 'its process' : describeHolder(lease.holder)
  const next =
    state.type === 'cancelling'
      ? 'it becomes Cancelled'
      : parentTaskRunId === null && attempt <= policy.crashRestarts
        ? 'it is started again'
        : 'it becomes Crashed and can be resumed'
  const message = `${capital(who)}, which held it, is gone or silent since its lease ended; at the next look for lost runs, within a minute, ${next}.`
  return reason('lease-lost', message, command(`tutti flow-run resume ${id}`), { since: lease?.until ?? null, blocks: true })
}

function cancelling({ id, lease, state }: FlowRun): Reason {
  const who = lease === null ? 'Whoever works on it' : capital(describeHolder(lease.holder))
  const message = `It is being cancelled since ${shown(state.timestamp)}. ${who} gets time to clean up; then it is Cancelled.`
  return reason('cancelling', message, command(`tutti flow-run watch ${id}`), { since: state.timestamp })
}

function paused({ id, dispatch, state }: FlowRun): Reason {
  const until = state.details?.pauseTimeout ?? null
  const end = until === null ? '' : ` Unless somebody does so, it fails at ${shown(until)}.`
  const times = { since: state.timestamp, until, blocks: true }
  if (state.details?.runInputKeyset !== undefined) {
    const message = `It is paused since ${shown(state.timestamp)} and waits for input.${end}`
    const ours = state.details?.wakeAt !== undefined
    const action = ours
      ? command(`tutti flow-run resume ${id} --input NAME=VALUE`)
      : request(`POST /api/flow_runs/${id}/resume {"run_input": {}}`)
    return reason('waiting-for-input', message, action, times)
  }
  const message = `It is paused since ${shown(state.timestamp)} and waits until somebody resumes it.${end}`
  // A run of our own engine goes on in the process that resumes it.
  const action = dispatch === undefined ? command(`tutti flow-run resume ${id}`) : request(`POST /api/flow_runs/${id}/resume {}`)
  return reason('paused', message, action, times)
}

function starting({ id, state, lease }: FlowRun, claim: Claim | null, now: Instant): Reason {
  const since = state.timestamp
  if (claim !== null && claim.until <= now) {
    const message = `The worker ${claim.worker} took it at ${shown(since)} and went silent at ${shown(claim.until)}; within a minute it is given to another.`
    return reason('claim-lost', message, command(`tutti flow-run watch ${id}`), { since: claim.until })
  }
  const who = claim !== null ? `The worker ${claim.worker}` : lease !== null ? capital(describeHolder(lease.holder)) : 'A worker or client'
  const message = `${who} took it at ${shown(since)} and is starting it, for ${formatDuration(Math.max(0, elapsedMs(since, now)))} so far.`
  return reason('starting', message, command(`tutti flow-run watch ${id}`), { since, until: claim?.until ?? null })
}

/* ── runs that wait to be started ───────────────────────────────────────────────────────────────── */

function waiting(run: FlowRun, scheduledFor: Instant, facts: ExplainFacts, now: Instant): readonly Reason[] {
  const { deployment } = facts
  if (deployment !== null && deployment.name === null) return [deploymentDeleted(run, deployment)]
  const isDue = scheduledFor <= now
  const reasons = [...timeReasons(run, scheduledFor, facts, now), ...facts.policies]
  if (run.policy.retryType === 'in_process' || (run.lease !== null && facts.place === null))
    return [ownProcess(run, scheduledFor), ...facts.policies]
  reasons.push(...facts.maintenance.map((mode) => maintenance(mode, isDue)), ...placeReasons(facts, isDue))
  // The state names the limit's turn as its time, so the limit says more than the time.
  const full = facts.full.map((limit) => fullReason(limit, isDue || run.state.name === 'AwaitingConcurrencySlot'))
  if (run.state.name === 'AwaitingConcurrencySlot') reasons.unshift(...full)
  else reasons.push(...full)
  reasons.push(...serverReasons(run, facts, isDue, now))
  return reasons.some(({ blocks }) => blocks) ? reasons : [...reasons, next(run, scheduledFor, facts)]
}

function timeReasons({ id, state }: FlowRun, scheduledFor: Instant, { full }: ExplainFacts, now: Instant): readonly Reason[] {
  if (scheduledFor <= now) return []
  const inTime = `at ${shown(scheduledFor)}, in ${formatDuration(elapsedMs(now, scheduledFor))}`
  const times = { since: state.timestamp, until: scheduledFor, blocks: true }
  const start = request(`POST /api/flow_runs/${id}/set_state {"state": {"type": "SCHEDULED"}, "force": true}`)
  if (state.name === 'AwaitingRetry') {
    const why = state.message === null ? '' : ` (${state.message})`
    return [reason('awaiting-retry', `It failed${why} and is tried again ${inTime}.`, start, times)]
  }
  if (state.name === 'AwaitingConcurrencySlot' && full.length === 0)
    return [reason('scheduled-for-later', `It waited for a slot of its deployment, and asks for one again ${inTime}.`, start, times)]
  return [reason('scheduled-for-later', `It is scheduled for later: it starts ${inTime}.`, start, times)]
}

function deploymentDeleted({ id }: FlowRun, { id: deploymentId }: DeploymentStanding): Reason {
  const message = `Its deployment ${deploymentId} was deleted, so nobody can start it any more.`
  return reason('deployment-deleted', message, command(`tutti flow-run cancel ${id}`), { blocks: true })
}

function ownProcess({ id, lease, state }: FlowRun, scheduledFor: Instant): Reason {
  const who = lease === null ? 'The process that ran it' : capital(describeHolder(lease.holder))
  const message = `${who} starts it again at ${shown(scheduledFor)} (${state.name})${state.message === null ? '' : `: ${state.message}`}.`
  return reason('retried-by-own-process', message, command(`tutti flow-run watch ${id}`), {
    since: state.timestamp,
    until: scheduledFor,
    blocks: true,
  })
}

function maintenance({ scope, startedAt, message: why }: MaintenanceMode, isDue: boolean): Reason {
  const what = scope.type === 'server' ? 'The server' : `The work pool ${scope.name}`
  const message = `${what} is in maintenance since ${shown(startedAt)}${why === null ? '' : ` (${why})`}: nothing new starts.`
  const action = command(scope.type === 'server' ? 'tutti maintenance off' : `tutti maintenance off --pool ${quoted(scope.name)}`)
  return reason('maintenance', message, action, { since: startedAt, blocks: isDue })
}

function placeReasons({ place }: ExplainFacts, isDue: boolean): readonly Reason[] {
  if (place === null) return []
  const { pool, queue } = place
  const reasons: Reason[] = []
  if (pool.isPaused) {
    const action = command(`tutti work-pool resume ${quoted(pool.name)}`)
    reasons.push(reason('pool-paused', `The work pool ${pool.name} is paused.`, action, { blocks: isDue }))
  }
  if (queue.isPaused) {
    const action = command(`tutti work-queue resume ${quoted(queue.name)} --pool ${quoted(pool.name)}`)
    reasons.push(reason('queue-paused', `The work queue ${pool.name}/${queue.name} is paused.`, action, { blocks: isDue }))
  }
  return reasons
}

const FULL = {
  pool: ['pool-full', 'work pool'],
  queue: ['queue-full', 'work queue'],
  deployment: ['deployment-full', 'deployment'],
  tag: ['tasks-wait-for-slot', 'tag'],
} as const satisfies Record<FullLimit['of'], readonly [ReasonCode, string]>

function fullReason(full: FullLimit, blocks: boolean): Reason {
  const [code, what] = FULL[full.of]
  return reason(code, limitText(what, full), raise(full), { blocks, since: full.holders[0]?.since ?? null, heldBy: full.holders })
}

function raise({ of, name, limitName, limit }: FullLimit): Action {
  const raised = limit + 1
  if (limitName !== null) return request(`PATCH /api/v2/concurrency_limits/${encodeURIComponent(limitName)} {"limit": ${raised}}`)
  const [pool = '', queue = ''] = name.split('/').map(quoted)
  return command(
    of === 'queue'
      ? `tutti work-queue update ${queue} --pool ${pool} --limit ${raised}`
      : `tutti work-pool update ${pool} --limit ${raised}`,
  )
}

function limitText(what: string, full: FullLimit): string {
  const { name, limit } = full
  if (limit === 0) return `The ${what} ${name} may run nothing: its concurrency limit is 0.`
  return `The ${what} ${name} runs as many as it may at once, ${limit}${heldText(full)}.`
}

function heldText({ holders }: FullLimit): string {
  const oldest = holders[0]
  if (oldest === undefined) return ''
  const others = holders.length > 1 ? ` and ${holders.length - 1} more` : ''
  return `: a slot is held by ${oldest.name} (${oldest.flowRunId}) since ${shown(oldest.since)}${others}`
}

/** Whether anybody is there who would start it. */
function serverReasons(run: FlowRun, { place, deployment, workers }: ExplainFacts, isDue: boolean, now: Instant): readonly Reason[] {
  if (place !== null) return poolServed(place, workers, isDue, now)
  if (deployment !== null) return deploymentServed(run, deployment, isDue, now)
  // What a foreign client made without a deployment, that client starts.
  const isOurs = run.dispatch === undefined || run.entrypoint !== null
  const message = isOurs
    ? 'It has no deployment, so no worker takes it: it waits until a process does.'
    : 'It has no deployment, so no worker takes it: the client that made it has to start it.'
  const action = command(isOurs ? `tutti flow-run resume ${run.id}` : `tutti flow-run cancel ${run.id}`)
  return [reason('needs-process', message, action, { since: run.state.timestamp, blocks: isDue })]
}

function poolServed({ pool, queue }: Place, workers: readonly Worker[], isDue: boolean, now: Instant): readonly Reason[] {
  const isAsked = queue.lastPolledAt !== null && elapsedMs(queue.lastPolledAt, now) <= POLLED_S * 1000
  const online = workers.filter((worker) => workerStatus(worker, now) === 'online')
  if (isAsked) return []
  const start = command(`tutti worker start --pool ${quoted(pool.name)}`)
  if (online.length > 0 && pool.type !== AGENT_TYPE) {
    const names = online.map(({ name }) => name)
    const message = `No worker has asked the work queue ${pool.name}/${queue.name} for work ${sinceText(queue.lastPolledAt)}; ${listed(names)} of that pool ${names.length === 1 ? 'is' : 'are'} online but may serve other queues or be busy.`
    return [reason('no-worker', message, start, { since: queue.lastPolledAt, blocks: isDue })]
  }
  const seen = [queue.lastPolledAt, ...workers.map(({ heartbeatAt }) => heartbeatAt)].filter((at) => at !== null)
  const last = seen.length === 0 ? null : Math.max(...seen)
  const message = `No worker has asked the work pool ${pool.name} (type ${pool.type}) for work ${sinceText(last)}.`
  return [reason('no-worker', message, start, { since: last, blocks: isDue })]
}

function deploymentServed(
  { id }: FlowRun,
  { name, hasQueue, lastPolledAt }: DeploymentStanding,
  isDue: boolean,
  now: Instant,
): readonly Reason[] {
  if (lastPolledAt !== null && elapsedMs(lastPolledAt, now) <= POLLED_S * 1000) return []
  if (hasQueue) {
    const message = `It is in no work queue, as the one that it was put into was deleted, so no worker finds it; new runs of its deployment ${name ?? ''} go into another.`
    return [reason('queue-deleted', message, command(`tutti flow-run cancel ${id}`), { blocks: isDue })]
  }
  const message = `Its deployment ${name ?? ''} has no work pool, and no process has served it ${sinceText(lastPolledAt)}: start the program that does.`
  return [reason('not-served', message, command('node FILE'), { since: lastPolledAt, blocks: isDue })]
}

function next({ id }: FlowRun, scheduledFor: Instant, { ahead }: ExplainFacts): Reason {
  const others = ahead === 0 ? 'the next worker that asks takes it' : `${count(ahead, 'due run')} ${ahead === 1 ? 'goes' : 'go'} first`
  const message = `It is due since ${shown(scheduledFor)}, and ${others}.`
  return reason('next', message, command(`tutti flow-run watch ${id}`), { since: scheduledFor })
}

/* ── words ──────────────────────────────────────────────────────────────────────────────────────── */

type Beside = Partial<Pick<Reason, 'blocks' | 'since' | 'until' | 'heldBy'>>

function reason(code: ReasonCode, message: string, action: Action, beside: Beside): Reason {
  return { code, message, action, blocks: false, since: null, until: null, heldBy: [], ...beside }
}

function command(text: string): Action {
  return { type: 'command', text }
}

function request(text: string): Action {
  return { type: 'request', text }
}

/** To the second: nobody types microseconds. */
function shown(instant: Instant): string {
  return formatInstant(Math.floor(instant / 1_000_000) * 1_000_000)
}

function sinceText(instant: Instant | null): string {
  return instant === null ? 'yet' : `since ${shown(instant)}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function listed(names: readonly string[]): string {
  const [first = '', ...rest] = names
  return rest.length === 0 ? `the worker ${first}` : `the workers ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and others' : ''}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`
}
