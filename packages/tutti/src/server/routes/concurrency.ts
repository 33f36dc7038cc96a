import { concurrency, globalLimitToWire, limitToWire, minimalLimitToWire } from '../../api/concurrency.ts'
import type { Input } from '../../api/endpoint.ts'
import { pageOf } from '../../api/page.ts'
import { takenToWire, tagLimits, tagLimitToWire } from '../../api/tag-limits.ts'
import { TAG_PREFIX } from '../../core/concurrency.ts'
import type { LimitChanges } from '../../core/concurrency.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'
import { createdOr } from '../reply.ts'

export function mountConcurrency(mount: Mount, { concurrency: door, tagLimits: tags }: ServerOrchestrator): void {
  mount(concurrency.create, async ({ body }) => {
    const { name, limit, active, active_slots: activeSlots, denied_slots: deniedSlots, slot_decay_per_second: slotDecayPerSecond } = body
    return limitToWire(await door.create({ name, limit, active, activeSlots, deniedSlots, slotDecayPerSecond }))
  })
  mount(concurrency.read, async ({ params }) => globalLimitToWire(await door.read(params.id_or_name)))
  mount(concurrency.list, async ({ body }) => (await door.list(pageOf(body))).map(globalLimitToWire))
  mount(concurrency.update, ({ params, body }) => door.update(params.id_or_name, given(body)))
  mount(concurrency.remove, ({ params }) => door.remove(params.id_or_name))
  mount(concurrency.take, async ({ body }) => (await door.take(body)).map(minimalLimitToWire))
  mount(concurrency.takeWithLease, async ({ body }) => {
    const { names, slots, mode, lease_duration: leaseS, holder } = body
    const { leaseId, limits } =
      (await door.leaseOfNothing(names)) ?? (await door.takeWithLease({ names, slots, mode, leaseS, holder: holder ?? null }))
    return { lease_id: leaseId, limits: limits.map(minimalLimitToWire) }
  })
  mount(concurrency.giveBack, async ({ body: { names, slots, occupancy_seconds: heldS } }) =>
    (await door.giveBack({ names, slots, heldS: heldS ?? null })).map(minimalLimitToWire),
  )
  mount(concurrency.release, ({ body }) => door.release(body.lease_id))
  mount(concurrency.renew, ({ params, body }) => door.renew(params.lease_id, body.lease_duration))

  mount(tagLimits.ensure, async ({ body }) => {
    const { tagLimit, isNew } = await tags.ensure(body.tag, body.concurrency_limit)
    return createdOr(isNew, tagLimitToWire(tagLimit))
  })
  mount(tagLimits.read, async ({ params }) => tagLimitToWire(await tags.read(params.id)))
  mount(tagLimits.readByTag, async ({ params }) => tagLimitToWire(await tags.readByTag(params.tag)))
  mount(tagLimits.list, async ({ body }) => (await tags.list(pageOf(body))).map(tagLimitToWire))
  mount(tagLimits.remove, async ({ params }) => {
    await tags.remove(params.id)
    return null
  })
  mount(tagLimits.removeByTag, async ({ params }) => {
    await tags.removeByTag(params.tag)
    return null
  })
  mount(tagLimits.reset, async ({ params, body }) => {
    await tags.reset(params.tag, body.slot_override ?? [])
    return null
  })
  mount(tagLimits.take, async ({ body: { names, task_run_id: taskRunId } }) =>
    (await tags.take(names, taskRunId)).map((limit) => takenToWire({ limit, tag: limit.name.slice(TAG_PREFIX.length) })),
  )
  mount(tagLimits.giveBack, async ({ body: { names, task_run_id: taskRunId } }) =>
    (await tags.giveBack(names, taskRunId)).map(minimalLimitToWire),
  )
}

/** Keys that are absent or null are left as they are. */
function given(body: Input<typeof concurrency.update>['body']): LimitChanges {
  const { name, limit, active, active_slots: activeSlots, denied_slots: deniedSlots, slot_decay_per_second: decay } = body
  return {
    ...(isGiven(name) ? { name } : undefined),
    ...(isGiven(limit) ? { limit } : undefined),
    ...(isGiven(active) ? { active } : undefined),
    ...(isGiven(activeSlots) ? { activeSlots } : undefined),
    ...(isGiven(deniedSlots) ? { deniedSlots } : undefined),
    ...(isGiven(decay) ? { slotDecayPerSecond: decay } : undefined),
  }
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}
