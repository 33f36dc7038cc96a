import type { StateType } from './state.ts'
import type { Instant } from './time.ts'

/** Whose slots are asked for. */
export type SlotsOf =
  | { readonly type: 'limit'; readonly idOrName: string }
  | { readonly type: 'tag'; readonly tag: string }
  | { readonly type: 'work-pool'; readonly name: string }
  | { readonly type: 'work-queue'; readonly pool: string; readonly name: string }
  | { readonly type: 'deployment'; readonly id: string }

export interface SlotsHeld {
  readonly name: string
  /** `null`: there is none. */
  readonly limit: number | null
  readonly activeSlots: number
  /** The longest holder first. */
  readonly holders: readonly SlotHolder[]
  /** There are more than are shown. */
  readonly hasMore: boolean
  /** Slots that were taken without a lease: nobody knows by whom. */
  readonly unaccounted: number
}

export interface SlotHolder {
  /** `null`: a run holds its slot for as long as it is pending or running. */
  readonly leaseId: string | null
  readonly slots: number
  readonly since: Instant
  /** When the slots are given back unless the lease is renewed; `null`: when the run ends. */
  readonly until: Instant | null
  readonly holder: { readonly type: 'flow_run' | 'task_run' | 'deployment'; readonly id: string; readonly name: string | null } | null
  readonly run: HoldingRun | null
  /** `null`: it can be released. */
  readonly keptBy: string | null
}

/** The flow run that holds a slot, itself or by one of its task runs. */
export interface HoldingRun {
  readonly id: string
  readonly name: string
  readonly flowName: string
  readonly stateType: StateType
  readonly stateName: string
  readonly deploymentId: string | null
  /** A worker that is about to start it. */
  readonly worker: string | null
  /** Host and process that run it. */
  readonly process: { readonly host: string; readonly pid: number } | null
}

export type SlotRelease =
  | { readonly type: 'lease'; readonly leaseId: string }
  /** Slots of a limit that no lease stands for, at most so many. */
  | { readonly type: 'unaccounted'; readonly idOrName: string; readonly slots: number }
  | { readonly type: 'run'; readonly flowRunId: string }

export interface SlotHolderOperations {
  /** Throws `NOT_FOUND`. */
  list(of: SlotsOf, limit: number): Promise<SlotsHeld>
  /** Gives slots back; tells how many. Throws `SLOT_IN_USE` while the run that holds them is under way, `LEASE_GONE` and `NOT_FOUND`. */
  release(what: SlotRelease): Promise<number>
}
