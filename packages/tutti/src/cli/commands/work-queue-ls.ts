import { defineCommand, jsonOption } from '../command.ts'
import { LIMIT_DEFAULT, limitOption } from '../options.ts'
import { findPool, queueJson, slotsText, statusText } from '../pools.ts'
import type { QueueWire } from '../pools.ts'
import { printJson } from '../print.ts'
import { withServer } from '../server.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'

export const list = defineCommand({
  arguments: {},
  options: { pool: { short: 'p', value: 'NAME', doc: 'Only queues of this work pool, by priority' }, limit: limitOption, json: jsonOption },
  examples: [],
  run: (world, { options: { pool, limit = LIMIT_DEFAULT, json } }) =>
    withServer(world, async (client) => {
      if (pool !== undefined) await findPool(client, pool)
      const queues =
        pool === undefined
          ? await client.workQueues.list({ body: { limit, offset: 0 } })
          : await client.poolQueues.list({ work_pool_name: pool, body: { limit, offset: 0 } })
      if (json) printJson(world.output, { items: queues.map(queueJson) })
      else printPage(world, { items: queues, cursor: null }, QUEUE_COLUMNS, 'No work queues.')
      return 0
    }),
})

export const QUEUE_COLUMNS: readonly Column<QueueWire>[] = [
  { title: 'QUEUE', cell: ({ name }) => name },
  { title: 'POOL', cell: ({ work_pool_name: pool }) => pool },
  { title: 'PRIORITY', cell: ({ priority }) => String(priority), align: 'right' },
  { title: 'STATUS', cell: statusText },
  { title: 'RUNNING', cell: slotsText, align: 'right' },
]
