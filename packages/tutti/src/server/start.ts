import { join } from 'node:path'
import { SOCKET_NAME } from '../core/server-address.ts'
import type { Settings } from '../settings/load.ts'
import { systemClock } from '../system/clock.ts'
import { makePrivateFolder } from '../system/folder.ts'
import { createApp } from './app.ts'
import { listenOnPort, listenOnSocket } from './listen.ts'
import type { Listener } from './listen.ts'
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
  const listeners: Listener[] = []
  const close = async (): Promise<void> => {
    for (const listener of listeners) await listener.close()
    await orchestrator.close()
  }
  try {
    const listener = await listenOnPort(app.fetch, host, port)
    listeners.push(listener)
    // Scripts of this home find the server here.
    listeners.push(await listenOnSocket(app.fetch, join(settings.home, SOCKET_NAME)))
    return { url: `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}/api`, close }
  } catch (error) {
    await close()
    throw error
  }
}
