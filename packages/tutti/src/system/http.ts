import { connect as connectPlainly, isIP } from 'node:net'
import type { Socket } from 'node:net'
import type { Send, WireRequest, WireResponse } from '../core/wire.ts'
import { AnswerReader } from './http-answer.ts'
import type { HttpAnswer } from './http-answer.ts'

export interface NodeSendOptions {
  /** Up to and including `/api`; the host is only a name when there is a socket. */
  readonly url: string
  /** A Unix socket to send through instead of a port. */
  readonly socketPath?: string
  /** How long a connection may be silent while an answer is awaited. */
  readonly silenceMs: number
}

export interface NodeSender {
  readonly send: Send
  /** Ends connections that are kept for the next request. */
  close(): void
}

const CONNECTIONS_MAX = 16
/** A server says how long it keeps a connection that is not used; one that is near its end is not used any more. */
const KEPT_MS = 5_000
const KEPT_MARGIN_MS = 1_000

/** A connection and what is done when it brings or ends something. */
interface Line {
  readonly socket: Socket
  onData: (piece: Buffer) => void
  onEnd: (error: Error | undefined) => void
}

/**
 * Requests over connections that are kept, spoken to the socket itself: a third of the work that `node:http` makes of one, and a tenth of
 * what `fetch` does. A flow waits for each of its results once.
 */
export function nodeSender({ url, socketPath, silenceMs }: NodeSendOptions): NodeSender {
  const { protocol, host, hostname, port, pathname } = new URL(url)
  const isSecure = protocol === 'https:'
  const name = hostname.replace(/^\[|\]$/g, '')
  const place = socketPath === undefined ? { host: name, port: port === '' ? (isSecure ? 443 : 80) : Number(port) } : { path: socketPath }
  const base = pathname.replace(/\/+$/, '')
  /** Connections without a request; the newest last. */
  const idle: Line[] = []
  const waiting: ((line: Line | undefined) => void)[] = []
  let open = 0

  async function openLine(): Promise<Line> {
    const options = { ...place, noDelay: true }
    // Most servers of flows are near; encryption is loaded when it is needed.
    const socket = isSecure
      ? (await import('node:tls')).connect({ ...options, ...(isIP(name) === 0 ? { servername: name } : undefined) })
      : connectPlainly(options)
    const line: Line = { socket, onData: () => undefined, onEnd: () => undefined }
    let failure: Error | undefined
    socket.on('data', (piece: Buffer) => line.onData(piece))
    socket.on('end', () => line.onEnd(undefined))
    socket.on('error', (error) => (failure = error))
    socket.on('timeout', () => socket.destroy(new Error(`no answer for ${silenceMs / 1000} s`)))
    socket.on('close', () => {
      line.onEnd(failure ?? new Error('the connection was closed'))
      forget(line)
    })
    return line
  }

  function forget(line: Line): void {
    const at = idle.indexOf(line)
    if (at !== -1) idle.splice(at, 1)
    open -= 1
    waiting.shift()?.(undefined)
  }

  async function take(): Promise<Line> {
    for (;;) {
      const kept = idle.pop()
      if (kept !== undefined) return kept
      if (open < CONNECTIONS_MAX) {
        open += 1
        return openLine()
      }
      const handed = await new Promise<Line | undefined>((resolve) => waiting.push(resolve))
      if (handed !== undefined) return handed
    }
  }

  function giveBack(line: Line, { reusable, headers }: HttpAnswer): void {
    const { socket } = line
    if (!reusable || socket.destroyed) return void socket.destroy()
    const next = waiting.shift()
    if (next !== undefined) return next(line)
    line.onData = () => socket.destroy()
    line.onEnd = () => socket.destroy()
    const saidMs = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1] ?? KEPT_MS / 1000) * 1000
    socket.setTimeout(Math.max(1, saidMs - KEPT_MARGIN_MS))
    // What is not used must not keep the process alive.
    socket.unref()
    idle.push(line)
  }

  async function send({ method, path, headers, body, signal }: WireRequest): Promise<WireResponse> {
    const head = headOf(method, `${base}${path}`, { Host: host, ...headers })
    signal?.throwIfAborted()
    const line = await take()
    const answer = await exchange(line, { head, body, silenceMs, signal })
    giveBack(line, answer)
    return responseOf(answer)
  }

  return {
    send,
    close() {
      for (const { socket } of idle) socket.destroy()
    },
  }
}

interface Outgoing {
  readonly head: string
  readonly body: WireRequest['body']
  readonly silenceMs: number
  readonly signal: AbortSignal | undefined
}

/** One request and its answer. A connection that failed is of no more use. */
function exchange(line: Line, { head, body, silenceMs, signal }: Outgoing): Promise<HttpAnswer> {
  const { socket } = line
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader()
    const stop = (): void => fail(signal?.reason instanceof Error ? signal.reason : new Error('the request was given up'))
    const finish = (read: () => HttpAnswer | undefined): void => {
      try {
        const answer = read()
        if (answer === undefined) return
        signal?.removeEventListener('abort', stop)
        resolve(answer)
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const fail = (error: Error): void => {
      signal?.removeEventListener('abort', stop)
      reject(error)
      socket.destroy()
    }
    line.onData = (piece) => finish(() => reader.read(piece))
    line.onEnd = (error) => (error === undefined ? finish(() => reader.end()) : fail(error))
    signal?.addEventListener('abort', stop, { once: true })
    socket.ref()
    socket.setTimeout(silenceMs)
    if (typeof body === 'string') return void socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    socket.cork()
    socket.write(`${head}${body === undefined ? '' : `Content-Length: ${body.length}\r\n`}\r\n`)
    if (body !== undefined) socket.write(body)
    socket.uncork()
  })
}

/** What would end a line of the head early is no part of one. */
const UNFIT_VALUE = /[^\t\x20-\x7e]/
const UNFIT_PATH = /[^\x21-\x7e]/

function headOf(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  if (UNFIT_PATH.test(path)) throw new Error(`a request cannot ask for ${JSON.stringify(path)}`)
  let head = `${method} ${path} HTTP/1.1\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (UNFIT_VALUE.test(value)) throw new Error(`the header ${name} of a request cannot be spelled`)
    head += `${name}: ${value}\r\n`
  }
  return head
}

function responseOf({ status, headers, body }: HttpAnswer): WireResponse {
  return {
    status,
    header: (name) => headers.get(name.toLowerCase()) ?? null,
    bytes: async () => body,
    text: async () => body.toString('utf8'),
  }
}
