import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { Refusal } from './refusal.ts'

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // a request gives buffers
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

/** The caller says what it is: this server's one client is Google's own. */
export async function jsonOf<T extends object>(request: IncomingMessage): Promise<T> {
  const body = await bodyOf(request)
  return (body.length === 0 ? {} : JSON.parse(body.toString())) as T // see above
}

export function send(response: ServerResponse, status: number, value?: unknown): void {
  const body = value === undefined ? '' : JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

export function sendError(response: ServerResponse, error: unknown): void {
  const { status, reason, message } = error instanceof Refusal ? error : { status: 500, reason: 'internalError', message: String(error) }
  send(response, status, { error: { code: status, message, errors: [{ message, domain: 'global', reason }], status: reason } })
}
