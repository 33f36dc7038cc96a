import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { defineCommand } from '../command.ts'
import { serverOptions, untilStopped, withOwnServer } from '../own-server.ts'
import type { ServerInUse } from '../own-server.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

export const dev = defineCommand({
  about:
    'Starts a server, and runs the file in a process of its own: its flows go through the server. When the file or something it imports is\n' +
    'saved, it is run again. Without a file it is `tutti server start`.',
  arguments: { file: { doc: 'the program to run, again at each change', optional: true } },
  options: serverOptions,
  examples: [
    { command: 'tutti dev flows.ts', doc: 'Work on the flows of a file' },
    { command: 'tutti dev', doc: 'Only the server' },
  ],
  async run(world, { arguments: { file }, options }) {
    if (file !== undefined && world.readFile(file) === undefined)
      throw new UsageError(`there is no file ${file}`, 'Give the path of a program.')
    return withOwnServer(world, { ...options, unprotected: false, services: true }, async (server) => {
      world.output.write(`The reference of its API is at ${server.url.replace(/\/api$/, '/docs/api')}\n`)
      if (file === undefined) {
        world.output.write('Name a file to have it run, again at each change: tutti dev flows.ts\n')
        await untilStopped(server)
        return
      }
      world.output.write(`Runs ${file}, again at each change\n`)
      const program = watched(file, world, server)
      const ended = new Promise<void>((resolve) => program.once('exit', () => resolve()))
      await Promise.race([untilStopped(server), ended])
      program.kill('SIGTERM')
      await ended
    })
  },
})

/** Node looks at every file that the program loads. It finds the server in its home. */
function watched(file: string, { environment }: World, { settings }: ServerInUse): ChildProcess {
  return spawn(process.execPath, ['--watch', '--watch-preserve-output', file], {
    stdio: 'inherit',
    env: { ...environment, TUTTI_HOME: settings.home },
  })
}
