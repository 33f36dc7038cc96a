import type { ConcurrencyLimit, LeaseOwner, SlotLease } from '../core/concurrency.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from './script.ts'
import { change, hot, hotSelect, select, sqlBuilder } from './statements.ts'
import type { ConcurrencyLimitRow, SlotLeaseRow } from './tables.ts'

export interface ConcurrencyTable {
  byNames(names: readonly string[]): Script<readonly ConcurrencyLimit[]>
  get(id: string): Script<ConcurrencyLimit | undefined>
  byName(name: string): Script<ConcurrencyLimit | undefined>
  /** By name. */
  list(page: { readonly prefix: string; readonly limit: number; readonly offset: number }): Script<readonly ConcurrencyLimit[]>
  /** `false`: there is one of that name. */
  insert(limit: ConcurrencyLimit): Script<boolean>
  save(limit: ConcurrencyLimit): Script<void>
  /** With what its leases say of it. */
  delete(id: string): Script<void>

  insertLease(lease: SlotLease): Script<void>
  lease(id: string): Script<SlotLease | undefined>
  /** `false`: it is gone, or expired before `now`. */
  renewLease(id: string, until: Instant, now: Instant): Script<boolean>
  /** Deletes it; `false` when somebody else did. */
  deleteLease(id: string): Script<boolean>
  /** Oldest first. */
  leasesOf(limitIds: readonly string[]): Script<readonly SlotLease[]>
  leasesHeldBy(holder: LeaseOwner): Script<readonly SlotLease[]>
  expired(now: Instant, limit: number): Script<readonly string[]>
}

const limitsNamed = hotSelect(sqlBuilder.selectFrom('concurrency_limits').selectAll().where('name', '=', ''))
const insertLease = hot(
  sqlBuilder.insertInto('slot_leases').values({ id: '', slots: 0, holder_type: null, holder_id: null, taken_at: 0, until: 0 }),
)
const insertLeaseLimit = hot(sqlBuilder.insertInto('slot_lease_limits').values({ lease_id: '', limit_id: '' }))
const deleteLease = hot(sqlBuilder.deleteFrom('slot_leases').where('id', '=', ''))
const deleteLeaseLimits = hot(sqlBuilder.deleteFrom('slot_lease_limits').where('lease_id', '=', ''))

export function concurrencyTable(): ConcurrencyTable {
  return {
    *byNames(names) {
      // The one statement that every task with a tag asks for.
      if (names.length === 1) return (yield* limitsNamed(names)).map(toLimit)
      if (names.length === 0) return []
      return (yield* select(sqlBuilder.selectFrom('concurrency_limits').selectAll().where('name', 'in', names))).map(toLimit)
    },

    *get(id) {
      return first(yield* select(sqlBuilder.selectFrom('concurrency_limits').selectAll().where('id', '=', id)))
    },

    *byName(name) {
      return first(yield* limitsNamed([name]))
    },

    *list({ prefix, limit, offset }) {
      let query = sqlBuilder.selectFrom('concurrency_limits').selectAll().orderBy('name').limit(limit).offset(offset)
      if (prefix !== '') query = query.where('name', '>=', prefix).where('name', '<', `${prefix}\u{10FFFF}`)
      return (yield* select(query)).map(toLimit)
    },

    *insert(limit) {
      const inserted = yield* change(
        sqlBuilder
          .insertInto('concurrency_limits')
          .values({ id: limit.id, created_at: limit.createdAt, ...columnsOf(limit) })
          .onConflict((conflict) => conflict.column('name').doNothing()),
      )
      return inserted > 0
    },

    *save(limit) {
      yield* change(sqlBuilder.updateTable('concurrency_limits').set(columnsOf(limit)).where('id', '=', limit.id))
    },

    *delete(id) {
      yield* change(
        sqlBuilder
          .deleteFrom('slot_leases')
          .where('id', 'in', sqlBuilder.selectFrom('slot_lease_limits').select('lease_id').where('limit_id', '=', id))
          .where('id', 'not in', sqlBuilder.selectFrom('slot_lease_limits').select('lease_id').where('limit_id', '!=', id)),
      )
      yield* change(sqlBuilder.deleteFrom('slot_lease_limits').where('limit_id', '=', id))
      yield* change(sqlBuilder.deleteFrom('concurrency_limits').where('id', '=', id))
    },

    *insertLease({ id, limitIds, slots, holder, takenAt, until }) {
      yield* insertLease([id, slots, holder?.type ?? null, holder?.id ?? null, takenAt, until])
      for (const limitId of limitIds) yield* insertLeaseLimit([id, limitId])
    },

    *lease(id) {
      return (yield* withLimits(yield* select(sqlBuilder.selectFrom('slot_leases').selectAll().where('id', '=', id))))[0]
    },

    *renewLease(id, until, now) {
      return (yield* change(sqlBuilder.updateTable('slot_leases').set({ until }).where('id', '=', id).where('until', '>', now))) > 0
    },

    *deleteLease(id) {
      const deleted = yield* deleteLease([id])
      yield* deleteLeaseLimits([id])
      return deleted > 0
    },

    *leasesOf(limitIds) {
      if (limitIds.length === 0) return []
      return yield* withLimits(
        yield* select(
          sqlBuilder
            .selectFrom('slot_leases')
            .selectAll()
            .where('id', 'in', sqlBuilder.selectFrom('slot_lease_limits').select('lease_id').where('limit_id', 'in', limitIds))
            .orderBy('taken_at')
            .orderBy('id'),
        ),
      )
    },

    *leasesHeldBy({ type, id }) {
      return yield* withLimits(
        yield* select(
          sqlBuilder
            .selectFrom('slot_leases')
            .selectAll()
            .where('holder_id', '=', id)
            .where('holder_type', '=', type)
            .orderBy('taken_at')
            .orderBy('id'),
        ),
      )
    },

    *expired(now, limit) {
      const rows = yield* select(sqlBuilder.selectFrom('slot_leases').select('id').where('until', '<=', now).orderBy('until').limit(limit))
      return rows.map((row) => row.id)
    },
  }
}

function columnsOf(limit: ConcurrencyLimit): Omit<ConcurrencyLimitRow, 'id' | 'created_at'> {
  return {
    name: limit.name,
    active: limit.active ? 1 : 0,
    slots_max: limit.limit,
    active_slots: limit.activeSlots,
    active_since: limit.activeSince,
    denied_slots: limit.deniedSlots,
    denied_since: limit.deniedSince,
    slot_decay_per_second: limit.slotDecayPerSecond,
    avg_occupancy_s: limit.avgOccupancyS,
    updated_at: limit.updatedAt,
  }
}

function first(rows: readonly ConcurrencyLimitRow[]): ConcurrencyLimit | undefined {
  const row = rows[0]
  return row === undefined ? undefined : toLimit(row)
}

function toLimit(row: ConcurrencyLimitRow): ConcurrencyLimit {
  return {
    id: row.id,
    name: row.name,
    active: row.active !== 0,
    limit: row.slots_max,
    activeSlots: row.active_slots,
    activeSince: row.active_since,
    deniedSlots: row.denied_slots,
    deniedSince: row.denied_since,
    slotDecayPerSecond: row.slot_decay_per_second,
    avgOccupancyS: row.avg_occupancy_s,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

const LEASES_PER_READ = 500

function* withLimits(rows: readonly SlotLeaseRow[]): Script<readonly SlotLease[]> {
  const limits = new Map<string, string[]>()
  for (let at = 0; at < rows.length; at += LEASES_PER_READ) {
    const ids = rows.slice(at, at + LEASES_PER_READ).map((row) => row.id)
    const links = yield* select(sqlBuilder.selectFrom('slot_lease_limits').selectAll().where('lease_id', 'in', ids).orderBy('limit_id'))
    for (const { lease_id: lease, limit_id: limit } of links) {
      const known = limits.get(lease)
      if (known === undefined) limits.set(lease, [limit])
      else known.push(limit)
    }
  }
  return rows.map((row) => ({
    id: row.id,
    limitIds: limits.get(row.id) ?? [],
    slots: row.slots,
    holder: holderOf(row),
    takenAt: row.taken_at,
    until: row.until,
  }))
}

function holderOf({ holder_type: type, holder_id: id }: SlotLeaseRow): LeaseOwner | null {
  if (type === null || id === null) return null
  return { type: type as LeaseOwner['type'], id } // written by `insertLease` only
}
