import { queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import type { Answer } from './values.ts'

export type GlobalLimit = Answer<Client['concurrency']['read']>
export type TagLimit = Answer<Client['tagLimits']['read']>

const LIMITS_MAX = 200

async function all<Row>(page: (offset: number) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const rows: Row[] = []
  // At most a thousand: more are no list that somebody reads.
  for (let offset = 0; offset < 5 * LIMITS_MAX; offset += LIMITS_MAX) {
    const found = await page(offset)
    rows.push(...found)
    if (found.length < LIMITS_MAX) break
  }
  return rows
}

export function globalLimits() {
  return queryOptions({
    queryKey: ['slots', 'limits'],
    queryFn: ({ signal }) => all((offset) => client().concurrency.list({ body: { limit: LIMITS_MAX, offset } }, { signal })),
  })
}

export function tagLimits() {
  return queryOptions({
    queryKey: ['slots', 'tags'],
    queryFn: ({ signal }) => all((offset) => client().tagLimits.list({ body: { limit: LIMITS_MAX, offset } }, { signal })),
  })
}

export interface LimitChanges {
  readonly name?: string
  readonly limit?: number
  readonly active?: boolean
  readonly slot_decay_per_second?: number
  readonly active_slots?: number
}

export function createLimit(limit: LimitChanges & { readonly name: string; readonly limit: number }) {
  return client().concurrency.create({ body: limit })
}

export function updateLimit({ id, ...changes }: LimitChanges & { readonly id: string }) {
  return client().concurrency.update({ id_or_name: id, body: changes })
}

export function removeLimit(id: string) {
  return client().concurrency.remove({ id_or_name: id })
}

export function ensureTagLimit(limit: { readonly tag: string; readonly concurrency_limit: number }) {
  return client().tagLimits.ensure({ body: limit })
}

export function removeTagLimit(tag: string) {
  return client().tagLimits.removeByTag({ tag })
}

export function resetTagLimit(tag: string) {
  return client().tagLimits.reset({ tag, body: {} })
}
