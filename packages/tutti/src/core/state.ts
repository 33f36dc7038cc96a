import type { Actor } from './actor.ts'
import type { JsonText } from './literal-json.ts'
import type { StateDetails } from './state-details.ts'
import type { Instant } from './time.ts'

/** Where a run stands. The protocol's types in lower case; `api/` spells them for the wire. */
export type StateType = 'scheduled' | 'pending' | 'running' | 'paused' | 'cancelling' | 'completed' | 'failed' | 'crashed' | 'cancelled'

export type TerminalType = 'completed' | 'failed' | 'crashed' | 'cancelled'

interface StateStamp {
  readonly id: string
  /** Free text; the type in a capitalised word unless something more telling is known (`AwaitingRetry`, `TimedOut`, `Cached`). */
  readonly name: string
  readonly timestamp: Instant
  readonly message: string | null
  /** What a foreign client said of the state; absent when there is nothing. */
  readonly details?: StateDetails
  /** Where a foreign client keeps the result, opaque; absent when it keeps none. */
  readonly data?: JsonText
  /** Who or what brought it about, where a history is read; absent when that is not known. */
  readonly actor?: Actor
}

/** One entry of a run's history. A field exists only in the states where it means something. */
export type State =
  | (StateStamp & { readonly type: 'scheduled'; readonly scheduledFor: Instant })
  | (StateStamp & { readonly type: Exclude<StateType, 'scheduled'> })

export const STATE_TYPES = [
  'scheduled',
  'pending',
  'running',
  'paused',
  'cancelling',
  'completed',
  'failed',
  'crashed',
  'cancelled',
] as const satisfies readonly StateType[]

const DEFAULT_NAMES = {
  scheduled: 'Scheduled',
  pending: 'Pending',
  running: 'Running',
  paused: 'Paused',
  cancelling: 'Cancelling',
  completed: 'Completed',
  failed: 'Failed',
  crashed: 'Crashed',
  cancelled: 'Cancelled',
} as const satisfies Record<StateType, string>

export function defaultStateName(type: StateType): string {
  return DEFAULT_NAMES[type]
}

export function isStateType(text: string): text is StateType {
  return Object.hasOwn(DEFAULT_NAMES, text)
}

export function isTerminal(type: StateType): type is TerminalType {
  return type === 'completed' || type === 'failed' || type === 'crashed' || type === 'cancelled'
}
