import type { Instant } from '../../core/time.ts'
import { parseInstant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { deploymentJson, fullName, scheduleText, withFlowNames } from '../deployments.ts'
import type { NamedDeployment } from '../deployments.ts'
import { ago } from '../moment.ts'
import { LIMIT_DEFAULT, limitOption } from '../options.ts'
import { paint, printJson } from '../print.ts'
import { withServer } from '../server.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'

export const list = defineCommand({
  arguments: {},
  options: {
    flow: { short: 'f', value: 'NAME', doc: 'Only deployments of this flow' },
    tag: { short: 't', value: 'TAG', repeatable: true, doc: 'Only those with this tag; given twice, with both' },
    pool: { short: 'p', value: 'NAME', doc: 'Only those of this work pool' },
    deleted: { doc: 'Those that were deleted and can be restored' },
    limit: limitOption,
    json: jsonOption,
  },
  examples: [{ command: 'tutti deployment ls --pool local', doc: 'What the workers of a pool run' }],
  run: (world, { options }) =>
    withServer(world, async (client) => {
      const limit = options.limit ?? LIMIT_DEFAULT
      const found = options.deleted
        ? await client.deployments.listPutAside({ body: { limit } })
        : await client.deployments.filter({
            body: {
              limit,
              ...(options.flow !== undefined && { flows: { name: { any_: [options.flow] } } }),
              ...(options.tag.length > 0 && { deployments: { tags: { all_: [...options.tag] } } }),
              ...(options.pool !== undefined && { work_pools: { name: { any_: [options.pool] } } }),
            },
          })
      const named = await withFlowNames(client, found)
      if (options.json) printJson(world.output, { items: named.map(deploymentJson) })
      else
        printPage(
          world,
          { items: named, cursor: null },
          columns(world.clock.now()),
          options.deleted ? 'No deployment was deleted lately.' : 'No deployments. Make some with `tutti deploy` or `flow.serve()`.',
        )
      return 0
    }),
})

function columns(now: Instant): readonly Column<NamedDeployment>[] {
  return [
    {
      title: 'STATUS',
      cell: ({ deployment: { paused, status } }, to) =>
        paused ? paint(to, 'yellow', 'paused') : status === 'READY' ? paint(to, 'green', 'ready') : paint(to, 'dim', 'not ready'),
    },
    { title: 'NAME', cell: fullName },
    { title: 'POOL', cell: ({ deployment }) => deployment.work_pool_name ?? '' },
    { title: 'VERSION', cell: ({ deployment }) => deployment.version ?? '' },
    { title: 'SCHEDULES', cell: ({ deployment }) => deployment.schedules.map(scheduleText).join(', ') },
    { title: 'CHANGED', cell: ({ deployment }) => ago(parseInstant(deployment.updated) ?? now, now) },
    { title: 'ID', cell: ({ deployment }) => deployment.id, whole: true },
  ]
}
