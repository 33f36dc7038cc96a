import { homeOf } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { printLine } from '../print.ts'
import { maintenanceLines, statusJson } from './maintenance.ts'

export const status = defineCommand({
  about: 'Looks at the server of this TUTTI_HOME. The exit code is 1 when there is none.',
  arguments: {},
  options: { json: jsonOption },
  examples: [{ command: 'tutti server status', doc: 'Tell whether the server of this home runs, and where' }],
  async run(world, { options }) {
    const { findServer } = await import('../../server/index.ts')
    const home = homeOf(world.environment)
    const found = findServer(home)
    // One that is starting cannot be asked yet.
    const isUp = found !== undefined && found.url !== null
    const maintenance = isUp ? await withTutti(world, ({ orchestrator }) => orchestrator.maintenanceMode.status(null)) : undefined
    if (options.json) {
      const shown =
        found === undefined
          ? { running: false, home }
          : {
              running: true,
              home,
              pid: found.holder.pid,
              url: found.url,
              maintenance: maintenance === undefined ? null : statusJson(maintenance),
            }
      world.output.write(`${JSON.stringify(shown)}\n`)
    } else if (found === undefined) world.output.write(`No server runs over ${home}.\n`)
    else {
      world.output.write(`Process ${found.holder.pid} is the server of ${home}, ${found.url === null ? 'starting' : `at ${found.url}`}.\n`)
      if (maintenance !== undefined)
        for (const line of maintenanceLines(world.output, maintenance, world.clock.now())) printLine(world.output, line)
    }
    return found === undefined ? 1 : 0
  },
})
