import { loadSettings } from '../../settings/load.ts'
import { defineCommand } from '../command.ts'

/** Beyond what the server waits for its requests. */
const CLOSING_MS = 10_000

export const stop = defineCommand({
  about: 'Stops the server of this TUTTI_HOME: it takes no more requests, ends those under way and closes its database.',
  arguments: {},
  options: {},
  examples: [{ command: 'tutti server stop', doc: 'Stop the server of this home' }],
  async run(world) {
    const { stopServer } = await import('../../server/index.ts')
    const { home, serverStopGraceMs } = loadSettings(world.environment, world.readFile)
    const stopped = await stopServer(home, serverStopGraceMs + CLOSING_MS, world.clock)
    world.output.write(stopped === undefined ? `No server runs over ${home}.\n` : `Stopped process ${stopped.holder.pid}.\n`)
    return 0
  },
})
