import { parseInstant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { ago } from '../moment.ts'
import { findPool, poolArgument, poolJson, queueJson, slotsText, statusText } from '../pools.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import { renderTable } from '../table.ts'
import { workerJson } from '../workers.ts'
import { QUEUE_COLUMNS } from './work-queue-ls.ts'

/** As many queues and workers as fit a screen. */
const SHOWN_MAX = 50

export const inspect = defineCommand({
  arguments: { pool: poolArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti work-pool inspect local', doc: 'A pool with its queues and workers' }],
  run: (world, { arguments: { pool: name }, options }) =>
    withServer(world, async (client) => {
      const pool = await findPool(client, name)
      const queues = await client.poolQueues.list({ work_pool_name: name, body: { limit: SHOWN_MAX, offset: 0 } })
      const workers = await client.workers.list({ work_pool_name: name, body: { limit: SHOWN_MAX, offset: 0 } })
      if (options.json) {
        printJson(world.output, { ...poolJson(pool), queues: queues.map(queueJson), workers: workers.map(workerJson) })
        return 0
      }
      const { output } = world
      const now = world.clock.now()
      printLine(output, pool.name)
      printFields(output, [
        ['id', pool.id],
        ['type', pool.type],
        ['description', pool.description ?? undefined],
        ['status', statusText(pool)],
        ['running', slotsText(pool)],
        [
          'workers',
          workers
            .map((each) => `${each.name} (${each.status.toLowerCase()}, ${ago(parseInstant(each.last_heartbeat_time) ?? now, now)})`)
            .join('\n') || 'none',
        ],
      ])
      output.write(`\n${renderTable(queues, QUEUE_COLUMNS, output)}`)
      return 0
    }),
})
