import { defineCommand, jsonOption } from '../command.ts'
import { findPool, poolArgument } from '../pools.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

export const pause = defineCommand({
  about: 'Nothing is taken from a paused pool; what runs goes on, what is due waits.',
  arguments: { pool: poolArgument },
  options: { json: jsonOption },
  examples: [],
  run: (world, { arguments: { pool }, options }) => setPaused(world, pool, { paused: true, asJson: options.json }),
})

export const resume = defineCommand({
  arguments: { pool: poolArgument },
  options: { json: jsonOption },
  examples: [],
  run: (world, { arguments: { pool }, options }) => setPaused(world, pool, { paused: false, asJson: options.json }),
})

function setPaused(
  world: World,
  name: string,
  { paused, asJson }: { readonly paused: boolean; readonly asJson: boolean },
): Promise<number> {
  return withServer(world, async (client) => {
    await findPool(client, name)
    await client.workPools.update({ name, body: { is_paused: paused } })
    if (asJson) printJson(world.output, { name, paused })
    else printLine(world.output, `${paused ? 'Paused' : 'Resumed'} work pool ${name}`)
    return 0
  })
}

export const remove = defineCommand({
  about: 'Deletes a pool with its queues. Runs stay; deployments of it are in no pool any more.',
  arguments: { pool: poolArgument },
  options: { yes: { short: 'y', doc: 'Do not ask' }, json: jsonOption },
  examples: [],
  run: (world, { arguments: { pool: name }, options }) =>
    withServer(world, async (client) => {
      await findPool(client, name)
      const deployments = await client.deployments.count({ body: { work_pools: { name: { any_: [name] } } } })
      if (!options.yes && deployments > 0) {
        if (!world.interactive)
          throw new UsageError(`${deployments} deployments are in work pool ${name}, and there is nobody to ask`, 'Say so with --yes.')
        const answer = await world.ask(`${deployments} deployments are in work pool ${name}. Delete it? [y/N] `)
        if (!answer.trim().toLowerCase().startsWith('y')) {
          printLine(world.errors, 'Nothing was deleted.')
          return 1
        }
      }
      await client.workPools.remove({ name })
      if (options.json) printJson(world.output, { deleted: name, deployments })
      else printLine(world.output, `Deleted work pool ${name}`)
      return 0
    }),
})
