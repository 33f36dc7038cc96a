import { defineCommand, jsonOption } from '../command.ts'
import { DEPLOYMENT_REFERENCE, findDeployment, fullName } from '../deployments.ts'
import type { NamedDeployment } from '../deployments.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import type { World } from '../world.ts'

const argument = { doc: `deployments: of each ${DEPLOYMENT_REFERENCE}`, many: true } as const
const json = { ...jsonOption, doc: 'Print one JSON object per line, one for each deployment' } as const

export const pause = defineCommand({
  about: 'A paused deployment makes no runs by itself; those it made ahead are deleted. It can still be run by hand.',
  arguments: { deployments: argument },
  options: { json },
  examples: [{ command: 'tutti deployment pause etl/prod', doc: 'Stop its schedules' }],
  run: (world, { arguments: { deployments }, options }) => setPaused(world, deployments, { paused: true, asJson: options.json }),
})

export const resume = defineCommand({
  arguments: { deployments: argument },
  options: { json },
  examples: [{ command: 'tutti deployment resume etl/prod', doc: 'Let its schedules make runs again' }],
  run: (world, { arguments: { deployments }, options }) => setPaused(world, deployments, { paused: false, asJson: options.json }),
})

function setPaused(
  world: World,
  references: readonly string[],
  { paused, asJson }: { readonly paused: boolean; readonly asJson: boolean },
): Promise<number> {
  return withServer(world, async (client) => {
    // All are found before the first is changed: a mistyped name changes nothing.
    const found: NamedDeployment[] = []
    for (const reference of references) found.push(await findDeployment(client, reference))
    for (const named of found) {
      const { id } = named.deployment
      await (paused ? client.deployments.pause({ id }) : client.deployments.resume({ id }))
      if (asJson) printJson(world.output, { id, name: fullName(named), paused })
      else printLine(world.output, `${paused ? 'Paused' : 'Resumed'} ${fullName(named)}`)
    }
    return 0
  })
}
