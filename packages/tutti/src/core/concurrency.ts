import type { Instant } from './time.ts'

/** How many may do something at once. Whoever does it holds slots; slots may also decay on their own: then it limits a rate. */
export interface ConcurrencyLimit {
  readonly id: string
  readonly name: string
  /** An inactive limit is told of, and holds nobody up. */
  readonly active: boolean
  readonly limit: number
  readonly activeSlots: number
  /** Since when `activeSlots` decay: what has decayed is taken off and this moves on with it, so no fraction of a slot is lost. */
  readonly activeSince: Instant
  /** Slots that others wait for, as whoever keeps the limit tells; they make waits longer, and decay. */
  readonly deniedSlots: number
  readonly deniedSince: Instant
  readonly slotDecayPerSecond: number
  /** How long a slot was held lately: what the waits of others are reckoned from. */
  readonly avgOccupancyS: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface LeaseOwner {
  readonly type: 'flow_run' | 'task_run' | 'deployment'
  readonly id: string
}

/** Slots that are given back by themselves unless the lease is renewed. */
export interface SlotLease {
  readonly id: string
  readonly limitIds: readonly string[]
  readonly slots: number
  readonly holder: LeaseOwner | null
  readonly takenAt: Instant
  readonly until: Instant
}

export type SlotMode = 'concurrency' | 'rate-limit'

/** Before anybody held a slot. */
export const FIRST_AVG_OCCUPANCY_S = 2
export const LEASE_S = 300
/** For holders that never renew: longer than anything runs. */
export const LONG_LEASE_S = 100 * 365 * 86_400
/** Limits of tags are named after them. */
export const TAG_PREFIX = 'tag:'

const MAX_WAIT_S = 30
const MAX_WAIT_TAG_S = 10
const MIN_OCCUPANCY_S = 0.1
/** Those who wait do not come back all at once. */
const JITTER = 0.3

/** The limit as it is now: what has decayed since is taken off. */
export function settled(limit: ConcurrencyLimit, now: Instant): ConcurrencyLimit {
  const { slotDecayPerSecond: decay, activeSlots, activeSince, deniedSlots, deniedSince } = limit
  const active = decayed(activeSlots, activeSince, decay, now)
  const denied = decayed(deniedSlots, deniedSince, decay > 0 ? decay : 1 / occupancyOf(limit), now)
  return { ...limit, activeSlots: active.slots, activeSince: active.since, deniedSlots: denied.slots, deniedSince: denied.since }
}

function decayed(slots: number, since: Instant, perSecond: number, now: Instant): { readonly slots: number; readonly since: Instant } {
  if (slots <= 0) return { slots: 0, since: now }
  if (perSecond <= 0 || now <= since) return { slots, since }
  const gone = Math.floor(((now - since) / 1_000_000) * perSecond)
  return gone >= slots ? { slots: 0, since: now } : { slots: slots - gone, since: since + Math.round((gone / perSecond) * 1_000_000) }
}

export type TakeDecision =
  /** The limits that changed; those that are inactive are not among them. */
  | { readonly type: 'taken'; readonly limits: readonly ConcurrencyLimit[] }
  /** The one that keeps the caller waiting longest. */
  | { readonly type: 'denied'; readonly by: ConcurrencyLimit }
  | { readonly type: 'refused'; readonly reason: string }

/** Takes slots of all the limits or of none. */
export function takeSlots(limits: readonly ConcurrencyLimit[], slots: number, mode: SlotMode, now: Instant): TakeDecision {
  const active = limits.filter((limit) => limit.active).map((limit) => settled(limit, now))
  if (active.some(({ limit }) => limit < slots)) return { type: 'refused', reason: 'Slots requested is greater than the limit' }
  const endless = mode === 'rate-limit' ? active.filter((limit) => limit.slotDecayPerSecond <= 0) : []
  if (endless.length > 0) {
    const names = endless.map(({ name }) => `'${name}'`).join(', ')
    const reason = `Only concurrency limits with slot decay can be used for rate limiting. The following limits do not have a decay configured: ${names}`
    return { type: 'refused', reason }
  }
  const [first, ...rest] = active.filter((limit) => limit.activeSlots + slots > limit.limit)
  if (first !== undefined) {
    const by = rest.reduce((worst, limit) => (meanWaitS(limit, slots) > meanWaitS(worst, slots) ? limit : worst), first)
    return { type: 'denied', by }
  }
  return { type: 'taken', limits: active.map((limit) => ({ ...limit, activeSlots: limit.activeSlots + slots, updatedAt: now })) }
}

/** How long whoever was denied `slots` should wait. `random` is in [0, 1). */
export function retryAfterS(limit: ConcurrencyLimit, slots: number, random: number): number {
  return meanWaitS(limit, slots) * (1 + JITTER * (2 * random - 1))
}

function meanWaitS(limit: ConcurrencyLimit, slots: number): number {
  const wanted = slots + limit.deniedSlots
  if (limit.slotDecayPerSecond > 0) return wanted / limit.slotDecayPerSecond
  const most = maxWaitS(limit)
  return Math.min((Math.min(limit.avgOccupancyS, most) * wanted) / Math.max(limit.limit, 1), most)
}

function maxWaitS({ name }: ConcurrencyLimit): number {
  return name.startsWith(TAG_PREFIX) ? MAX_WAIT_TAG_S : MAX_WAIT_S
}

function occupancyOf(limit: ConcurrencyLimit): number {
  return Math.min(Math.max(limit.avgOccupancyS, MIN_OCCUPANCY_S), maxWaitS(limit))
}

/** Gives slots back; `heldS`, when it is known, is how long they were held. */
export function giveBack(limit: ConcurrencyLimit, slots: number, heldS: number | null, now: Instant): ConcurrencyLimit {
  const current = settled(limit, now)
  return {
    ...current,
    activeSlots: Math.max(0, current.activeSlots - slots),
    avgOccupancyS: averaged(current, slots, heldS),
    updatedAt: now,
  }
}

/** The new figure weighs the less the more slots there are. */
function averaged({ avgOccupancyS, limit }: ConcurrencyLimit, slots: number, heldS: number | null): number {
  if (heldS === null || slots <= 0 || limit <= 0) return avgOccupancyS
  const weight = 1 / (2 * limit)
  return avgOccupancyS * (1 - weight) + (heldS / slots) * weight
}

/** Slots that are free now; nobody is held up by an inactive limit. */
export function freeSlots(limit: ConcurrencyLimit, now: Instant): number {
  return limit.active ? Math.max(0, limit.limit - settled(limit, now).activeSlots) : Number.MAX_SAFE_INTEGER
}

/**
 * The lease of a caller whose limits are all unknown, which is almost every caller: it holds nothing, so nothing is written down for it. It
 * is known by the version of its id, 8, which no other id of ours has.
 */
export function leaseOfNothing(id: string): string {
  return `${id.slice(0, 14)}8${id.slice(15)}`
}

export function isLeaseOfNothing(id: string): boolean {
  return id[14] === '8'
}

/** Keys that are absent stay as they are. */
export interface LimitChanges {
  readonly name?: string
  readonly active?: boolean
  readonly limit?: number
  readonly activeSlots?: number
  readonly deniedSlots?: number
  readonly slotDecayPerSecond?: number
}

export function changedLimit(limit: ConcurrencyLimit, changes: LimitChanges, now: Instant): ConcurrencyLimit {
  const current = settled(limit, now)
  return {
    ...current,
    ...changes,
    activeSince: changes.activeSlots === undefined ? current.activeSince : now,
    deniedSince: changes.deniedSlots === undefined ? current.deniedSince : now,
    updatedAt: now,
  }
}
