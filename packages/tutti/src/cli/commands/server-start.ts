import { defineCommand } from '../command.ts'
import { ownVersion } from '../version.ts'
import { loadSettings } from '../../settings/load.ts'

export const start = defineCommand({
  arguments: {},
  options: {
    host: { value: 'ADDRESS', doc: 'the address to listen on (default 127.0.0.1)' },
    port: { value: 'PORT', doc: 'the port to listen on (default 4200, or the next one that is free)' },
    unprotected: { doc: 'listen on an address that others reach, without an auth string' },
    noServices: { doc: 'leave schedules, leases and retention to other servers of the same database' },
    databaseUrl: { value: 'URL', doc: 'the database, instead of the setting: file:PATH or postgres://…' },
  },
  examples: [],
  async run(world, { options }) {
    const { startServer } = await import('../../server/index.ts')
    const environment =
      options.databaseUrl === undefined ? world.environment : { ...world.environment, TUTTI_DATABASE_URL: options.databaseUrl }
    const settings = loadSettings(environment, world.readFile)
    const stopped = Promise.withResolvers<number>()
    const stopListening = world.listen({
      onStop: (_signal, again) => (again ? world.exit(130) : stopped.resolve(0)),
      onIdle: () => undefined,
      onExit: () => undefined,
    })
    const server = await startServer({
      settings,
      host: options.host ?? '127.0.0.1',
      port: options.port === undefined ? undefined : Number(options.port),
      unprotected: options.unprotected,
      services: !options.noServices,
      onLost: (error) => {
        world.errors.write(`the server cannot go on: ${error.stack ?? error.message}\n`)
        world.exit(1)
      },
      version: ownVersion(),
      writeLog: (line) => world.errors.write(line),
    })
    world.output.write(`Tutti is ready at ${server.url}\n`)
    try {
      return await stopped.promise
    } finally {
      await server.close()
      stopListening()
    }
  },
})
