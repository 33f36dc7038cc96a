import { defineCommand } from '../command.ts'
import { serverOptions, untilStopped, withOwnServer } from '../own-server.ts'

export const start = defineCommand({
  about: 'Ctrl-C, SIGTERM or `tutti server stop` end it in order; a second Ctrl-C ends it at once.',
  arguments: {},
  options: {
    ...serverOptions,
    unprotected: { doc: 'listen on an address that others reach, without an auth string' },
    noServices: { doc: 'leave schedules, leases and retention to other servers of the same database' },
  },
  examples: [
    { command: 'tutti server start', doc: 'Serve the database of this home' },
    { command: 'TUTTI_API_AUTH_STRING=ada:secret tutti server start --host 0.0.0.0', doc: 'For other machines too' },
  ],
  run: (world, { options: { noServices, ...options } }) => withOwnServer(world, { ...options, services: !noServices }, untilStopped),
})
