import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** What is answered instead: the service's own form of errors. */
export class ServiceError extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string = reason) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The connection is cut when so many bytes of the request have come. */
  readonly cutRequestAfter?: number | undefined
  /** A byte in the middle of the first part of its body is changed. */
  readonly corruptRequest?: boolean | undefined
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

export function sendNothing(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { ...headers, 'content-length': 0 })
  response.end()
}

export function sendError(response: ServerResponse, error: ServiceError): void {
  if (error.status === 304) return sendNothing(response, 304)
  const { status: code, message, reason } = error
  sendJson(response, code, { error: { code, message, errors: [{ message, domain: 'global', reason }] } })
}

/** The body of a request as it comes. */
export async function* chunksOf({ request, cutRequestAfter = Infinity, corruptRequest = false }: Call): AsyncGenerator<Buffer> {
  let left = cutRequestAfter
  let isCorrupt = !corruptRequest
  for await (const data of request) {
    const chunk = data as Buffer // no encoding is set
    if (!isCorrupt) chunk[Math.floor(chunk.length / 2)]! ^= 1
    isCorrupt = true
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left > 0) continue
    request.socket.destroy()
    return
  }
}

export async function readBody(call: Call): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of chunksOf(call)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function readJson(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const body = await readBody(call)
  const bytes = call.request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  if (bytes.length === 0) return {}
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown> // the service takes objects only
  } catch {
    throw new ServiceError(400, 'parseError', 'Parse Error')
  }
}
