// Pools, their queues and workers, as Home sums them up.
import { queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'
import type { Worker, WorkPool } from './values.ts'

export interface PoolHealth {
  readonly pool: WorkPool
  readonly workers: readonly Worker[]
}

/** More are on their own page. */
const POOLS_MAX = 50
const WORKERS_MAX = 200

export function poolHealth() {
  return queryOptions({
    queryKey: ['work-pools', 'health'],
    queryFn: async ({ signal }): Promise<readonly PoolHealth[]> => {
      const pools = await client().workPools.list({ body: { limit: POOLS_MAX, offset: 0 } }, { signal })
      return Promise.all(
        pools.map(async (pool) => ({
          pool,
          workers: await client().workers.list({ work_pool_name: pool.name, body: { limit: WORKERS_MAX, offset: 0 } }, { signal }),
        })),
      )
    },
  })
}

/** How many runs of each pool wait for a slot or a worker. */
export function waitingInPools(pools: readonly string[]) {
  return queryOptions({
    queryKey: ['flow-runs', 'waiting-in-pools', pools],
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, number>> =>
      new Map(
        await Promise.all(
          pools.map(async (name) => {
            const body = {
              work_pools: { name: { any_: [name] } },
              flow_runs: {
                state: { type: { any_: ['SCHEDULED' as const] } },
                next_scheduled_start_time: { before_: new Date().toISOString() },
              },
            }
            return [name, await client().flowRuns.count({ body }, { signal })] as const
          }),
        ),
      ),
    enabled: pools.length > 0,
  })
}
