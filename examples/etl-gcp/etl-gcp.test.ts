// The flows against Google's protocols on this machine, with a web, a storage and a warehouse that have their bad moments.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { BigQuery, GcsBucket } from '@tutti/gcp'
import { Secret } from 'tutti'
import { testTutti } from 'tutti/testing'
import type { TestTutti } from 'tutti/testing'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { etlTrips } from './flows.ts'
import { etlGcsToBq } from './gcs-to-bq.ts'
import { openLocalCloud } from './local/cloud.ts'
import type { LocalCloud } from './local/cloud.ts'
import { countTrips } from './local/count.ts'
import { smallFlights } from './local/small.ts'
import { etlWebToGcs } from './web-to-gcs.ts'

let folder: string
let flights: string
let cloud: LocalCloud
let tutti: TestTutti

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tutti-etl-gcp-'))
  flights = await smallFlights(folder)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

beforeEach(async () => {
  const own = await mkdtemp(path.join(folder, 'test-'))
  cloud = await openLocalCloud({ folder: own, flights })
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  tutti = await testTutti({ clock: 'system' })
  onTestFinished(() => tutti.close())
  await GcsBucket.save('trips', { bucket: 'trips', project: 'trips', emulator: cloud.gcs.url, retryDelay: 1 })
  const retry = { first: 5, longest: 50 }
  await BigQuery.save('trips', { dataset: 'trips', project: 'trips', emulator: cloud.bigquery.url, poll: retry, retry })
  await Secret.save('hook', cloud.webhook.url)
  await (await GcsBucket.load('trips')).create()
  await (await BigQuery.load('trips')).createDataset('trips')
})

test('every month and colour arrives once, whatever goes wrong on the way; rows are those that are counted elsewhere', async () => {
  const months = [1, 6]
  cloud.web.fail({ path: '/yellow/yellow_tripdata_2001-01.csv.gz', kind: 'busy', times: 2 })
  cloud.web.fail({ path: '/green/green_tripdata_2001-01.csv.gz', kind: 'cut', times: 1 })
  cloud.web.fail({ path: '/yellow/yellow_tripdata_2001-06.csv.gz', kind: 'slow', times: 1 })
  cloud.gcs.fail({ count: 2, match: '/upload/', status: 503 })
  cloud.gcs.fail({ count: 1, match: 'alt=media', drop: true })
  cloud.bigquery.fail({ count: 1, match: 'POST .*/jobs', status: 503 })

  const run = await tutti.run(etlTrips, { years: [2001], months, source: cloud.web.url, notify: 'hook' })

  const counted = await countTrips(months, flights)
  const total = counted.reduce((sum, { kept }) => sum + kept, 0)
  expect(run).toMatchObject({ state: 'completed', result: { rows: total } })
  expect(run.result?.files.map(({ file, read, kept }) => ({ file, read, kept }))).toEqual(counted)
  expect(await cloud.loaded()).toEqual(
    counted.map(({ file, kept }) => ({ file, loaded: kept })).toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  )
  expect(counted.some(({ read, kept }) => read > kept)).toBe(true)
  expect(run.logs.map(({ message }) => message)).toContain(`Rows processed: ${total}`)
  expect(cloud.webhook.texts).toEqual([`✅ etl-trips ${run.name}: ${total} rows`])
  expect(cloud.web.requests.map(({ answer }) => answer)).toEqual(['busy', 'busy', 'whole', 'cut', 'whole', 'slow', 'whole'])
})

test('a file that is not there is asked for once, fails the run and is told', async () => {
  const run = await tutti.run(etlTrips, { years: [2001], months: [7], colours: ['green'], source: cloud.web.url, notify: 'hook' })

  expect(run).toMatchObject({ state: 'failed', message: expect.stringContaining('green_tripdata_2001-07.csv.gz answered 404') })
  expect(cloud.web.requests).toHaveLength(1)
  expect(cloud.webhook.texts).toEqual([expect.stringMatching(/^❌ etl-trips .* Failed: .*404/)])
})

test('a month that is asked for again is not fetched again; without the transformation nothing is filled in', async () => {
  const month = { year: 2001, month: 2, colour: 'yellow' } as const
  const first = await tutti.run(etlWebToGcs, { ...month, source: cloud.web.url })

  const second = await tutti.run(etlWebToGcs, { ...month, source: cloud.web.url })
  const plain = await tutti.run(etlGcsToBq, { ...month, transform: false, table: 'plain' })
  const filled = await tutti.run(etlGcsToBq, { ...month, table: 'filled' })

  expect(cloud.web.requests).toHaveLength(1)
  expect(second.result).toEqual(first.result)
  const warehouse = await BigQuery.load('trips')
  const nulls = async (table: string): Promise<unknown> =>
    await (await warehouse.query(`select countif(passengers is null) as missing, count(*) as trips from \`trips.${table}\``)).first()
  expect(await nulls('plain')).toEqual({ missing: plain.result?.rows, trips: first.result?.rowsKept })
  expect(await nulls('filled')).toEqual({ missing: 0, trips: filled.result?.rows })
})

test('a run of a schedule is about the month before its logical date', async () => {
  await using later = await testTutti({ start: '2001-04-01T05:00:00Z', clock: 'manual' })
  await later.run(etlTrips, { colours: ['green'], bucket: 'none' })

  const { items } = await later.orchestrator.flowRuns.list({ limit: 10 })
  expect(items.map(({ name }) => name)).toContain('green 2001-3 to Cloud Storage')
})

test.each([
  [{ months: [13], years: [2001] }, 'months[0]'],
  [{ months: [1], years: [1999] }, 'years[0]'],
  [{ months: [1], years: [2001], colours: ['blue'] }, 'colours[0]'],
  [{ months: [], years: [2001] }, 'months'],
  [{ source: 'nowhere' }, 'source'],
] as const)('parameters are refused with the name of the field: %o, %s', async (parameters, field) => {
  // The types say the same; what comes from outside has none.
  const run = await tutti.run(etlTrips, parameters as never)

  expect(run).toMatchObject({ state: 'failed', error: { code: 'INVALID_PARAMETERS', message: expect.stringContaining(field) } })
  expect(cloud.web.requests).toEqual([])
})
