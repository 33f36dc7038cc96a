import { defineCommand, jsonOption } from '../command.ts'
import { LIMIT_DEFAULT, limitOption } from '../options.ts'
import { poolJson, slotsText, statusText } from '../pools.ts'
import type { PoolWire } from '../pools.ts'
import { printJson } from '../print.ts'
import { withServer } from '../server.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'

export const list = defineCommand({
  arguments: {},
  options: {
    type: { value: 'TYPE', repeatable: true, doc: 'Only pools of this type' },
    limit: limitOption,
    json: jsonOption,
  },
  examples: [],
  run: (world, { options }) =>
    withServer(world, async (client) => {
      const pools = await client.workPools.list({
        body: {
          limit: options.limit ?? LIMIT_DEFAULT,
          offset: 0,
          ...(options.type.length > 0 && { work_pools: { type: { any_: [...options.type] } } }),
        },
      })
      if (options.json) printJson(world.output, { items: pools.map(poolJson) })
      else printPage(world, { items: pools, cursor: null }, COLUMNS, 'No work pools. Make one with `tutti work-pool create NAME`.')
      return 0
    }),
})

const COLUMNS: readonly Column<PoolWire>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'STATUS', cell: statusText },
  { title: 'RUNNING', cell: slotsText, align: 'right' },
  { title: 'DESCRIPTION', cell: ({ description }) => description ?? '' },
]
