import type { ClientAbilities } from './flow-run-proposal.ts'
import type { RunFilter } from './run-page.ts'
import { STATE_TYPES } from './state.ts'
import type { StateType } from './state.ts'
import type { Instant } from './time.ts'

export const BULK_ACTIONS = ['cancel', 'retry', 'delete', 'pause', 'resume'] as const

export type BulkAction = (typeof BULK_ACTIONS)[number]

/** Runs that one request changes. */
export const BULK_BATCH_MAX = 200

/** Why runs in a state are left alone; a state that is not named is acted on. */
const LEFT_ALONE: Readonly<Record<BulkAction, Readonly<Partial<Record<StateType, string>>>>> = {
  cancel: {
    cancelling: 'is being cancelled already',
    completed: 'has ended',
    failed: 'has ended',
    crashed: 'has ended',
    cancelled: 'has ended',
  },
  retry: {
    scheduled: 'has not ended',
    pending: 'has not ended',
    running: 'has not ended',
    paused: 'has not ended',
    cancelling: 'has not ended',
    completed: 'has completed; run it again as a new run',
  },
  delete: {
    pending: 'is under way; cancel it first',
    running: 'is under way; cancel it first',
    cancelling: 'is under way; wait for its end',
  },
  pause: {
    scheduled: 'has not begun; pause its deployment instead',
    pending: 'has not begun; pause its deployment instead',
    paused: 'is paused already',
    cancelling: 'is being cancelled',
    completed: 'has ended',
    failed: 'has ended',
    crashed: 'has ended',
    cancelled: 'has ended',
  },
  resume: {
    scheduled: 'is not paused',
    pending: 'is not paused',
    running: 'is not paused',
    cancelling: 'is being cancelled',
    completed: 'has ended',
    failed: 'has ended',
    crashed: 'has ended',
    cancelled: 'has ended',
  },
}

/** Why a run in this state is left alone; `null`: it is acted on. */
export function leftAlone(action: BulkAction, state: StateType): string | null {
  return LEFT_ALONE[action][state] ?? null
}

/** The states whose runs are acted on. */
export function touchedStates(action: BulkAction): readonly StateType[] {
  return STATE_TYPES.filter((state) => leftAlone(action, state) === null)
}

export interface BulkPlan {
  readonly action: BulkAction
  /** Runs made until then were counted. */
  readonly upTo: Instant
  readonly states: readonly { readonly stateType: StateType; readonly runs: number; readonly leftAloneBecause: string | null }[]
  readonly touched: number
  readonly untouched: number
  /** There are more runs than were looked at: the numbers are the least. */
  readonly hasMore: boolean
}

export interface BulkRequest extends RunFilter {
  readonly action: BulkAction
  /** Runs that were made later are left alone. */
  readonly upTo: Instant
  /** All requests together touch no more: as many as were shown. `null`: without a limit. */
  readonly expectedCount: number | null
  readonly limit: number
  readonly cursor: string | null
  readonly client: ClientAbilities
}

export interface BulkDone {
  /** By this request. */
  readonly done: number
  /** By this one and those before it. */
  readonly doneInAll: number
  readonly refused: readonly BulkRefusal[]
  /** `null`: nothing is left to do. */
  readonly cursor: string | null
}

export interface BulkRefusal {
  readonly flowRunId: string
  readonly name: string
  readonly reason: string
}

export interface BulkRunOperations {
  plan(action: BulkAction, filter: RunFilter): Promise<BulkPlan>
  /** Acts on some runs, each by itself; repeated with the cursor of the answer until there is none. Throws `INVALID_CURSOR`. */
  act(request: BulkRequest): Promise<BulkDone>
}
