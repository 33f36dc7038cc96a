// The protocol's web sockets. All begin alike: the client offers the subprotocol `prefect`, sends who it is, and is let in.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { ServerType } from '@hono/node-server'
import { isTuttiError } from '../core/errors.ts'
import type { Clock } from '../core/time.ts'
import { isSame } from './auth.ts'
import type { Guard } from './guard.ts'

const SUBPROTOCOL = 'prefect'
/** Of one frame: an event, with its labels and its payload. */
const FRAME_MAX_BYTES = 4 * 1024 * 1024
/** How often a client is asked whether it is still there, and how long it may take to say so. */
const PING_MS = 20_000
/** What a client may send ahead of what is done with it; then nothing more is read from it until half of that is left. */
const AHEAD_MAX = { frames: 1_000, bytes: 8 * 1024 * 1024 } as const

/** What a client may be closed with, as the protocol numbers it. */
export const CLOSED = { normal: 1000, goingAway: 1001, protocolError: 1002, refused: 1008, failed: 1011, wrongSubscription: 4001 } as const

/** Takes over a socket whose client was let in. Frames arrive one after the other. */
export type Conversation = (socket: WebSocket) => SocketHandler

export interface SocketHandler {
  /** A text frame. Throws for what it does not understand, which closes the socket. */
  message(text: string): void | Promise<void>
  /** The client asks whether all that it sent was taken: answered when this resolves. */
  settled?(): Promise<void>
  closed?(): void
}

export interface SocketOptions {
  readonly guard: Guard
  /** `user:password`; empty: nobody is asked. */
  readonly auth: string
  /** By their path below `/api`. */
  readonly conversations: Readonly<Record<string, Conversation>>
  readonly clock: Pick<Clock, 'timer'>
  readonly onError: (error: unknown, path: string) => void
}

export interface Sockets {
  attach(server: ServerType): void
  /** Closes all of them. */
  close(): void
}

export function createSockets({ guard, auth, conversations, clock, onError }: SocketOptions): Sockets {
  const upgrades = new WebSocketServer({
    noServer: true,
    autoPong: false,
    maxPayload: FRAME_MAX_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/+$/, '')
    const converse = path.startsWith('/api/') ? conversations[path.slice('/api'.length)] : undefined
    if (converse === undefined) return refuse(socket, '404 Not Found')
    try {
      guard.checkUpgrade({ host: request.headers.host ?? null, origin: request.headers.origin ?? null })
    } catch (error) {
      return refuse(socket, isTuttiError(error, 'HOST_REFUSED') ? '400 Bad Request' : '403 Forbidden')
    }
    upgrades.handleUpgrade(request, socket, head, (client) => {
      if (client.protocol !== SUBPROTOCOL && auth !== '') return client.close(CLOSED.protocolError)
      listen(client, converse, path)
    })
  }

  function listen(client: WebSocket, converse: Conversation, path: string): void {
    // Clients without the subprotocol do not say who they are.
    let handler = client.protocol === SUBPROTOCOL ? undefined : converse(client)
    const ahead = new Ahead(client)
    // One frame after the other, however long each takes; a pong says that all before it were taken.
    let turn: Promise<void> = Promise.resolve()
    let isFailed = false
    const next = (bytes: number, work: () => void | Promise<void>): void => {
      ahead.add(bytes)
      turn = turn
        .then(() => (isFailed ? undefined : work()))
        .catch((error: unknown) => {
          isFailed = true
          if (!isTuttiError(error, 'INVALID_REQUEST')) onError(error, path)
          client.close(isTuttiError(error, 'INVALID_REQUEST') ? CLOSED.protocolError : CLOSED.failed)
        })
        .finally(() => ahead.take(bytes))
    }
    client.on('message', (data, isBinary) => {
      if (isBinary) return client.close(CLOSED.protocolError)
      const text = frameText(data)
      if (handler !== undefined) {
        const known = handler
        return next(text.length, () => known.message(text))
      }
      if (!isLetIn(text, auth)) return client.close(CLOSED.refused)
      handler = converse(client)
      client.send('{"type":"auth_success"}')
    })
    client.on('ping', (data) =>
      next(data.length, async () => {
        await handler?.settled?.()
        if (client.readyState === client.OPEN) client.pong(data)
      }),
    )
    client.on('close', () => handler?.closed?.())
    client.on('error', () => client.terminate())
    endWhenSilent(client, clock, ahead)
  }

  return {
    attach: (server) => void server.on('upgrade', upgrade),
    close() {
      for (const client of upgrades.clients) client.close(CLOSED.goingAway)
      upgrades.close()
      // Those that do not answer would keep the process.
      for (const client of upgrades.clients) client.terminate()
    },
  }
}

/** Frames that were read and not yet dealt with. When there are many the client is not read from: its own network holds it up. */
class Ahead {
  readonly #client: WebSocket
  #frames = 0
  #bytes = 0

  constructor(client: WebSocket) {
    this.#client = client
  }

  /** Nothing is heard from the client, because nobody listens. */
  get isFull(): boolean {
    return this.#client.isPaused
  }

  add(bytes: number): void {
    this.#frames += 1
    this.#bytes += bytes
    if (this.#isBeyond(1)) this.#client.pause()
  }

  take(bytes: number): void {
    this.#frames -= 1
    this.#bytes -= bytes
    if (this.#client.isPaused && !this.#isBeyond(0.5)) this.#client.resume()
  }

  #isBeyond(part: number): boolean {
    return this.#frames > AHEAD_MAX.frames * part || this.#bytes > AHEAD_MAX.bytes * part
  }
}

/** A client whose machine has gone says nothing at all, not even that it closes: whoever hears nothing after a ping gives it up. */
function endWhenSilent(client: WebSocket, clock: Pick<Clock, 'timer'>, ahead: Ahead): void {
  let isAsked = false
  let cancel = clock.timer(PING_MS, ask)
  for (const sign of ['message', 'ping', 'pong'] as const) client.on(sign, () => void (isAsked = false))
  client.on('close', () => cancel())

  function ask(): void {
    if (isAsked && !ahead.isFull) return client.terminate()
    isAsked = true
    client.ping()
    cancel = clock.timer(PING_MS, ask)
  }
}

function frameText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8')
}

/** The first frame: `{"type": "auth", "token": …}`; any token will do where nobody is asked. */
function isLetIn(text: string, auth: string): boolean {
  try {
    const frame: unknown = JSON.parse(text)
    if (typeof frame !== 'object' || frame === null || !('type' in frame) || frame.type !== 'auth') return false
    return auth === '' || ('token' in frame && typeof frame.token === 'string' && isSame(frame.token, auth))
  } catch {
    return false
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
