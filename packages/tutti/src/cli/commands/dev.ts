import path from 'node:path'
import { defineCommand } from '../command.ts'
import { serverOptions, untilStopped, withOwnServer } from '../own-server.ts'
import { UsageError } from '../usage-error.ts'
import type { ProgramNews } from '../world.ts'

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
      const program = await world.watchProgram({
        file,
        // It finds the server in its home.
        environment: { ...world.environment, TUTTI_HOME: server.settings.home },
        clock: world.clock,
        onNews: (news) => world.output.write(`${told(file, news)}\n`),
      })
      await untilStopped(server)
      await program.stop()
    })
  },
})

function told(file: string, news: ProgramNews): string {
  if (news.type === 'changed') return `${path.relative('', news.file)} has changed: runs ${file} again`
  const how = news.signal === null ? (news.code === 0 ? '' : ` with exit code ${news.code}`) : ` by ${news.signal}`
  return `${file} has ended${how}; it is run again at the next change`
}
