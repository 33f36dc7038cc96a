import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer, WorkPool } from './values.ts'

export type WorkQueue = Answer<Client['poolQueues']['read']>
export type SlotsHeld = Answer<Client['concurrency']['holders']>
export type SlotHolder = SlotsHeld['holders'][number]

const POOLS_MAX = 200
const QUEUES_MAX = 200
const WORKERS_MAX = 200
const HOLDERS_MAX = 1_000

export function workPools() {
  return queryOptions({
    queryKey: ['work-pools', 'list'],
    queryFn: ({ signal }) => client().workPools.list({ body: { limit: POOLS_MAX, offset: 0 } }, { signal }),
  })
}

export function workPool(name: string) {
  return queryOptions({ queryKey: ['work-pools', name], queryFn: ({ signal }) => client().workPools.read({ name }, { signal }) })
}

export function poolQueues(pool: string) {
  return queryOptions({
    queryKey: ['work-queues', pool],
    queryFn: ({ signal }) => client().poolQueues.list({ work_pool_name: pool, body: { limit: QUEUES_MAX, offset: 0 } }, { signal }),
  })
}

export function poolWorkers(pool: string) {
  return queryOptions({
    queryKey: ['workers', pool],
    queryFn: ({ signal }) => client().workers.list({ work_pool_name: pool, body: { limit: WORKERS_MAX, offset: 0 } }, { signal }),
  })
}

/** Runs of a pool, or of one queue, that wait to be taken, that are late, and that are under way. */
export function poolCounts(pool: string, queue?: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'pool-counts', pool, queue ?? null],
    queryFn: async ({ signal }) => {
      const within = {
        work_pools: { name: { any_: [pool] } },
        ...(queue === undefined ? undefined : { work_pool_queues: { name: { any_: [queue] } } }),
      }
      const count = (flow_runs: object) => client().flowRuns.count({ body: { ...within, flow_runs } }, { signal })
      const [scheduled, late, underWay] = await Promise.all([
        count({ state: { type: { any_: ['SCHEDULED'] } } }),
        count({ state: { name: { any_: ['Late'] } } }),
        count({ state: { type: { any_: ['PENDING', 'RUNNING', 'CANCELLING'] } } }),
      ])
      return { scheduled, late, underWay }
    },
  })
}

/** What a pool has under way, or has still to do, the earliest first. */
export function poolRuns(pool: string, kind: 'running' | 'queued') {
  const types = kind === 'running' ? (['PENDING', 'RUNNING', 'CANCELLING'] as const) : (['SCHEDULED'] as const)
  return infiniteQueryOptions({
    queryKey: ['flow-runs', 'pool-runs', pool, kind],
    queryFn: ({ signal, pageParam }) =>
      client().flowRuns.filter(
        {
          body: {
            work_pools: { name: { any_: [pool] } },
            flow_runs: { state: { type: { any_: [...types] } } },
            limit: PAGE_ROWS,
            offset: pageParam,
            sort: kind === 'running' ? 'START_TIME_DESC' : 'NEXT_SCHEDULED_START_TIME_ASC',
          },
        },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
  })
}

/** Whose slots are shown. */
export type SlotsOf = { readonly limit: string } | { readonly tag: string } | { readonly work_pool: string }

export function slotsHeld(of: SlotsOf) {
  return queryOptions({
    queryKey: ['slots', of],
    queryFn: ({ signal }) => client().concurrency.holders({ ...of, max: HOLDERS_MAX }, { signal }),
  })
}

export function releaseSlots(
  what: { readonly lease_id: string } | { readonly flow_run_id: string } | { readonly limit: string; readonly unaccounted_slots: number },
) {
  return client().concurrency.releaseHeld({ body: what })
}

/** A kind of infrastructure, as the server knows it beforehand. */
export interface PoolType {
  readonly type: string
  readonly name: string
  readonly description: string
  readonly template: Readonly<Record<string, unknown>>
}

/** The view is an object of packages, each with kinds by name. */
export function poolTypes() {
  return queryOptions({
    queryKey: ['pool-types'],
    queryFn: async ({ signal }): Promise<readonly PoolType[]> => {
      const view = await client().collections.view({ view: 'aggregate-worker-metadata' }, { signal })
      return Object.values(view)
        .flatMap((kinds) => Object.values(kinds as Readonly<Record<string, Readonly<Record<string, unknown>>>>)) // by the protocol
        .map((kind) => ({
          type: String(kind['type']),
          name: String(kind['display_name'] ?? kind['type']),
          description: String(kind['description'] ?? ''),
          template: (kind['default_base_job_configuration'] ?? {}) as Readonly<Record<string, unknown>>, // by the protocol
        }))
        .toSorted((one, other) => one.name.localeCompare(other.name))
    },
    staleTime: Infinity,
  })
}

export interface PoolChanges {
  readonly description?: string | null
  readonly is_paused?: boolean
  readonly concurrency_limit?: number | null
  readonly base_job_template?: Readonly<Record<string, unknown>>
}

export function createPool(pool: PoolChanges & { readonly name: string; readonly type: string }): Promise<WorkPool> {
  return client().workPools.create({ body: pool })
}

export function updatePool({ name, ...changes }: PoolChanges & { readonly name: string }) {
  return client().workPools.update({ name, body: changes })
}

export function removePool(name: string) {
  return client().workPools.remove({ name })
}

export interface QueueChanges {
  readonly name?: string
  readonly description?: string | null
  readonly is_paused?: boolean
  readonly concurrency_limit?: number | null
  readonly priority?: number | null
}

export function createQueue({ pool, ...queue }: QueueChanges & { readonly pool: string; readonly name: string }) {
  return client().poolQueues.create({ work_pool_name: pool, body: queue })
}

export function updateQueue({ id, ...changes }: QueueChanges & { readonly id: string }) {
  return client().workQueues.update({ id, body: changes })
}

export function removeQueue(id: string) {
  return client().workQueues.remove({ id })
}

export function removeWorker({ pool, name }: { readonly pool: string; readonly name: string }) {
  return client().workers.remove({ work_pool_name: pool, name })
}
