import type { Instant } from './time.ts'

/** Who holds a run. On one machine `bootId`, `pid` and `startedAt` tell whether the holder still lives; elsewhere only the clock can. */
export interface LeaseHolder {
  readonly host: string
  /** Changes with every start of the machine; empty where the system does not tell. */
  readonly bootId: string
  readonly pid: number
  /** When the process started, in the system's own unit: with `pid` it names a process for good. Empty where the system does not tell. */
  readonly processStart: string
}

export interface Lease {
  readonly holder: LeaseHolder
  readonly until: Instant
}

/** A beat every 15 s keeps a lease of 45 s: two may be missed. */
export const LEASE_BEAT_MS = 15_000
export const LEASE_EXPIRY_MS = 45_000

/** What the reader of a lease can find out about its holder. `unknown`: the holder is on another machine. */
export type HolderLiveness = 'alive' | 'dead' | 'unknown'

/**
 * Whether the holder may be considered gone. A dead process is gone at once; of a living one on this machine the lease never expires
 * (it may be paused and will be fenced if somebody takes over on purpose); for other machines the clock decides.
 */
export function isLeaseLost(lease: Lease, liveness: HolderLiveness, now: Instant): boolean {
  switch (liveness) {
    case 'dead':
      return true
    case 'alive':
      return false
    case 'unknown':
      return now >= lease.until
  }
}

/**
 * Whether the holder of a run that would go on elsewhere by itself may be considered gone: by the clock also where it lives. It may be stopped,
 * or hang; when it comes back it finds itself fenced.
 */
export function isLeaseOver(lease: Lease, liveness: HolderLiveness, now: Instant): boolean {
  return liveness === 'dead' || now >= lease.until
}

/** Whether two leases are of one process. */
export function isSameHolder(one: LeaseHolder, other: LeaseHolder): boolean {
  return one.host === other.host && one.bootId === other.bootId && one.pid === other.pid && one.processStart === other.processStart
}
