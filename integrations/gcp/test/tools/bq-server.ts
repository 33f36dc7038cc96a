// A small BigQuery (REST v2) for tests: Google's own client drives it, DuckDB is its engine.
//
//   node --conditions=tutti-source bq-server.ts [--port 0] [--host 127.0.0.1] [--gcs http://127.0.0.1:PORT]
//
// prints {"url","pid"}; or `await using server = await serveBigQuery({ gcs })`. Not BigQuery's dialect: DuckDB's, with back-quoted names,
// @parameters, SAFE_CAST, COUNTIF and a few more translated. Kept are the rules that a client relies on: job ids that are used once, dispositions,
// row errors with their lines, insert ids, paging, preconditions. POST /_fault and /_fail-job make things go wrong (see `cues.ts`).
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Catalog } from './bq-server/catalog.ts'
import { Cues, refusalOf } from './bq-server/cues.ts'
import type { Fault, Hold } from './bq-server/cues.ts'
import { Engine } from './bq-server/engine.ts'
import { sendError } from './bq-server/http.ts'
import { StreamedRows } from './bq-server/insert-all.ts'
import { Jobs } from './bq-server/jobs.ts'
import { serve } from './bq-server/routes.ts'
import type { Service } from './bq-server/routes.ts'
import { Storage } from './bq-server/storage.ts'
import { Uploads } from './bq-server/uploads.ts'

export interface BigQueryServer extends AsyncDisposable {
  readonly url: string
  /** `METHOD /path?query` of the requests so far, the newest last. */
  readonly requests: readonly string[]
  /** The next requests that match go wrong. */
  fail(fault: Fault): void
  /** The next jobs whose configuration matches are started and fail. */
  failJobs(fault: Fault): void
  /** Jobs whose configuration matches wait until they are released or cancelled. */
  hold(match: string): Hold
  /** A day passes: what queries found is gone, their jobs are still known. */
  expireResults(): void
  /** Faults that nothing has met are dropped. */
  forget(): void
  close(): Promise<void>
}

interface Options {
  readonly port?: number
  readonly host?: string
  /** The address of a server with Cloud Storage's API, for `gs://`. */
  readonly gcs?: string
}

const REQUESTS_KEPT = 5_000

export async function serveBigQuery({ port = 0, host = '127.0.0.1', gcs }: Options = {}): Promise<BigQueryServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bigquery-'))
  const engine = await Engine.open()
  const catalog = new Catalog(engine)
  const cues = new Cues()
  const jobs = new Jobs({ engine, catalog, storage: new Storage(gcs, folder), cues, folder })
  const service = { engine, catalog, jobs, cues, uploads: new Uploads(folder), rows: new StreamedRows(engine, catalog, folder) }
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (requests.length > REQUESTS_KEPT) requests.shift()
    void answer(service, request, response)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const address = server.address()
  const url = `http://${host}:${typeof address === 'object' && address !== null ? address.port : port}`
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
    await engine.alone(async () => engine.close())
    await rm(folder, { recursive: true, force: true })
  }
  return {
    url,
    requests,
    fail: (fault) => cues.failRequests(fault),
    failJobs: (fault) => cues.failJobs(fault),
    hold: (match) => cues.hold(match),
    expireResults: () => jobs.expireResults(),
    forget: () => cues.forget(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fault = request.url?.startsWith('/_') === true ? undefined : service.cues.forRequest(`${request.method} ${request.url}`)
  try {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
    if (fault === undefined) await serve(service, request, response, url)
    else await goWrong(fault, { service, request, response, url })
  } catch (error) {
    if (response.headersSent) response.destroy()
    else sendError(response, error)
  }
}

interface Exchange {
  readonly service: Service
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
}

async function goWrong(fault: Fault, { service, request, response, url }: Exchange): Promise<void> {
  if (fault.afterwards === true) {
    // Done, or refused, but what is said about it reaches nobody.
    const { end, writeHead } = response
    response.writeHead = () => response
    response.end = () => response
    await serve(service, request, response, url).catch(() => undefined)
    response.end = end
    response.writeHead = writeHead
  } else request.resume()
  if (fault.hang === true) return
  if (fault.drop === true) request.socket.destroy()
  else throw refusalOf(fault)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' }, gcs: { type: 'string' } },
  })
  const { port, host, gcs } = values
  const server = await serveBigQuery({ port: Number(port), host, ...(gcs !== undefined && { gcs }) })
  console.log(JSON.stringify({ url: server.url, pid: process.pid }))
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void server.close())
}
