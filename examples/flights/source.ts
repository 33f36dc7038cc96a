import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeParquet } from './cleaning.ts'
import { literal, withDatabase } from './database.ts'

/** The months the source publishes a file for. */
export const publishedMonths = ['2001-01', '2001-02', '2001-03', '2001-04', '2001-05', '2001-06'] as const

export interface SourceOptions {
  /** A Parquet file with date, delay, distance, origin, destination. */
  readonly flights?: string
  /** A CSV file with iata, name, city, state and more. */
  readonly airports?: string
  /** Where the files of the months are kept once they are cut. */
  readonly folder: string
  /** Which requests fail follows from it, and from nothing else. */
  readonly seed?: number
  /** Share of requests that fail, 0 to 1. The same file never fails more than twice in a row. */
  readonly failureRate?: number
  /** What a busy answer says in `Retry-After`: seconds. */
  readonly retryAfter?: string
  /** How long the source thinks before it answers. */
  readonly delayMs?: number
  readonly port?: number
}

export interface Source {
  readonly url: string
  /** Every request so far, in order. */
  readonly requests: readonly SourceRequest[]
  close(): Promise<void>
}

export interface SourceRequest {
  readonly path: string
  readonly answer: 'whole' | 'busy' | 'cut' | 'unknown'
}

/** What `/index.json` says. */
export interface SourceIndex {
  readonly files: readonly { readonly month: string; readonly path: string; readonly rows: number }[]
}

/** The data package's own copies of the two files. */
export function packagedData(): { readonly flights: string; readonly airports: string } {
  const require = createRequire(import.meta.url)
  const data = join(dirname(require.resolve('vega-datasets')), '..', 'data')
  return { flights: join(data, 'flights-3m.parquet'), airports: join(data, 'airports.csv') }
}

/**
 * A small web server that stands for somebody else's data source. It serves `/index.json`, `/airports.csv` and a Parquet file for each
 * month, and like real sources it now and then answers 503 with `Retry-After`, or drops the connection in the middle of a file.
 */
export async function startSource(options: SourceOptions): Promise<Source> {
  const { flights, airports } = { ...packagedData(), ...options }
  const { folder, seed = 1, failureRate = 0.3, retryAfter = '1', delayMs = 0, port = 0 } = options
  await mkdir(folder, { recursive: true })
  const months = monthFiles(flights, folder)
  const fails = failures(seed, failureRate)
  const requests: SourceRequest[] = []
  const stopping = new AbortController()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    const found = await content(path)
    const outcome = found === undefined ? 'unknown' : fails(path)
    requests.push({ path, answer: outcome })
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: stopping.signal })

    if (found === undefined) return void response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is no ${path}\n`)
    if (outcome === 'busy')
      return void response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': retryAfter }).end('busy, come back later\n')
    if ('text' in found)
      return outcome === 'cut'
        ? void response.destroy()
        : void response.writeHead(200, { 'content-type': 'application/json' }).end(found.text)
    const { size } = await stat(found.file)
    response.writeHead(200, { 'content-length': size })
    if (outcome === 'whole') return await pipeline(createReadStream(found.file), response)
    await pipeline(createReadStream(found.file, { end: Math.floor(size / 2) }), response, { end: false })
    response.destroy()
  }

  async function content(path: string): Promise<{ readonly text: string } | { readonly file: string } | undefined> {
    if (path === '/index.json') return { text: JSON.stringify(await months.index()) }
    if (path === '/airports.csv') return { file: airports }
    const month = publishedMonths.find((published) => path === `/flights/${published}.parquet`)
    return month === undefined ? undefined : { file: await months.file(month) }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the source has no port')

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      stopping.abort()
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

/** Cuts the one big file into months, each when it is first asked for. */
function monthFiles(flights: string, folder: string): { index(): Promise<SourceIndex>; file(month: string): Promise<string> } {
  const spill = join(folder, 'spill')
  const cut = new Map<string, Promise<string>>()
  let index: Promise<SourceIndex> | undefined

  async function countRows(): Promise<SourceIndex> {
    const counts = await withDatabase({ spill }, (database) =>
      database.row<Record<string, number>>(
        `select ${publishedMonths.map((month) => `count(*) filter (where ${rowsOf(month)}) as ${literal(month)}`).join(', ')} from read_parquet(${literal(flights)})`,
      ),
    )
    return { files: publishedMonths.map((month) => ({ month, path: `/flights/${month}.parquet`, rows: counts[month] ?? 0 })) }
  }

  async function cutMonth(month: string): Promise<string> {
    const file = join(folder, `${month}.parquet`)
    await withDatabase({ spill }, (database) =>
      writeParquet(database, `select * from read_parquet(${literal(flights)}) where ${rowsOf(month)}`, file),
    )
    return file
  }

  return {
    index: () => (index ??= countRows()),
    file(month) {
      const file = cut.get(month) ?? cutMonth(month)
      cut.set(month, file)
      return file
    },
  }
}

/** Every row is in exactly one file: what lies before the first month is in the first, what lies after the last or has no date in the last. */
function rowsOf(month: string): string {
  const start = `timestamp ${literal(`${month}-01`)}`
  const after = `date >= ${start}`
  const before = `date < ${start} + interval 1 month`
  if (month === publishedMonths[0]) return before
  if (month === publishedMonths.at(-1)) return `(${after} or date is null)`
  return `${after} and ${before}`
}

/** Whether the next request for a path fails: a function of the seed, the path and how often it was asked for. */
function failures(seed: number, rate: number): (path: string) => 'whole' | 'busy' | 'cut' {
  const asked = new Map<string, { times: number; inRow: number }>()
  return (path) => {
    const count = asked.get(path) ?? { times: 0, inRow: 0 }
    count.times += 1
    asked.set(path, count)
    const hash = createHash('sha256').update(`${seed} ${path} ${count.times}`).digest()
    if (count.inRow >= 2 || hash.readUInt32BE(0) / 2 ** 32 >= rate) {
      count.inRow = 0
      return 'whole'
    }
    count.inRow += 1
    return hash.readUInt8(4) % 3 === 0 ? 'cut' : 'busy'
  }
}

if (import.meta.main) {
  const source = await startSource({ folder: join(import.meta.dirname, '..', '..', '.demo', 'web'), port: 4300 })
  console.log(`The source answers at ${source.url}; Ctrl-C stops it.`)
}
