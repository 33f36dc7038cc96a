import type { Client } from '../../client/index.ts'
import { homeOf, loadSettings } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { messageOf } from '../error-report.ts'
import { printLine } from '../print.ts'
import type { World } from '../world.ts'

/** A server that is stopped, or waits for its database, is not waited for. */
const ANSWER_MS = 3_000

type Maintenance = Awaited<ReturnType<Client['maintenance']['read']>>

export const status = defineCommand({
  about: 'Looks at the server of this TUTTI_HOME, and whether it is in maintenance. The exit code is 1 when there is none.',
  arguments: {},
  options: { json: jsonOption },
  examples: [{ command: 'tutti server status', doc: 'Tell whether the server of this home runs, and where' }],
  async run(world, { options }) {
    const { findServer } = await import('../../server/index.ts')
    const home = homeOf(world.environment)
    const found = findServer(home)
    // One that is starting cannot be asked yet.
    const asked = found === undefined || found.url === null ? undefined : await maintenanceOf(world, found.url)
    if (options.json) {
      const maintenance = asked === undefined || 'problem' in asked ? null : asked
      const shown =
        found === undefined ? { running: false, home } : { running: true, home, pid: found.holder.pid, url: found.url, maintenance }
      world.output.write(`${JSON.stringify(shown)}\n`)
    } else if (found === undefined) world.output.write(`No server runs over ${home}.\n`)
    else {
      world.output.write(`Process ${found.holder.pid} is the server of ${home}, ${found.url === null ? 'starting' : `at ${found.url}`}.\n`)
      if (asked !== undefined) for (const line of linesOf(asked)) printLine(world.output, line)
    }
    return found === undefined ? 1 : 0
  },
})

type Asked = Maintenance | { readonly problem: string }

/** As the server itself tells: what the settings name may be another one. */
async function maintenanceOf(world: World, url: string): Promise<Asked> {
  const { createClient } = await import('../../client/index.ts')
  const { apiAuthString: auth, apiKey: key } = loadSettings(world.environment, (path) => world.readFile(path))
  const controller = new AbortController()
  const stopTimer = world.clock.timer(ANSWER_MS, () => controller.abort(new Error(`there was no answer within ${ANSWER_MS / 1000} s`)))
  try {
    const client = createClient({ url, waitMs: 0, ...(auth === '' ? undefined : { auth }), ...(key === '' ? undefined : { key }) })
    return await client.maintenance.read({}, { signal: controller.signal })
  } catch (error) {
    return { problem: messageOf(error) }
  } finally {
    stopTimer()
  }
}

function linesOf(asked: Asked): readonly string[] {
  if ('problem' in asked) return [`It could not be asked for more: ${asked.problem}`]
  return asked.modes.map(({ work_pool_name: pool, message, started }) => {
    const what = pool === null ? 'Everything' : `The work pool ${pool}`
    return `${what} is in maintenance since ${started.slice(0, 19)}Z${message === null ? '' : `: ${message}`}. Nothing new starts.`
  })
}
