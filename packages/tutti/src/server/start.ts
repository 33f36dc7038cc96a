import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { TuttiError } from '../core/errors.ts'
import type { Settings } from '../settings/load.ts'
import { systemClock } from '../system/clock.ts'
import { makePrivateFolder } from '../system/folder.ts'
import { createApp } from './app.ts'
import { openOrchestrator } from './open-orchestrator.ts'
import type { OnError } from './route.ts'
import { createWake } from './wake.ts'

export interface ServerOptions {
  readonly settings: Settings
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly onError: OnError
  /** Nothing can be written any more: the process must end. */
  readonly onLost: (error: Error) => void
}

export interface RunningServer {
  /** Up to and including `/api`. */
  readonly url: string
  /** Stops taking requests, ends those under way, lets go of the store. */
  close(): Promise<void>
}

/** Puts a server together: settings → store → orchestrator → app → listen. What it stops, it stops in reverse. */
export async function startServer({ settings, host, port, onError, onLost }: ServerOptions): Promise<RunningServer> {
  const clock = systemClock()
  await makePrivateFolder(settings.home)
  const wake = createWake(clock)
  const { orchestrator } = await openOrchestrator({ settings, clock, tell: wake.tell, onLost })
  const app = createApp(orchestrator, { clock, wake, onError })
  const server = createAdaptorServer({ fetch: app.fetch })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (cause) {
    await orchestrator.close()
    throw new TuttiError('INVALID_OPTION', `the server cannot listen on ${host}:${port}`, { cause })
  }
  const address = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/api`,
    async close() {
      wake.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await orchestrator.close()
    },
  }
}
