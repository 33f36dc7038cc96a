import { homeOf } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { printFields, printJson } from '../print.ts'
import { ownVersion } from '../version.ts'

export const version = defineCommand({
  arguments: {},
  options: { json: jsonOption },
  examples: [],
  run: async (world, { options }) => {
    const facts = {
      tutti: ownVersion(),
      node: process.versions.node,
      sqlite: process.versions['sqlite'] ?? '',
      platform: `${process.platform} ${process.arch}`,
      home: homeOf(world.environment),
    }
    if (options.json) printJson(world.output, facts)
    else printFields(world.output, Object.entries(facts))
    return 0
  },
})
