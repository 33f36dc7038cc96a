import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BigQuery } from '@tutti/gcp'
import { flow } from 'tutti'
import { testTutti } from 'tutti/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveBigQuery } from '../../integrations/gcp/test/tools/bq-server.ts'
import type { BigQueryServer } from '../../integrations/gcp/test/tools/bq-server.ts'
import { serveGcs } from '../../integrations/gcp/test/tools/gcs-server.ts'
import type { GcsServer } from '../../integrations/gcp/test/tools/gcs-server.ts'
import { affordable, busiestZones, loadMonth, loadZones, publishSums, setUp } from './flow.ts'

let folder = ''
let storage: GcsServer
let warehouse: BigQueryServer

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-bigquery-'))
  storage = await serveGcs({ dir: folder })
  warehouse = await serveBigQuery({ gcs: storage.url })
  await fetch(`${storage.url}/storage/v1/b`, { method: 'POST', body: JSON.stringify({ name: 'trips' }) })
  const trips =
    'picked_up,zone,fare\n2021-01-03T10:00:00Z,JFK,12.50\n2021-01-03T11:00:00Z,JFK,7.25\nsoon,JFK,1\n2021-01-04T00:10:00Z,Soho,9\n'
  await fetch(`${storage.url}/upload/storage/v1/b/trips/o?uploadType=media&name=yellow/2021-01/a.csv`, { method: 'POST', body: trips })
})

afterAll(async () => {
  await warehouse.close()
  await storage.close()
  rmSync(folder, { recursive: true, force: true })
})

function keyOfAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  return JSON.stringify({ type: 'service_account', project_id: 'taxi', client_email: 'etl@taxi.iam.gserviceaccount.com', private_key: pem })
}

test('a month is loaded, asked about, summed and published', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const prepare = flow({ name: 'set-up' }, async () => {
    await setUp(keyOfAccount(), { emulator: warehouse.url, storageEmulator: storage.url })
    await (await BigQuery.load('warehouse')).createDataset('taxi')
  })
  await tutti.run(prepare)

  const loaded = await tutti.run(loadMonth, { month: '2021-01' })
  const asked = await tutti.run(flow({ name: 'ask' }, async () => busiestZones(new Date('2021-01-01'))))
  const read = await tutti.run(flow({ name: 'estimate' }, async () => affordable()))
  const published = [await tutti.run(publishSums, { day: '2021-01-03' }), await tutti.run(publishSums, { day: '2021-01-03' })]
  const zonesLoaded = await tutti.run(flow({ name: 'zones' }, async () => loadZones(['JFK,Queens', 'Soho,Manhattan'])))

  expect(loaded.result).toEqual({ rows: 3, leftOut: ['gs://trips/yellow/2021-01/a.csv:4'] })
  expect(asked.result).toEqual(['JFK: 2', 'Soho: 1'])
  expect(read.result).toBeGreaterThan(0)
  expect(published.map(({ result }) => result)).toEqual([1, 1])
  expect(zonesLoaded.result).toMatchObject({ rows: 2 })
  const sums = await tutti.run(
    flow({ name: 'sums' }, async () => (await (await BigQuery.load('warehouse')).query('SELECT zone, fares FROM sums')).rows()),
  )
  expect(sums.result).toEqual([{ zone: 'JFK', fares: '19.750000000' }])
})
