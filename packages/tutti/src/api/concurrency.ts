import { z } from 'zod'
import { LEASE_S } from '../core/concurrency.ts'
import type { ConcurrencyLimit } from '../core/concurrency.ts'
import { endpoint } from './endpoint.ts'
import { pageFields } from './page.ts'
import { objectName } from './shapes.ts'
import { integer, integerBetween, number, timeText, uuid, wire } from './values.ts'

const limitWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    active: z.boolean(),
    name: z.string(),
    limit: z.int(),
    active_slots: z.int(),
    denied_slots: z.int(),
    slot_decay_per_second: z.number(),
    avg_slot_occupancy_seconds: z.number(),
  })
  .meta({ id: 'ConcurrencyLimitV2' })

export const globalLimitWire = limitWire
  .omit({ denied_slots: true, avg_slot_occupancy_seconds: true })
  .meta({ id: 'GlobalConcurrencyLimitResponse' })

const minimalLimitWire = z.object({ id: wire.uuid, name: z.string(), limit: z.int() }).meta({ id: 'MinimalConcurrencyLimitResponse' })

export function globalLimitToWire(limit: ConcurrencyLimit): z.input<typeof globalLimitWire> {
  return {
    id: limit.id,
    created: timeText(limit.createdAt),
    updated: timeText(limit.updatedAt),
    active: limit.active,
    name: limit.name,
    limit: limit.limit,
    active_slots: limit.activeSlots,
    slot_decay_per_second: limit.slotDecayPerSecond,
  }
}

export function limitToWire(limit: ConcurrencyLimit): z.input<typeof limitWire> {
  return { ...globalLimitToWire(limit), denied_slots: limit.deniedSlots, avg_slot_occupancy_seconds: limit.avgOccupancyS }
}

export function minimalLimitToWire({ id, name, limit }: ConcurrencyLimit): z.input<typeof minimalLimitWire> {
  return { id, name, limit }
}

const slotCount = integerBetween(0, Number.MAX_SAFE_INTEGER)
const decay = number.pipe(z.number().min(0))
const slots = integer.pipe(z.int().positive())
const mode = z
  .enum(['concurrency', 'rate_limit'])
  .default('concurrency')
  .transform((text) => (text === 'rate_limit' ? ('rate-limit' as const) : text))
const leaseSeconds = z.preprocess((value) => value ?? LEASE_S, number).pipe(z.number().min(60).max(86_400))
const idOrName = z.object({ id_or_name: z.string() })
const limitName = objectName

export const concurrency = {
  create: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/',
    summary: 'Makes a limit.',
    body: z.strictObject({
      name: limitName,
      limit: slotCount,
      active: z.boolean().default(true),
      active_slots: slotCount.default(0),
      denied_slots: slotCount.default(0),
      slot_decay_per_second: decay.default(0),
    }),
    output: limitWire,
    status: 201,
    errors: ['ALREADY_EXISTS'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/v2/concurrency_limits/{id_or_name}',
    summary: 'One limit.',
    params: idOrName,
    output: globalLimitWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/filter',
    summary: 'All limits, by name.',
    body: z.object(pageFields).default({ offset: 0 }),
    output: z.array(globalLimitWire),
    errors: ['INVALID_REQUEST'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/v2/concurrency_limits/{id_or_name}',
    summary: 'Changes a limit.',
    params: idOrName,
    body: z.strictObject({
      name: limitName.nullish(),
      limit: slotCount.nullish(),
      active: z.boolean().nullish(),
      active_slots: slotCount.nullish(),
      denied_slots: slotCount.nullish(),
      slot_decay_per_second: decay.nullish(),
    }),
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/v2/concurrency_limits/{id_or_name}',
    summary: 'Deletes a limit.',
    params: idOrName,
    errors: ['NOT_FOUND'],
  }),
  take: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/increment',
    summary: 'Takes slots of all the limits that are known, or of none.',
    body: z.object({ names: z.array(z.string()), slots, mode }),
    output: z.array(minimalLimitWire),
    errors: ['SLOTS_TAKEN', 'INVALID_REQUEST'],
  }),
  takeWithLease: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/increment-with-lease',
    summary: 'Takes slots until the lease ends.',
    body: z.object({
      names: z.array(z.string()),
      slots,
      mode,
      lease_duration: leaseSeconds,
      holder: z.strictObject({ type: z.enum(['flow_run', 'task_run', 'deployment']), id: uuid }).nullish(),
    }),
    output: z.object({ lease_id: wire.uuid, limits: z.array(minimalLimitWire) }).meta({ id: 'ConcurrencyLimitWithLeaseResponse' }),
    errors: ['SLOTS_TAKEN', 'INVALID_REQUEST'],
  }),
  giveBack: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/decrement',
    summary: 'Gives slots back.',
    body: z.object({
      names: z.array(z.string()),
      slots,
      occupancy_seconds: number.pipe(z.number().positive()).nullish(),
    }),
    output: z.array(minimalLimitWire),
  }),
  release: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/decrement-with-lease',
    summary: 'Gives the slots of a lease back.',
    body: z.object({ lease_id: uuid }),
  }),
  renew: endpoint({
    method: 'POST',
    path: '/v2/concurrency_limits/leases/{lease_id}/renew',
    summary: 'Keeps the slots of a lease for longer.',
    params: z.object({ lease_id: uuid }),
    body: z.object({ lease_duration: leaseSeconds }).default({ lease_duration: LEASE_S }),
    errors: ['LEASE_GONE'],
  }),
}
