import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { flow } from 'tutti'
import { testTutti } from 'tutti/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveGcs } from '../../integrations/gcp/test/tools/gcs-server.ts'
import type { GcsServer } from '../../integrations/gcp/test/tools/gcs-server.ts'
import { count, fetchTrips, lookAround, publish, readTrips, setUp } from './flow.ts'

let folder = ''
let server: GcsServer

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-cloud-storage-'))
  server = await serveGcs({ dir: path.join(folder, 'server') })
  await fetch(`${server.url}/storage/v1/b`, { method: 'POST', body: JSON.stringify({ name: 'trips' }) })
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function keyOfAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  return JSON.stringify({ type: 'service_account', project_id: 'taxi', client_email: 'etl@taxi.iam.gserviceaccount.com', private_key: pem })
}

test('trips go to the bucket and come back, and what is around them can be seen', async () => {
  await using tutti = await testTutti()
  const file = path.join(folder, 'trips.csv')
  writeFileSync(file, 'trip\n1\n')
  await tutti.run(flow({ name: 'set-up' }, () => setUp(keyOfAccount(), server.url)))

  const published = await tutti.run(publish, { file })
  await tutti.run(fetchTrips, { file: path.join(folder, 'back.csv') })
  const seen = await tutti.run(flow({ name: 'look' }, lookAround))
  const read = await tutti.run(readTrips)
  const counts = await tutti.run(flow({ name: 'count' }, async () => [await count('counter'), await count('counter')]))

  expect(published.result).toBe('gs://trips/yellow/2021/01/trips.csv')
  expect(readFileSync(path.join(folder, 'back.csv'), 'utf8')).toBe('trip\n1\n')
  expect(seen.result).toMatchObject({ months: ['2021/01/trips.csv', '2021/02/trips.json'], first: 'trip\n1\n' })
  expect(await (await fetch(seen.result!.link)).text()).toBe('trip\n1\n')
  expect(read.result).toBe(1)
  expect(counts.result).toEqual([1, 2])
})
