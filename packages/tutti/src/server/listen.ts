import { chmodSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { Clock } from '../core/time.ts'

/** One place where requests are taken. */
export interface Listener {
  readonly server: Server
  /** The port, where it is one. */
  readonly port: number
  /** Takes no new connections, waits for the answers under way, though not for ever. */
  close(graceMs: number): Promise<void>
}

/** @throws `PORT_TAKEN`, or `ADDRESS_UNUSABLE` where no port would help. */
export async function listenOnPort(server: Server, host: string, port: number, clock: Clock): Promise<Listener> {
  try {
    await listening(server, () => server.listen(port, host))
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' // thrown by `listen`
    throw new TuttiError(isTaken ? 'PORT_TAKEN' : 'ADDRESS_UNUSABLE', `the server cannot listen on ${host}:${port}`, { cause })
  }
  const address = server.address() as AddressInfo // it listens on a port
  return { server, port: address.port, close: (graceMs) => closed(server, clock, graceMs) }
}

const USUAL_PORT = 4200
const PORTS_TRIED = 100

/** The port that everybody expects, or the next one that is free. */
export async function listenOnUsualPort(server: Server, host: string, clock: Clock): Promise<Listener> {
  for (let port = USUAL_PORT; ; port += 1) {
    try {
      return await listenOnPort(server, host, port, clock)
    } catch (error) {
      if (!isTuttiError(error, 'PORT_TAKEN') || port >= USUAL_PORT + PORTS_TRIED) throw error
    }
  }
}

/** A socket in the home, for programs of this machine and of this user only. Whoever starts a second server was refused before. */
export async function listenOnSocket(server: Server, path: string, clock: Clock): Promise<Listener> {
  // Left behind by a server that was killed.
  rmSync(path, { force: true })
  await listening(server, () => server.listen(path))
  chmodSync(path, 0o600)
  return { server, port: 0, close: (graceMs) => closed(server, clock, graceMs) }
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}

/** How often connections that have become idle are looked for. */
const SWEEP_MS = 20

function closed(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancelGrace = clock.timer(graceMs, () => server.closeAllConnections())
    let cancelSweep: () => void = () => undefined
    // Connections that are kept for a next request would keep it open.
    const sweep = (): void => {
      server.closeIdleConnections()
      cancelSweep = clock.timer(SWEEP_MS, sweep)
    }
    server.close(() => {
      cancelGrace()
      cancelSweep()
      resolve()
    })
    sweep()
  })
}
