// Flow 1: a month of trips from the web to Cloud Storage: as it came, and cleaned as Parquet.
import { duckdb } from '@tutti/duckdb'
import { GcsBucket } from '@tutti/gcp'
import { artifact, exponential, flow, log, run, task } from 'tutti'
import { nameOf, WebToGcs } from './trips.ts'
import type { Month } from './trips.ts'

export interface CleanedMonth extends Month {
  /** In the bucket. */
  readonly object: string
  readonly rowsRead: number
  readonly rowsKept: number
  /** How many rows were left out, and why. */
  readonly rejected: Readonly<Record<string, number>>
}

/** Asking again helps when a server is busy or the line breaks, and does not when there is no such file. */
function mayPass(error: unknown): boolean {
  const status = (error as { readonly status?: number }).status ?? 500 // what broke has no status
  return status >= 500 || status === 429
}

/** The file as it is, streamed into the bucket. It is fetched once a day, whatever flow asks for it. */
const fetchMonth = task(
  {
    name: 'fetch-month',
    retries: 5,
    retryDelay: exponential('1s', { jitter: 0.3 }),
    retryIf: mayPass,
    timeout: '15m',
    cache: { by: 'inputs', expires: '1d' },
  },
  async (url: string, bucketName: string, object: string) => {
    const bucket = await GcsBucket.load(bucketName)
    const response = await fetch(url, { signal: run().signal }).catch((cause: unknown) => {
      throw new Error(`${url} was not reached`, { cause })
    })
    if (!response.ok || response.body === null) {
      // Tutti reads Retry-After from the headers of an error.
      const { status, headers } = response
      const why = status === 404 ? ': that month is not there, or not yet; look at `source`, the years and the months' : ''
      throw Object.assign(new Error(`${url} answered ${status}${why}`), { status, headers })
    }
    const { sizeBytes } = await bucket.write(object, response.body)
    log.info(`${sizeBytes} bytes from ${url}`)
    return object
  },
)

const cleanMonth = task(
  { name: 'clean-month', retries: 2 },
  async (wanted: Month, bucketName: string, raw: string): Promise<CleanedMonth> => {
    const bucket = await GcsBucket.load(bucketName)
    await using trips = await duckdb.open({ bucket, memoryLimit: '1GB' })
    // Whatever a column holds comes in as text; what is not of its type is then told from what is missing.
    await trips.read('raw', bucket.urlOf(raw), { csv: { header: true, delimiter: ',', allText: true } })
    const names = (await trips.columns('raw')).map((column) => column.name)
    const column = (type: string, pattern: RegExp): string => {
      const name = names.find((each) => pattern.test(each))
      return name === undefined ? `null::${type}` : `try_cast("${name}" as ${type})`
    }
    await trips.sql`
    create table trips as select ${wanted.colour} as colour,
      ${duckdb.raw(column('timestamp', /^[tl]pep_pickup_datetime$/))}::timestamptz as pickup_at,
      ${duckdb.raw(column('varchar', /^PULocationID$/))} as pickup_location,
      ${duckdb.raw(column('varchar', /^DOLocationID$/))} as dropoff_location,
      ${duckdb.raw(column('double', /^trip_distance$/))} as distance,
      ${duckdb.raw(column('double', /^passenger_count$/))}::bigint as passengers,
      ${duckdb.raw(column('double', /^fare_amount$/))} as fare,
      ${duckdb.raw(column('bigint', /^delay$/))} as delay
    from raw`
    await trips.sql`alter table trips add column reason varchar`
    await trips.sql`update trips set reason = case
    when pickup_at is null or pickup_location is null or distance is null then 'missing or unreadable value'
    when year(pickup_at) <> ${wanted.year} or month(pickup_at) <> ${wanted.month} then 'outside of the month'
    when distance < 0 then 'distance below 0' end`

    const object = `clean/${nameOf(wanted)}.parquet`
    const kept = 'select * exclude reason from trips where reason is null order by pickup_at, pickup_location, dropoff_location'
    const { rows: rowsKept } = await trips.write(bucket.urlOf(object), kept)
    const reasons = await trips.query<{ reason: string; rows: number }>(
      'select reason, count(*) as rows from trips where reason is not null group by all',
    )
    const rejected = Object.fromEntries(reasons.map(({ reason, rows }) => [reason, rows]))
    const rowsRead = await trips.query('select count(*) from trips').value<number>()

    log.info(`${nameOf(wanted)}: ${rowsRead} rows read, ${rowsKept} kept`, rejected)
    await artifact.table({
      key: `rows-${wanted.colour}-${wanted.year}-${wanted.month}`,
      description: `What came of ${nameOf(wanted)}`,
      rows: [{ read: rowsRead, kept: rowsKept, ...rejected }],
    })
    return { ...wanted, object, rowsRead, rowsKept, rejected }
  },
)

export const etlWebToGcs = flow(
  { name: 'etl-web-to-gcs', parameters: WebToGcs, runName: ({ year, month, colour }) => `${colour} ${year}-${month} to Cloud Storage` },
  async ({ source, bucket, year, month, colour }) => {
    const wanted = { year, month, colour }
    const raw = await fetchMonth(`${source}/${nameOf(wanted)}.csv.gz`, bucket, `raw/${nameOf(wanted)}.csv.gz`)
    return await cleanMonth(wanted, bucket, raw)
  },
)
