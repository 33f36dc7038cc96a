// A web server that stands for the public one: flights of the year 2001 under the names of taxi trips. Every other row is yellow, the others are
// green; the columns have the names of those whose place they take. On cue it is busy, slow, or drops the line.
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { duckdb } from '@tutti/duckdb'
import { colours, nameOf } from '../trips.ts'
import type { Month } from '../trips.ts'

export const YEAR = 2001
export const MONTHS = [1, 2, 3, 4, 5, 6] as const

/** The data package's own copy. */
export const flightsFile = path.join(createRequire(import.meta.url).resolve('vega-datasets'), '..', '..', 'data', 'flights-3m.parquet')

/** What happens to the next requests of a path. */
export interface WebFault {
  readonly path: string
  readonly kind: 'busy' | 'cut' | 'slow'
  readonly times: number
}

export interface Web {
  readonly url: string
  /** Every request so far, with what became of it. */
  readonly requests: readonly { readonly path: string; readonly answer: WebFault['kind'] | 'whole' | 'unknown' }[]
  fail(fault: WebFault): void
  close(): Promise<void>
}

export interface WebOptions {
  /** Where files are kept once they are made. */
  readonly folder: string
  /** A Parquet file with date, delay, distance, origin, destination; default that of the data package. */
  readonly flights?: string
}

export async function serveTrips({ folder, flights = flightsFile }: WebOptions): Promise<Web> {
  const faults: { readonly fault: WebFault; left: number }[] = []
  const requests: { path: string; answer: WebFault['kind'] | 'whole' | 'unknown' }[] = []
  const files = new Map<string, Promise<string>>()
  const published = MONTHS.flatMap((month) => colours.map((colour) => ({ year: YEAR, month, colour })))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.url ?? '/'
    const month = published.find((each) => address === `/${nameOf(each)}.csv.gz`)
    const met = faults.find(({ fault, left }) => left > 0 && fault.path === address)
    if (met !== undefined) met.left -= 1
    const kind = month === undefined ? 'unknown' : (met?.fault.kind ?? 'whole')
    requests.push({ path: address, answer: kind })
    if (month === undefined) return void response.writeHead(404).end(`there is no ${address}\n`)
    if (kind === 'busy') return void response.writeHead(503, { 'retry-after': '0' }).end('busy\n')

    const made = files.get(address) ?? writeMonth(flights, month, path.join(folder, path.basename(address)))
    files.set(address, made)
    const file = await made
    const { size } = await stat(file)
    response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': size })
    if (kind === 'whole') return await pipeline(createReadStream(file), response)
    if (kind === 'slow') return await pipeline(createReadStream(file, { highWaterMark: Math.ceil(size / 20) }), slowly, response)
    await pipeline(createReadStream(file, { end: Math.floor(size / 2) }), response, { end: false })
    response.destroy()
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    fail: (fault) => faults.push({ fault, left: fault.times }),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

async function* slowly(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await sleep(20)
    yield chunk
  }
}

async function writeMonth(flights: string, month: Month, file: string): Promise<string> {
  await using database = await duckdb.open({ threads: 2, memoryLimit: '500MB' })
  const prefix = month.colour === 'yellow' ? 'tpep' : 'lpep'
  await database.write(
    file,
    database.sql`
      select ${duckdb.raw(month.colour === 'yellow' ? '2' : '1')} as "VendorID", date as ${duckdb.name(`${prefix}_pickup_datetime`)},
        origin as "PULocationID", destination as "DOLocationID", distance as trip_distance, delay
      from read_parquet(${flights}, file_row_number = true)
      where ${duckdb.raw(rowsOf(month))}`,
  )
  return file
}

/**
 * Every row is in exactly one file. What lies before the first month is in the first, what lies after the last or has no date in the last: as in
 * the real data, a file holds some rows that are not of its month.
 */
function rowsOf({ year, month, colour }: Month): string {
  const start = `timestamp '${year}-${String(month).padStart(2, '0')}-01'`
  const after = `date >= ${start}`
  const before = `date < ${start} + interval 1 month`
  const inMonth = month === MONTHS[0] ? before : month === MONTHS.at(-1) ? `(${after} or date is null)` : `${after} and ${before}`
  return `file_row_number % 2 = ${colour === 'yellow' ? 0 : 1} and ${inMonth}`
}
