import type { ConcurrencyLimit, LeaseOwner, LimitChanges, SlotMode } from './concurrency.ts'

export interface NewLimit {
  readonly name: string
  readonly active: boolean
  readonly limit: number
  readonly activeSlots: number
  readonly deniedSlots: number
  readonly slotDecayPerSecond: number
}

export interface SlotRequest {
  /** Names that no limit has are passed over. */
  readonly names: readonly string[]
  readonly slots: number
  readonly mode: SlotMode
}

export interface LeaseRequest extends SlotRequest {
  readonly leaseS: number
  readonly holder: LeaseOwner | null
}

export interface Leased {
  readonly leaseId: string
  readonly limits: readonly ConcurrencyLimit[]
}

export interface LimitPage {
  readonly limit: number
  readonly offset: number
}

/** Limits on how much happens at once. Limits are named by id or by name; one that is not there is `NOT_FOUND`. */
export interface ConcurrencyOperations {
  /** Throws `ALREADY_EXISTS`. */
  create(limit: NewLimit): Promise<ConcurrencyLimit>
  read(idOrName: string): Promise<ConcurrencyLimit>
  /** By name. */
  list(page: LimitPage): Promise<readonly ConcurrencyLimit[]>
  update(idOrName: string, changes: LimitChanges): Promise<void>
  remove(idOrName: string): Promise<void>
  /** Slots of all the limits that are known, or of none. Throws `SLOTS_TAKEN`, or `INVALID_REQUEST` when a limit will never have so many. */
  take(request: SlotRequest): Promise<readonly ConcurrencyLimit[]>
  /**
   * The lease of a caller whose limits nobody made or activated: it holds nothing, so nothing is written down. `undefined` when there is
   * something to take. Nearly every task with a tag asks this, and nearly no tag has a limit.
   */
  leaseOfNothing(names: readonly string[]): Promise<Leased | undefined>
  /** As `take`; the slots are given back when the lease ends. */
  takeWithLease(request: LeaseRequest): Promise<Leased>
  giveBack(request: {
    readonly names: readonly string[]
    readonly slots: number
    readonly heldS: number | null
  }): Promise<readonly ConcurrencyLimit[]>
  /** Gives the slots of a lease back; one that is gone has given them back already. */
  release(leaseId: string): Promise<void>
  /** Throws `LEASE_GONE`. */
  renew(leaseId: string, leaseS: number): Promise<void>
  /** Ends up to `limit` leases that expired and gives their slots back; tells how many. */
  repossess(limit: number): Promise<number>
}

/** A limit on the task runs with a tag, and the ids of those that hold its slots. */
export interface TagLimit {
  readonly limit: ConcurrencyLimit
  readonly tag: string
  readonly holders: readonly string[]
}

/** The limits named `tag:…` as older clients know them. */
export interface TagLimitOperations {
  /** Makes the limit of a tag, or changes it. */
  ensure(tag: string, slots: number): Promise<{ readonly tagLimit: TagLimit; readonly isNew: boolean }>
  read(id: string): Promise<TagLimit>
  readByTag(tag: string): Promise<TagLimit>
  list(page: LimitPage): Promise<readonly TagLimit[]>
  remove(id: string): Promise<void>
  removeByTag(tag: string): Promise<void>
  /** Takes every slot away, and gives one to each of the task runs. */
  reset(tag: string, taskRunIds: readonly string[]): Promise<void>
  /** One slot of each tag that has a limit; throws `SLOTS_TAKEN`. */
  take(tags: readonly string[], taskRunId: string): Promise<readonly ConcurrencyLimit[]>
  giveBack(tags: readonly string[], taskRunId: string): Promise<readonly ConcurrencyLimit[]>
}
