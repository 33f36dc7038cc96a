// A web server whose answers a test decides, one after the other.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface Web {
  readonly url: string
  readonly requests: readonly IncomingMessage[]
}

/** The last answer is given for all that follow. */
export async function serve(...answers: readonly Answer[]): Promise<Web> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answers[Math.min(requests.length, answers.length) - 1]!(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { url: `http://127.0.0.1:${address.port}`, requests }
}

export const busy: Answer = (_request, response) => void response.writeHead(503, { 'retry-after': '0' }).end('busy')

export function whole(body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_request, response) => void response.writeHead(200, { 'content-length': body.length, etag: '"1"', ...headers }).end(body)
}

/** Sends some bytes and drops the line; what is on its way then may be lost. */
export function cutAfter(bytes: number, body: Uint8Array, until: Promise<void> = Promise.resolve()): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': body.length, etag: '"1"' })
    response.write(body.subarray(0, bytes), () => void until.then(() => response.destroy()))
  }
}

/** As servers of files do: the part that is asked for. */
export function ranged(body: Uint8Array): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const isPart = start > 0 && request.headers['if-range'] === '"1"'
    const part = isPart ? body.subarray(start) : body
    response.writeHead(isPart ? 206 : 200, {
      'content-length': part.length,
      etag: '"1"',
      ...(isPart && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    })
    response.end(part)
  }
}

/** Sends some bytes, and nothing more. */
export function silentAfter(bytes: number, body: Uint8Array): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': body.length })
    response.write(body.subarray(0, bytes))
  }
}
