import { chmodSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { ServerType } from '@hono/node-server'
import { TuttiError } from '../core/errors.ts'

type Fetch = (request: Request) => Response | Promise<Response>

/** One place where requests are taken. */
export interface Listener {
  readonly server: ServerType
  /** The port, where it is one. */
  readonly port: number
  /** Takes no new connections, waits for the answers under way. */
  close(): Promise<void>
}

/** @throws `PORT_TAKEN` */
export async function listenOnPort(fetch: Fetch, host: string, port: number): Promise<Listener> {
  const server = createAdaptorServer({ fetch })
  try {
    await listening(server, () => server.listen(port, host))
  } catch (cause) {
    throw new TuttiError('PORT_TAKEN', `the server cannot listen on ${host}:${port}`, { cause })
  }
  const address = server.address() as AddressInfo // it listens on a port
  return { server, port: address.port, close: () => closed(server) }
}

/** A socket in the home, for programs of this machine and of this user only. Whoever starts a second server was refused before. */
export async function listenOnSocket(fetch: Fetch, path: string): Promise<Listener> {
  const server = createAdaptorServer({ fetch })
  // Left behind by a server that was killed.
  rmSync(path, { force: true })
  await listening(server, () => server.listen(path))
  chmodSync(path, 0o600)
  return { server, port: 0, close: () => closed(server) }
}

function listening(server: ServerType, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}

function closed(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Connections that are kept for a next request would keep it open.
    ;(server as Server).closeIdleConnections()
  })
}
