// A small Cloud Storage (JSON API v1) on the local disk, to drive Google's own client and ours against. It keeps the rules clients rely on:
// generations, preconditions (412), resumable uploads in parts (308), CRC32C and MD5, ranges, compose, rewrite, pages.
//
//   node gcs-server.ts --dir DIR [--port 0] [--host 127.0.0.1] [--token T] [--bucket NAME]
//
// prints one JSON line {"url","pid"} and ends with SIGTERM. Objects survive a restart with the same folder. With a token the server demands
// `Authorization: Bearer T`. POST /_fault takes what goes wrong next (see gcs/faults.ts), DELETE /_fault forgets it, GET /_log lists requests.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Disk } from './gcs/disk.ts'
import { Faults, meet } from './gcs/faults.ts'
import type { Fault } from './gcs/faults.ts'
import { readJson, sendError, sendJson, ServiceError } from './gcs/http.ts'
import type { Call } from './gcs/http.ts'
import { answer } from './gcs/routes.ts'
import { Uploads } from './gcs/uploads.ts'

export interface GcsServerOptions {
  readonly dir: string
  readonly port?: number
  readonly host?: string
  /** Demanded of every request. */
  readonly token?: string
}

export interface GcsServer {
  readonly url: string
  /** "METHOD URL" of each request, oldest first. */
  readonly log: readonly string[]
  fail(fault: Fault): void
  /** Forgets faults and log. */
  reset(): void
  close(): Promise<void>
}

const LOG_MAX = 10_000

export async function serveGcs({ dir, port = 0, host = '127.0.0.1', token }: GcsServerOptions): Promise<GcsServer> {
  const disk = new Disk(dir)
  const uploads = new Uploads(disk)
  const faults = new Faults()
  const log: string[] = []
  let url = ''

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request, response, url)
    if (call.path.startsWith('/_')) return control(call, { faults, log })
    const line = `${call.method} ${request.url ?? ''}`
    log.push(line)
    if (log.length > LOG_MAX) log.shift()
    const fault = faults.take(line)
    if (fault !== undefined && (await meet(fault, call)) === 'done') return
    if (token !== undefined) checkToken(call, token)
    await answer({ ...call, cutRequestAfter: fault?.cutRequestAfter, corruptRequest: fault?.corruptRequest }, { disk, uploads, url })
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => answerError(response, error))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const address = server.address()
  url = `http://${host}:${typeof address === 'object' && address !== null ? address.port : port}`
  return {
    url,
    log,
    fail: (fault) => faults.add(fault),
    reset() {
      faults.clear()
      log.length = 0
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function callOf(request: IncomingMessage, response: ServerResponse, url: string): Call {
  const { pathname, searchParams } = new URL(request.url ?? '/', url)
  return { request, response, method: request.method ?? 'GET', path: pathname, query: searchParams }
}

async function control(call: Call, { faults, log }: { readonly faults: Faults; readonly log: readonly string[] }): Promise<void> {
  if (call.path === '/_log') return sendJson(call.response, 200, log)
  if (call.method === 'DELETE') faults.clear()
  else faults.add((await readJson(call)) as unknown as Fault) // written by a test
  sendJson(call.response, 200, { ok: true })
}

/** The address of an upload that was begun, and a signed one, are tickets of their own. */
function checkToken({ request, query }: Call, token: string): void {
  if (request.headers.authorization === `Bearer ${token}` || query.has('upload_id') || query.has('X-Goog-Signature')) return
  throw new ServiceError(401, 'authError', 'Invalid Credentials')
}

function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  if (error instanceof ServiceError) return sendError(response, error)
  // A connection that was cut while its body was read.
  const isCut = error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
  if (!isCut) console.error(error)
  sendError(response, new ServiceError(isCut ? 400 : 500, 'internalError', String(error)))
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      token: { type: 'string' },
      bucket: { type: 'string' },
    },
  })
  const { dir, port, host, token, bucket } = values
  if (dir === undefined) {
    console.error('usage: gcs-server.ts --dir DIR [--port N] [--host H] [--token T] [--bucket NAME]')
    process.exit(2)
  }
  const server = await serveGcs({
    dir,
    ...(port !== undefined && { port: Number(port) }),
    ...(host !== undefined && { host }),
    ...(token !== undefined && { token }),
  })
  if (bucket !== undefined) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    await fetch(`${server.url}/storage/v1/b`, { method: 'POST', headers, body: JSON.stringify({ name: bucket }) })
  }
  console.log(JSON.stringify({ url: server.url, pid: process.pid }))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.close().then(() => process.exit(0)))
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main()
