import { parseInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { ago } from '../moment.ts'
import { LIMIT_DEFAULT, limitOption } from '../options.ts'
import { findPool } from '../pools.ts'
import { paint, printJson } from '../print.ts'
import { withServer } from '../server.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'
import { workerJson } from '../workers.ts'
import type { WorkerWire } from '../workers.ts'

/** Pools that are asked for their workers when none is named. */
const POOLS_MAX = 200

interface Placed {
  readonly pool: string
  readonly worker: WorkerWire
}

export const list = defineCommand({
  arguments: {},
  options: {
    pool: { short: 'p', value: 'NAME', doc: 'Only workers of this pool' },
    online: { doc: 'Only those that are there' },
    limit: { ...limitOption, doc: 'At most so many of each pool; default 20' },
    json: jsonOption,
  },
  examples: [],
  run: (world, { options: { pool, online, limit = LIMIT_DEFAULT, json } }) =>
    withServer(world, async (client) => {
      const pools =
        pool === undefined ? await client.workPools.list({ body: { limit: POOLS_MAX, offset: 0 } }) : [await findPool(client, pool)]
      const found: Placed[] = []
      for (const { name } of pools) {
        const filter = online ? { workers: { status: { any_: ['ONLINE' as const] } } } : {}
        const workers = await client.workers.list({ work_pool_name: name, body: { limit, offset: 0, ...filter } })
        found.push(...workers.map((worker) => ({ pool: name, worker })))
      }
      if (json) printJson(world.output, { items: found.map(({ pool: of, worker }) => ({ pool: of, ...workerJson(worker) })) })
      else
        printPage(
          world,
          { items: found, cursor: null },
          columns(world.clock.now()),
          'No workers. Start one with `tutti worker start --pool NAME`.',
        )
      return 0
    }),
})

function columns(now: Instant): readonly Column<Placed>[] {
  return [
    { title: 'STATUS', cell: ({ worker }, to) => paint(to, worker.status === 'ONLINE' ? 'green' : 'dim', worker.status.toLowerCase()) },
    { title: 'NAME', cell: ({ worker }) => worker.name },
    { title: 'POOL', cell: ({ pool }) => pool },
    { title: 'VERSION', cell: ({ worker }) => worker.tutti_version ?? '' },
    { title: 'HEARD OF', cell: ({ worker }) => ago(parseInstant(worker.last_heartbeat_time) ?? now, now) },
  ]
}
