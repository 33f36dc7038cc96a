import type { JsonText } from './literal-json.ts'
import { isTerminal } from './state.ts'
import type { State, StateType } from './state.ts'
import type { StateDetails } from './state-details.ts'
import type { Instant } from './time.ts'

/** A state that a client asks for. Foreign clients write states; whether one is taken is decided here, in their protocol's order. */
export interface Proposal {
  readonly type: StateType
  readonly name: string
  readonly message: string | null
  readonly data?: JsonText
  readonly details: StateDetails
  /** Of SCHEDULED: when; otherwise the time the run was once scheduled for, when it is known. */
  readonly scheduledFor?: Instant
}

/** How a proposal ended. `state` of the run afterwards is what the client goes on with. */
export type Verdict =
  | { readonly type: 'accept' }
  /** Another state is in force: the former one, or one that was entered instead. */
  | { readonly type: 'reject'; readonly reason: string }
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'wait'; readonly delayS: number; readonly reason: string }

/** What a rule may do to a proposal; nothing at all lets it pass. */
export type Ruling<Policy> =
  /** The proposal stays of its type; it or the policy of the run is changed. */
  | { readonly type: 'amend'; readonly proposal?: Proposal; readonly policy?: Policy }
  | { readonly type: 'reject'; readonly reason: string; readonly instead?: Proposal; readonly policy?: Policy }
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'wait'; readonly delayS: number; readonly reason: string }

/** The state that an accepted proposal becomes. */
export function stateFrom({ type, name, message, data, details, scheduledFor }: Proposal, id: string, timestamp: Instant): State {
  const { scheduledTime: _, ...rest } = details
  const said = type !== 'scheduled' && scheduledFor !== undefined ? { ...rest, scheduledTime: scheduledFor } : rest
  const stamp = {
    id,
    name,
    timestamp,
    message,
    ...(Object.keys(said).length === 0 ? undefined : { details: said }),
    ...(data === undefined ? undefined : { data }),
  }
  return type === 'scheduled' ? { ...stamp, type, scheduledFor: scheduledFor ?? timestamp } : { ...stamp, type }
}

/** When a state is, or was, scheduled for. */
export function scheduledTimeOf(state: State): Instant | undefined {
  return state.type === 'scheduled' ? state.scheduledFor : state.details?.scheduledTime
}

/** Whether a result is kept somewhere: a completed run with one is protected from being run again by accident. */
export function isPersisted({ data }: { readonly data?: JsonText }): boolean {
  if (data === undefined) return false
  const value = data.plain()
  return value !== null && !(typeof value === 'object' && 'type' in value && value.type === 'unpersisted')
}

/** A proposal that was sent before, and taken: its answer was lost. */
export function isRepeated(current: State, proposal: Proposal): boolean {
  const { transitionId } = proposal.details
  return transitionId !== undefined && current.details?.transitionId === transitionId
}

/** A state that is entered instead of a proposal answers it as well: when the proposal comes again, it is known by this one. */
export function inPlaceOf(asked: Proposal, instead: Proposal): Proposal {
  const { transitionId } = asked.details
  return transitionId === undefined ? instead : { ...instead, details: { ...instead.details, transitionId } }
}

export const REPEATED = 'This run has already made this state transition.'

/**
 * Two workers may propose Pending; the second is stopped, or both would run the flow. Renaming Pending (Submitting, InfrastructurePending) is
 * how the first goes on.
 */
export function claimRuling<Policy>(current: State, proposal: Proposal): Ruling<Policy> | undefined {
  if (proposal.type !== 'pending') return undefined
  if (current.type === 'pending' && proposal.name !== current.name && proposal.name !== 'Pending') {
    const scheduledFor = proposal.scheduledFor ?? scheduledTimeOf(current)
    return { type: 'amend', proposal: { ...proposal, ...(scheduledFor === undefined ? undefined : { scheduledFor }) } }
  }
  if (current.type === 'pending' || current.type === 'running' || current.type === 'cancelling' || current.type === 'cancelled')
    return { type: 'abort', reason: `This run is in a ${current.name} state and cannot transition to a PENDING state.` }
  return undefined
}

/** The time a run was scheduled for goes along with it to Pending. */
export function copyScheduledTime<Policy>(current: State, proposal: Proposal): Ruling<Policy> | undefined {
  if (current.type !== 'scheduled' || proposal.type !== 'pending' || proposal.scheduledFor !== undefined) return undefined
  return { type: 'amend', proposal: { ...proposal, scheduledFor: current.scheduledFor } }
}

/** A run does not begin before its time. Waits are whole seconds; one that rounds to none is none. */
export function waitForSchedule<Policy>(current: State, proposal: Proposal, now: Instant): Ruling<Policy> | undefined {
  if (proposal.type !== 'running' || (current.type !== 'scheduled' && current.type !== 'pending')) return undefined
  const due = scheduledTimeOf(current)
  if (due === undefined) return undefined
  const delayS = Math.round((due - now) / 1_000_000)
  return delayS <= 0 ? undefined : { type: 'wait', delayS, reason: 'Scheduled time is in the future' }
}

/** A finished run cannot be cancelled, paused or crash. */
export function endedRuling<Policy>(current: State, proposal: Proposal): Ruling<Policy> | undefined {
  if (!isTerminal(current.type)) return undefined
  if (proposal.type === 'cancelling' || proposal.type === 'paused' || proposal.type === 'crashed')
    return { type: 'abort', reason: `This run is already in a terminal state: ${current.type.toUpperCase()}.` }
  return undefined
}
