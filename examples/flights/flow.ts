import { join } from 'node:path'
import { artifact, exponential, flow, log, run, task, unmapped } from 'tutti'
import { z } from 'zod'
import { noteCall } from './calls.ts'
import { cleanMonthFile } from './cleaning.ts'
import type { MonthCounts } from './cleaning.ts'
import { SourceError, download, downloadJson } from './landing.ts'
import { airportDelays, checkQuality, loadAirportsTable, loadMonthRows, writePartition } from './warehouse.ts'
import type { AirportDelays, Partition, QualityCheck } from './warehouse.ts'

const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month is written like 2001-01')

export const FlightsParameters = z.object({
  /** Where the source answers. `node examples/flights/source.ts` starts one there. */
  source: z.url().default('http://127.0.0.1:4300'),
  /** Where the landing folder, the bucket and the warehouse are. */
  folder: z.string().min(1).default(join('.demo', 'flights')),
  months: z
    .array(Month)
    .min(1)
    .default(['2001-01', '2001-02', '2001-03', '2001-04', '2001-05', '2001-06'])
    .refine((months) => new Set(months).size === months.length, 'a month is named twice'),
  /** Airports of the report; none: the ten busiest. */
  airports: z
    .array(z.string().regex(/^[A-Z0-9]{3,4}$/, 'an airport is its IATA code, like ORD'))
    .max(50)
    .default([]),
  /** Months that are worked on at the same time. */
  atOnce: z.int().min(1).max(12).default(2),
})

const SourceIndex = z.object({ files: z.array(z.object({ month: Month, path: z.string(), rows: z.int() })) })
type SourceFile = z.output<typeof SourceIndex>['files'][number]

export interface FlightsReport {
  readonly months: readonly MonthCounts[]
  readonly partitions: readonly Partition[]
  readonly checks: readonly QualityCheck[]
  readonly airports: readonly AirportDelays[]
}

/** The source is somebody else's: it is asked again when it is busy or drops the line, never when it says there is no such file. */
const fromTheSource = {
  tags: ['source'],
  retries: 4,
  retryDelay: exponential('500ms', { max: '5s', jitter: 0.2 }),
  retryIf: (error: unknown) => error instanceof SourceError && error.mayPass,
  timeout: '60s',
} as const

const listSource = task(
  { name: 'list-source', runName: 'list-source', ...fromTheSource },
  async (source: string, folder: string): Promise<readonly SourceFile[]> => {
    noteCall(folder, 'list-source')
    return SourceIndex.parse(await downloadJson(`${source}/index.json`, join(folder, 'landing', 'index.json'), run().signal)).files
  },
)

const fetchAirports = task(
  { name: 'fetch-airports', runName: 'fetch-airports', ...fromTheSource },
  async (source: string, folder: string) => {
    noteCall(folder, 'fetch-airports')
    return await download(`${source}/airports.csv`, join(folder, 'landing', 'airports.csv'), run().signal)
  },
)

const fetchMonth = task(
  { name: 'fetch-month', runName: 'fetch-month {0}', ...fromTheSource },
  async (month: string, file: SourceFile, source: string, folder: string) => {
    noteCall(folder, 'fetch-month', month)
    return await download(`${source}${file.path}`, join(folder, 'landing', `${month}.parquet`), run().signal)
  },
)

const cleanMonth = task(
  { name: 'clean-month', runName: 'clean-month {0}' },
  async (month: string, landed: string, airports: string, folder: string): Promise<MonthCounts> => {
    noteCall(folder, 'clean-month', month)
    const clean = join(folder, 'clean', `${month}.parquet`)
    const rejects = join(folder, 'rejects', `${month}.parquet`)
    return await cleanMonthFile({ month, landed, airports, clean, rejects, spill: join(folder, 'spill'), signal: run().signal })
  },
)

const writeMonth = task(
  { name: 'write-month', runName: 'write-month {0}' },
  async (month: string, _cleaned: MonthCounts, folder: string): Promise<Partition> => {
    noteCall(folder, 'write-month', month)
    return await writePartition({ folder, signal: run().signal }, month, join(folder, 'clean', `${month}.parquet`))
  },
)

const loadAirports = task({ name: 'load-airports', runName: 'load-airports' }, async (csv: string, folder: string) => {
  noteCall(folder, 'load-airports')
  return await loadAirportsTable({ folder, signal: run().signal }, csv)
})

const loadMonth = task(
  { name: 'load-month', runName: 'load-month {0}' },
  async (month: string, partition: Partition, counts: MonthCounts, folder: string) => {
    noteCall(folder, 'load-month', month)
    const rows = await loadMonthRows({ folder, signal: run().signal }, partition, counts)
    log.info(`${month}: ${rows.toLocaleString('en')} of ${counts.rowsIn.toLocaleString('en')} rows are in the warehouse`)
    return rows
  },
)

const checkAll = task(
  { name: 'quality-checks', runName: 'quality-checks' },
  async (files: readonly SourceFile[], folder: string): Promise<readonly QualityCheck[]> => {
    noteCall(folder, 'quality-checks')
    const checks = await checkQuality({ folder, signal: run().signal }, files)
    const failed = checks.filter((check) => !check.passed)
    if (failed.length > 0) throw new Error(`quality checks failed: ${failed.map((check) => `${check.name} (${check.detail})`).join('; ')}`)
    return checks
  },
)

const reportDelays = task(
  { name: 'report', runName: 'report' },
  async (months: readonly string[], airports: readonly string[], folder: string) => {
    noteCall(folder, 'report')
    const delays = await airportDelays({ folder, signal: run().signal }, months, airports)
    await artifact.table({
      key: 'airport-delays',
      description: `How late flights left, by airport, ${months.join(', ')}`,
      rows: delays.map((each) => ({ ...each })),
    })
    return delays
  },
)

/** From somebody else's web server to a report: fetch, clean, write to the bucket, load into the warehouse, check, report. */
export const flights = flow(
  { name: 'flights', description: 'US flights of 2001: a small but real ETL', tags: ['demo'], parameters: FlightsParameters },
  async ({ source, folder, months, airports, atOnce }): Promise<FlightsReport> => {
    const offered = await listSource(source, folder)
    const files = months.map((month) => offered.find((file) => file.month === month) ?? missing(month, offered))

    const airportsCsv = fetchAirports(source, folder)
    const airportsLoaded = loadAirports(airportsCsv, folder)

    // Each month goes on to its next task as soon as its own data is there; a map limits only how many of its calls run at once.
    const fetched = fetchMonth.withOptions({ concurrency: atOnce }).map(months, files, unmapped(source), unmapped(folder))
    const cleaned = cleanMonth.withOptions({ concurrency: atOnce }).map(months, fetched.futures, unmapped(airportsCsv), unmapped(folder))
    const written = writeMonth.withOptions({ concurrency: atOnce }).map(months, cleaned.futures, unmapped(folder))
    // The warehouse is one file with one writer.
    const loaded = loadMonth
      .withOptions({ concurrency: 1, waitFor: [airportsLoaded] })
      .map(months, written.futures, cleaned.futures, unmapped(folder))
    await loaded

    const checks = await checkAll(files, folder)
    return { months: await cleaned, partitions: await written, checks, airports: await reportDelays(months, airports, folder) }
  },
)

function missing(month: string, offered: readonly SourceFile[]): never {
  throw new Error(`the source has no file for ${month}; it offers ${offered.map((file) => file.month).join(', ')}`)
}
