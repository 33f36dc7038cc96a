import { loadSettings } from '../settings/load.ts'
import type { Settings } from '../settings/load.ts'
import { schema } from '../settings/schema.ts'
import { UsageError } from './usage-error.ts'
import { ownVersion } from './version.ts'
import type { World } from './world.ts'

/** How the commands that are a server are told to be one. */
export const serverOptions = {
  host: { value: 'ADDRESS', doc: 'the address to listen on (default 127.0.0.1)' },
  port: { value: 'PORT', parse: portNumber, doc: 'the port to listen on (default 4200, or the next one that is free)' },
  databaseUrl: { value: 'URL', parse: databaseUrl, doc: 'the database, instead of the setting: file:PATH or postgres://…' },
} as const

export interface OwnServer {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly databaseUrl: string | undefined
  readonly unprotected: boolean
  readonly services: boolean
}

export interface ServerInUse {
  /** Up to and including `/api`. */
  readonly url: string
  readonly settings: Settings
  /** Aborts when the process is asked to stop. */
  readonly stopped: AbortSignal
}

/** Is a server until the process is asked to stop and `use` has come to its end. */
export async function withOwnServer(world: World, options: OwnServer, use: (server: ServerInUse) => Promise<void>): Promise<number> {
  const { startServer } = await import('../server/index.ts')
  const { databaseUrl, host = '127.0.0.1', port, unprotected, services } = options
  const environment = databaseUrl === undefined ? world.environment : { ...world.environment, TUTTI_DATABASE_URL: databaseUrl }
  const settings = loadSettings(environment, world.readFile)
  const stopped = new AbortController()
  let isReady = false
  const stopListening = world.listen({
    // Until it is ready nobody has been answered, and a database that is away may be waited for long.
    onStop: (signal, again) => (again || !isReady ? world.exit(signal === 'SIGINT' ? 130 : 143) : stopped.abort()),
    onIdle: () => undefined,
    onExit: () => undefined,
  })
  const server = await startServer({
    settings,
    host,
    port,
    unprotected,
    services,
    onLost: (error) => {
      world.errors.write(`the server cannot go on: ${error.stack ?? error.message}\n`)
      world.exit(1)
    },
    version: ownVersion(),
    writeLog: (line) => world.errors.write(line),
  })
  isReady = true
  world.output.write(`Tutti is ready at ${server.url}\n`)
  world.output.write(`The dashboard is at ${server.url.replace(/\/api$/, '')}\n`)
  try {
    await use({ url: server.url, settings, stopped: stopped.signal })
    return 0
  } finally {
    await server.close()
    stopListening()
  }
}

export function untilStopped({ stopped }: ServerInUse): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) resolve()
    else stopped.addEventListener('abort', () => resolve(), { once: true })
  })
}

const PORT_MAX = 65_535

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > PORT_MAX)
    throw new UsageError(`'${text}' is not a port`, `A port is a whole number up to ${PORT_MAX}; 0 takes any that is free.`)
  return Number(text)
}

function databaseUrl(text: string): string {
  const read = schema.databaseUrl.parse(text)
  if ('problem' in read) throw new UsageError(`it ${read.problem}`)
  return text
}
