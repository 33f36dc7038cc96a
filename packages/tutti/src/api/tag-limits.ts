import { z } from 'zod'
import type { TagLimit } from '../core/concurrency-operations.ts'
import { minimalLimitToWire } from './concurrency.ts'
import { endpoint } from './endpoint.ts'
import { pageFields } from './page.ts'
import { idParams, objectName } from './shapes.ts'
import { integer, timeText, uuid, wire } from './values.ts'

const tagLimitWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    tag: z.string(),
    concurrency_limit: z.int(),
    active_slots: z.array(wire.uuid),
  })
  .meta({ id: 'ConcurrencyLimit' })

export function tagLimitToWire({ limit, tag, holders }: TagLimit): z.input<typeof tagLimitWire> {
  return {
    id: limit.id,
    created: timeText(limit.createdAt),
    updated: timeText(limit.updatedAt),
    tag,
    concurrency_limit: limit.limit,
    active_slots: [...holders],
  }
}

const tagParams = z.object({ tag: z.string() })
const slotBody = z.object({ names: z.array(z.string()), task_run_id: uuid })
const heldLimits = z.array(z.object({ id: wire.uuid, name: z.string(), limit: z.int() }).meta({ id: 'MinimalConcurrencyLimitResponse' }))

export const tagLimits = {
  ensure: endpoint({
    method: 'POST',
    path: '/concurrency_limits/',
    summary: 'Makes the limit of a tag, or changes it.',
    body: z.strictObject({ tag: objectName, concurrency_limit: integer }),
    output: tagLimitWire,
    status: 201,
    alsoStatus: [200],
  }),
  read: endpoint({
    method: 'GET',
    path: '/concurrency_limits/{id}',
    summary: 'One limit of a tag.',
    params: idParams,
    output: tagLimitWire,
    errors: ['NOT_FOUND'],
  }),
  readByTag: endpoint({
    method: 'GET',
    path: '/concurrency_limits/tag/{tag}',
    summary: 'The limit of a tag.',
    params: tagParams,
    output: tagLimitWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/concurrency_limits/filter',
    summary: 'All limits of tags, by tag.',
    body: z.object(pageFields).default({ offset: 0 }),
    output: z.array(tagLimitWire),
    errors: ['INVALID_REQUEST'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/concurrency_limits/{id}',
    summary: 'Deletes the limit of a tag.',
    params: idParams,
    output: z.null(),
    errors: ['NOT_FOUND'],
  }),
  removeByTag: endpoint({
    method: 'DELETE',
    path: '/concurrency_limits/tag/{tag}',
    summary: 'Deletes the limit of a tag.',
    params: tagParams,
    output: z.null(),
    errors: ['NOT_FOUND'],
  }),
  reset: endpoint({
    method: 'POST',
    path: '/concurrency_limits/tag/{tag}/reset',
    summary: 'Takes every slot of a tag away, and gives one to each of the named task runs.',
    params: tagParams,
    body: z.object({ slot_override: z.array(uuid).nullish() }).default({}),
    output: z.null(),
    errors: ['NOT_FOUND'],
  }),
  take: endpoint({
    method: 'POST',
    path: '/concurrency_limits/increment',
    summary: 'Takes a slot of every tag that has a limit, or of none.',
    body: slotBody,
    output: heldLimits,
    errors: ['SLOTS_TAKEN'],
  }),
  giveBack: endpoint({
    method: 'POST',
    path: '/concurrency_limits/decrement',
    summary: 'Gives the slots of a task run back.',
    body: slotBody,
    output: heldLimits,
  }),
}

/** What was taken is named after its tag. */
export function takenToWire({ limit, tag }: Pick<TagLimit, 'limit' | 'tag'>): z.input<typeof heldLimits>[number] {
  return { ...minimalLimitToWire(limit), name: tag }
}
