// Who holds which slots, beside the protocol.
import { z } from 'zod'
import type { SlotHolder, SlotRelease, SlotsHeld, SlotsOf } from '../core/slot-holder.ts'
import { endpoint } from './endpoint.ts'
import { count, queryLimit } from './shapes.ts'
import { integerBetween, stateTypeText, timeText, uuid, wire } from './values.ts'

const SHOWN_MAX = 1_000

const holderWire = z.object({
  lease_id: wire.uuid.nullable(),
  slots: count,
  since: wire.time,
  until: wire.time.nullable(),
  holder: z.object({ type: z.enum(['flow_run', 'task_run', 'deployment']), id: wire.uuid, name: z.string().nullable() }).nullable(),
  flow_run: z
    .object({
      id: wire.uuid,
      name: z.string(),
      flow_name: z.string(),
      state_type: wire.stateType,
      state_name: z.string(),
      deployment_id: wire.uuid.nullable(),
      worker: z.string().nullable(),
      process: z.object({ host: z.string(), pid: z.int() }).nullable(),
    })
    .nullable(),
  releasable: z.boolean(),
  kept_by: z.string().nullable(),
})

const heldWire = z
  .object({
    name: z.string(),
    limit: z.int().nullable(),
    active_slots: count,
    holders: z.array(holderWire),
    more: z.boolean(),
    unaccounted_slots: count,
  })
  .meta({ id: 'SlotsHeld' })

export function heldToWire({ name, limit, activeSlots, holders, hasMore, unaccounted }: SlotsHeld): z.input<typeof heldWire> {
  return { name, limit, active_slots: activeSlots, holders: holders.map(holderToWire), more: hasMore, unaccounted_slots: unaccounted }
}

function holderToWire({ leaseId, slots, since, until, holder, run, keptBy }: SlotHolder): z.input<typeof holderWire> {
  return {
    lease_id: leaseId,
    slots,
    since: timeText(since),
    until: timeText(until),
    holder,
    flow_run:
      run === null
        ? null
        : {
            id: run.id,
            name: run.name,
            flow_name: run.flowName,
            state_type: stateTypeText(run.stateType),
            state_name: run.stateName,
            deployment_id: run.deploymentId,
            worker: run.worker,
            process: run.process,
          },
    releasable: keptBy === null,
    kept_by: keptBy,
  }
}

const ONE = 'Give one of limit, tag, deployment_id and work_pool (with work_queue, or without).'

const heldQuery = z
  .object({
    limit: z.string().optional(),
    tag: z.string().optional(),
    work_pool: z.string().optional(),
    work_queue: z.string().optional(),
    deployment_id: uuid.optional(),
    max: queryLimit(SHOWN_MAX, 200),
  })
  .transform(({ limit, tag, work_pool: pool, work_queue: queue, deployment_id: deployment, max }, context) => {
    const asked: SlotsOf[] = [
      ...(limit === undefined ? [] : [{ type: 'limit', idOrName: limit } as const]),
      ...(tag === undefined ? [] : [{ type: 'tag', tag } as const]),
      ...(deployment === undefined ? [] : [{ type: 'deployment', id: deployment } as const]),
      ...(pool === undefined || queue !== undefined ? [] : [{ type: 'work-pool', name: pool } as const]),
      ...(pool === undefined || queue === undefined ? [] : [{ type: 'work-queue', pool, name: queue } as const]),
    ]
    const [of] = asked
    if (of !== undefined && asked.length === 1) return { of, max }
    context.addIssue({ code: 'custom', message: ONE })
    return z.NEVER
  })

const releaseBody = z.union([
  z.strictObject({ lease_id: uuid }).transform(({ lease_id: leaseId }): SlotRelease => ({ type: 'lease', leaseId })),
  z.strictObject({ flow_run_id: uuid }).transform(({ flow_run_id: flowRunId }): SlotRelease => ({ type: 'run', flowRunId })),
  z
    .strictObject({ limit: z.string(), unaccounted_slots: integerBetween(1, Number.MAX_SAFE_INTEGER) })
    .transform(({ limit: idOrName, unaccounted_slots: slots }): SlotRelease => ({ type: 'unaccounted', idOrName, slots })),
])

export const slotHolders = {
  holders: endpoint({
    method: 'GET',
    path: '/concurrency/holders',
    summary: 'Who holds slots of a limit, a tag, a deployment, a work pool or one of its queues, since when and until when.',
    query: heldQuery,
    output: heldWire,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  releaseHeld: endpoint({
    method: 'POST',
    path: '/concurrency/holders/release',
    summary: 'Gives slots back for a holder that is gone: those of a lease, or some that were taken without one.',
    body: releaseBody,
    output: z.object({ released: count }),
    errors: ['SLOT_IN_USE', 'LEASE_GONE', 'NOT_FOUND', 'FLOW_RUN_NOT_FOUND'],
  }),
}
