import { isTuttiError, TuttiError } from '../core/errors.ts'
import { suggestion } from '../core/suggestion.ts'
import { didYouMean } from './parse.ts'
import type { Answer, Client } from './server.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

export type PoolWire = Answer<'workPools', 'read'>
export type QueueWire = Answer<'poolQueues', 'read'>

export const poolArgument = { doc: 'the work pool by its name' } as const
/** Names that are looked through for one that was meant. */
const NAMES_MAX = 200

/** @throws `NOT_FOUND` with what may have been meant. */
export async function findPool(client: Client, name: string): Promise<PoolWire> {
  try {
    return await client.workPools.read({ name })
  } catch (error) {
    if (!isTuttiError(error, 'NOT_FOUND')) throw error
    const known = await client.workPools.list({ body: { limit: NAMES_MAX, offset: 0 } })
    const near = suggestion(
      name,
      known.map((pool) => pool.name),
    )
    throw new TuttiError('NOT_FOUND', `there is no work pool ${name}${didYouMean(near)}`, { cause: error })
  }
}

/** @throws `NOT_FOUND` with what may have been meant. */
export async function findQueue(client: Client, pool: string, name: string): Promise<QueueWire> {
  await findPool(client, pool)
  try {
    return await client.poolQueues.read({ work_pool_name: pool, name })
  } catch (error) {
    if (!isTuttiError(error, 'NOT_FOUND')) throw error
    const known = await client.poolQueues.list({ work_pool_name: pool, body: { limit: NAMES_MAX, offset: 0 } })
    const near = suggestion(
      name,
      known.map((queue) => queue.name),
    )
    throw new TuttiError('NOT_FOUND', `work pool ${pool} has no queue ${name}${didYouMean(near)}`, { cause: error })
  }
}

export function poolJson(pool: PoolWire): object {
  return {
    id: pool.id,
    name: pool.name,
    type: pool.type,
    description: pool.description,
    status: statusText(pool),
    paused: pool.is_paused,
    limit: pool.concurrency_limit,
    activeSlots: pool.active_slots,
    jobTemplate: pool.base_job_template,
    createdAt: pool.created,
    updatedAt: pool.updated,
  }
}

export function queueJson(queue: QueueWire): object {
  return {
    id: queue.id,
    pool: queue.work_pool_name,
    name: queue.name,
    description: queue.description,
    status: statusText(queue),
    paused: queue.is_paused,
    limit: queue.concurrency_limit,
    activeSlots: queue.active_slots,
    priority: queue.priority,
    polledAt: queue.last_polled,
  }
}

export function statusText({ status }: { readonly status: 'READY' | 'NOT_READY' | 'PAUSED' | null }): string {
  return status === null ? 'unknown' : status.toLowerCase().replace('_', ' ')
}

/** `3 of 5`; without a limit how many. */
export function slotsText({
  active_slots: active,
  concurrency_limit: limit,
}: {
  readonly active_slots: number | null
  readonly concurrency_limit: number | null
}): string {
  return limit === null ? String(active ?? 0) : `${active ?? 0} of ${limit}`
}

/** How many runs at once; `none` takes a limit away. */
export function limitValue(text: string): number | null {
  if (text === 'none') return null
  const limit = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(limit))
    throw new UsageError(`'${text}' is not a limit`, 'Write a whole number from 0 on, or none.')
  return limit
}

/** A base job template as JSON, from a file or the standard input. */
export async function readTemplate(world: World, file: string): Promise<Record<string, unknown>> {
  const text = file === '-' ? await world.readInput() : world.readFile(file)
  if (text === undefined) throw new UsageError(`there is no file ${file} to read the job template from`)
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown> // checked on this line
  } catch (cause) {
    throw new UsageError(`the job template in ${file} is not JSON: ${String(cause)}`)
  }
  throw new UsageError(`the job template in ${file} is no object`, 'It has the members job_configuration and variables.')
}
