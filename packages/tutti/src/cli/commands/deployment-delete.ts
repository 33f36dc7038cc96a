import { PUT_ASIDE_DAYS } from '../../core/deploy.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { deploymentArgument, DEPLOYMENT_REFERENCE, findDeleted, findDeployment, fullName } from '../deployments.ts'
import type { NamedDeployment } from '../deployments.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'

export const remove = defineCommand({
  about: `Its runs stay. For ${PUT_ASIDE_DAYS} days \`tutti deployment restore\` brings it back, unless --now is given.`,
  arguments: { deployments: { doc: `deployments: of each ${DEPLOYMENT_REFERENCE}`, many: true } },
  options: {
    now: { doc: 'Delete it for good at once' },
    json: { ...jsonOption, doc: 'Print one JSON object per line, one for each deployment' },
  },
  examples: [{ command: 'tutti deployment delete etl/old', doc: 'Delete a deployment' }],
  run: (world, { arguments: { deployments: references }, options }) =>
    withServer(world, async (client) => {
      const found: NamedDeployment[] = []
      for (const reference of references) found.push(await findDeployment(client, reference))
      for (const named of found) {
        const { id } = named.deployment
        await (options.now ? client.deployments.remove({ id }) : client.deployments.putAside({ id }))
        if (options.json) printJson(world.output, { deleted: id, name: fullName(named), restorable: !options.now })
        else printLine(world.output, `Deleted ${fullName(named)}`)
      }
      if (!options.json && !options.now)
        printLine(world.errors, `For ${PUT_ASIDE_DAYS} days it can be brought back with: tutti deployment restore NAME`)
      return 0
    }),
})

export const restore = defineCommand({
  arguments: { deployment: deploymentArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti deployment restore etl/old', doc: 'Bring back a deployment that was deleted' }],
  run: (world, { arguments: { deployment: reference }, options }) =>
    withServer(world, async (client) => {
      const named = await findDeleted(client, reference)
      await client.deployments.restore({ id: named.deployment.id })
      if (options.json) printJson(world.output, { id: named.deployment.id, name: fullName(named) })
      else printLine(world.output, `Restored ${fullName(named)}`)
      return 0
    }),
})
