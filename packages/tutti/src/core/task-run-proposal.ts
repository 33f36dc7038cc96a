import { JsonText } from './literal-json.ts'
import {
  claimRuling,
  copyScheduledTime,
  endedRuling,
  inPlaceOf,
  isPersisted,
  isRepeated,
  REPEATED,
  stateFrom,
  waitForSchedule,
} from './proposal.ts'
import type { Proposal, Ruling, Verdict } from './proposal.ts'
import { isTerminal } from './state.ts'
import type { State } from './state.ts'
import { HISTORY_MAX } from './task-run.ts'
import type { HistoryEntry, TaskRun, TaskRunPolicy, ToldTaskRun } from './task-run.ts'
import { after, elapsedMs } from './time.ts'
import type { Instant } from './time.ts'

/** What the decision needs beyond the task run. */
export interface TaskProposalFacts {
  readonly forced: boolean
  readonly stateId: string
  /** In [0, 1): spreads retries. */
  readonly random: number
  /** The flow run it belongs to: `none` for a background task, `unknown` when it is not in the store. */
  readonly parent: { readonly type: 'none' | 'unknown' } | { readonly type: 'run'; readonly state: State; readonly runCount: number }
  /** A completed state whose result stands under the proposal's cache key. */
  readonly cached: State | undefined
  /** Slots of the limits on its tags. */
  readonly slots:
    | 'none asked'
    | 'free'
    | { readonly type: 'zero'; readonly tag: string }
    | { readonly type: 'taken'; readonly waitS: number }
}

export interface TaskProposalDecision {
  readonly verdict: Verdict
  /** The task run afterwards; the same object when no state was entered. */
  readonly run: TaskRun
  /** Slots of its tags are taken or given back with the state. */
  readonly slots: 'take' | 'give back' | 'leave'
  /** The state that later calls with the same key may take. */
  readonly caches: { readonly key: string; readonly expiresAt: Instant | null } | null
}

interface Case {
  readonly run: TaskRun
  readonly current: State
  readonly proposal: Proposal
  readonly facts: TaskProposalFacts
  readonly now: Instant
}

/** What a ruling may change of a task run. */
interface Books {
  readonly runCount?: number
  readonly flowRunRunCount?: number
}

type Rule = (given: Case) => Ruling<Books> | undefined

const CACHE_KEY_MAX = 2000

/** Decides on a state that a client proposes for a task run. Background tasks are claimed like flow runs; others need their flow run running. */
export function proposeTaskRunState(run: TaskRun, proposal: Proposal, facts: TaskProposalFacts, now: Instant): TaskProposalDecision {
  const current = run.state
  const isBackground = (proposal.details.deferred ?? current.details?.deferred) === true || run.flowRunId === null
  const rules = facts.forced ? [] : isBackground ? BACKGROUND : CORE
  let asked = proposal
  let books = run
  for (const rule of rules) {
    const ruling = rule({ run: books, current, proposal: asked, facts, now })
    if (ruling === undefined) continue
    switch (ruling.type) {
      case 'amend':
        asked = ruling.proposal ?? asked
        books = withBooks(books, ruling.policy)
        continue
      case 'abort':
      case 'wait':
        return { verdict: ruling, run, slots: 'leave', caches: null }
      case 'reject': {
        const verdict = { type: 'reject', reason: ruling.reason } as const
        if (ruling.instead === undefined) return { verdict, run, slots: 'leave', caches: null }
        const entered = enter(withBooks(books, ruling.policy), inPlaceOf(asked, ruling.instead), facts.stateId, now)
        return { verdict, run: entered, slots: slotsAfter(entered.state), caches: null }
      }
    }
  }
  const entered = enter(books, asked, facts.stateId, now)
  const key = asked.details.cacheKey
  const caches = asked.type === 'completed' && key !== undefined ? { key, expiresAt: asked.details.cacheExpiration ?? null } : null
  const takes = asked.type === 'running' && facts.slots === 'free'
  return { verdict: { type: 'accept' }, run: entered, slots: takes ? 'take' : slotsAfter(entered.state), caches }
}

/** A told task run in a new state: history, counts and times are kept. */
export function enterTaskRunState(run: TaskRun, state: State): TaskRun {
  const from = run.state
  const ended = isTerminal(state.type)
  const told = run.told ?? NOTHING_TOLD
  const totalRunMs = from.type === 'running' ? told.totalRunMs + elapsedMs(from.timestamp, state.timestamp) : told.totalRunMs
  return {
    ...run,
    state,
    history: [...run.history, historyEntry(from)].slice(-HISTORY_MAX),
    runCount: state.type === 'running' ? run.runCount + 1 : run.runCount,
    startedAt: run.startedAt ?? (state.type === 'running' || ended ? state.timestamp : null),
    endedAt: ended ? (isTerminal(from.type) ? (run.endedAt ?? state.timestamp) : state.timestamp) : null,
    told: { ...told, totalRunMs },
  }
}

export function historyEntry({ id, type, name, timestamp, message, details, data }: State): HistoryEntry {
  return {
    id,
    type,
    name,
    timestamp,
    ...(message === null ? undefined : { message }),
    ...(details === undefined ? undefined : { details }),
    ...(data === undefined ? undefined : { data }),
  }
}

/** What is known of a task run that nobody told more of. */
export const NOTHING_TOLD: ToldTaskRun = {
  cacheKey: null,
  cacheExpiration: null,
  taskVersion: null,
  policy: { retries: null, retryDelayS: null, retryJitterFactor: null },
  labels: new JsonText('{}'),
  taskInputs: new JsonText('{}'),
  flowRunRunCount: 0,
  expectedAt: null,
  totalRunMs: 0,
}

function enter(run: TaskRun, proposal: Proposal, stateId: string, now: Instant): TaskRun {
  const timestamp = now > run.state.timestamp ? now : run.state.timestamp + 1
  return enterTaskRunState(run, stateFrom(proposal, stateId, timestamp))
}

function withBooks(run: TaskRun, { runCount, flowRunRunCount }: Books = {}): TaskRun {
  return {
    ...run,
    runCount: runCount ?? run.runCount,
    ...(flowRunRunCount === undefined ? undefined : { told: { ...(run.told ?? NOTHING_TOLD), flowRunRunCount } }),
  }
}

function slotsAfter({ type }: State): 'give back' | 'leave' {
  return type === 'running' || type === 'cancelling' ? 'leave' : 'give back'
}

/* ── rules ──────────────────────────────────────────────────────────────────────────────────────── */

const refuseRepetition: Rule = ({ current, proposal }) => (isRepeated(current, proposal) ? { type: 'reject', reason: REPEATED } : undefined)

const claimOnce: Rule = ({ current, proposal }) => claimRuling(current, proposal)

const takeCached: Rule = ({ proposal, facts: { cached } }) => {
  if (proposal.type !== 'running' || proposal.details.cacheKey === undefined || proposal.details.refreshCache === true) return undefined
  if (cached === undefined) return undefined
  const { message, data, details = {} } = cached
  const instead = { type: 'completed', name: 'Cached', message, details, ...(data === undefined ? undefined : { data }) } as const
  return { type: 'reject', reason: 'Retrieved state from cache', instead }
}

const protectEnd: Rule = ({ run, current, proposal, facts: { parent } }) => {
  if (!isTerminal(current.type)) return undefined
  const ended = endedRuling<Books>(current, proposal)
  if (ended !== undefined) return ended
  if (current.type === 'completed' && isPersisted(current)) return { type: 'reject', reason: 'This run is already completed.' }
  if (isTerminal(proposal.type)) return undefined
  const isOfRetry = proposal.type === 'running' && parent.type === 'run' && (run.told?.flowRunRunCount ?? 0) < parent.runCount
  return { type: 'amend', policy: { runCount: 0 }, ...(isOfRetry ? { proposal: { ...proposal, name: 'Retrying' } } : undefined) }
}

const parentMustRun: Rule = ({ proposal, facts: { parent } }) => {
  if (proposal.type !== 'running') return undefined
  if (parent.type !== 'run')
    return parent.type === 'none' ? undefined : { type: 'abort', reason: 'The enclosing flow must be running to begin task execution.' }
  if (parent.state.type === 'paused') {
    const { pauseTimeout, pauseReschedule } = parent.state.details ?? {}
    const details = {
      ...(pauseTimeout === undefined ? undefined : { pauseTimeout }),
      ...(pauseReschedule === undefined ? undefined : { pauseReschedule }),
    }
    const instead = { type: 'paused', name: 'NotReady', message: null, details } as const
    return { type: 'reject', reason: 'The flow is paused, new tasks can execute after resuming the flow run.', instead }
  }
  return parent.state.type === 'running'
    ? undefined
    : { type: 'abort', reason: 'The enclosing flow must be running to begin task execution.' }
}

const takeSlots: Rule = ({ proposal, facts: { slots } }) => {
  if (proposal.type !== 'running' || typeof slots === 'string') return undefined
  return slots.type === 'zero'
    ? { type: 'abort', reason: `The concurrency limit on tag "${slots.tag}" is 0 and will deadlock if the task tries to run again.` }
    : { type: 'wait', delayS: slots.waitS, reason: 'Concurrency limit reached.' }
}

const copyTime: Rule = ({ current, proposal }) => copyScheduledTime(current, proposal)
const waitForTime: Rule = ({ current, proposal, now }) => waitForSchedule(current, proposal, now)

const keepParametersId: Rule = ({ current, proposal }) => {
  const id = current.details?.taskParametersId
  const isStart =
    (current.type === 'scheduled' || current.type === 'pending') && (proposal.type === 'pending' || proposal.type === 'running')
  if (id === undefined || !isStart || proposal.details.taskParametersId !== undefined) return undefined
  return { type: 'amend', proposal: { ...proposal, details: { ...proposal.details, taskParametersId: id } } }
}

const retry: Rule = ({ run, current, proposal, facts: { random }, now }) => {
  if (current.type !== 'running' || proposal.type !== 'failed' || proposal.details.retriable === false) return undefined
  const { retries } = run.told?.policy ?? NOTHING_TOLD.policy
  if (retries === null || retries === 0 || run.runCount > retries) return undefined
  const { message, data } = proposal
  return {
    type: 'reject',
    reason: 'Retrying',
    instead: {
      type: 'scheduled',
      name: 'AwaitingRetry',
      message,
      details: run.flowRunId === null ? { deferred: true } : {},
      ...(data === undefined ? undefined : { data }),
      scheduledFor: after(now, retryDelayS(run.told?.policy ?? NOTHING_TOLD.policy, run.runCount, random) * 1000),
    },
  }
}

/** Seconds before the next attempt: of a list each attempt takes its own. Jitter spreads it up to `factor` around the mean. */
function retryDelayS({ retryDelayS: delay, retryJitterFactor: jitter }: TaskRunPolicy, runCount: number, random: number): number {
  const base =
    typeof delay === 'object' && delay !== null ? (delay[Math.min(runCount, delay.length) - 1] ?? 0) : ((delay as number | null) ?? 0)
  if (jitter === null || jitter === 0) return base
  return Math.max(0, base * (1 + jitter * (2 * random - 1)))
}

const nameReruns: Rule = ({ run, current, proposal }) => {
  if (proposal.type !== 'running' || run.runCount === 0 || proposal.name !== 'Running') return undefined
  return { type: 'amend', proposal: { ...proposal, name: current.name === 'AwaitingRetry' ? 'Retrying' : 'Rerunning' } }
}

const trackFlowRun: Rule = ({ proposal, facts: { parent } }) =>
  proposal.type === 'running' && parent.type === 'run' ? { type: 'amend', policy: { flowRunRunCount: parent.runCount } } : undefined

const limitCacheKey: Rule = ({ proposal }) =>
  proposal.type === 'completed' && (proposal.details.cacheKey?.length ?? 0) > CACHE_KEY_MAX
    ? { type: 'reject', reason: `Cache key exceeded maximum allowed length of ${CACHE_KEY_MAX} characters.` }
    : undefined

const REST: readonly Rule[] = [copyTime, waitForTime, keepParametersId, retry, nameReruns, trackFlowRun, limitCacheKey]
const CORE: readonly Rule[] = [refuseRepetition, takeCached, protectEnd, parentMustRun, takeSlots, ...REST]
const BACKGROUND: readonly Rule[] = [refuseRepetition, claimOnce, takeCached, protectEnd, takeSlots, ...REST]
