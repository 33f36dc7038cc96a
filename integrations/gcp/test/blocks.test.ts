import { afterAll, beforeAll, expect, test } from 'vitest'
import { flow, log } from 'tutti'
import { testTutti } from 'tutti/testing'
import { Bucket, GcpCredentials, GcsBucket } from '@tutti/gcp'
import { openLocalCloud } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

const PRIVATE_KEY = '-----BEGIN PRIVATE KEY-----\nnot-a-real-key-but-secret\n-----END PRIVATE KEY-----\n'
const KEY = JSON.stringify({
  type: 'service_account',
  project_id: 'taxi',
  client_email: 'etl@taxi.iam.gserviceaccount.com',
  private_key: PRIVATE_KEY,
})

let cloud: LocalCloud

beforeAll(async () => {
  cloud = await openLocalCloud()
})

afterAll(() => cloud.close())

test('a bucket is saved with the name of its credentials, loaded in a run and used', async () => {
  await using tutti = await testTutti()
  const etl = flow({ name: 'etl' }, async () => {
    await GcpCredentials.save('prod', { serviceAccount: KEY })
    await GcsBucket.save('trips', { bucket: 'trips', folder: 'yellow', credentials: 'prod', emulator: cloud.server.url })
    const bucket = await GcsBucket.load('trips')
    await bucket.write('2021-01.csv', 'a,b\n')
    return { isBucket: bucket instanceof Bucket, url: bucket.urlOf('2021-01.csv'), console: bucket.consoleUrlOf('2021-01.csv') }
  })

  const { result } = await tutti.run(etl)

  expect(result).toEqual({
    isBucket: true,
    url: 'gs://trips/yellow/2021-01.csv',
    console: 'https://console.cloud.google.com/storage/browser/_details/trips/yellow/2021-01.csv',
  })
  expect(await cloud.bucket.readText('yellow/2021-01.csv')).toBe('a,b\n')
})

test('nothing of a key is in what a run writes', async () => {
  await using tutti = await testTutti()
  const leaky = flow({ name: 'leaky' }, async () => {
    const credentials = GcpCredentials.of({ serviceAccount: KEY })
    log.info(`key: ${KEY}`)
    return `${credentials.account} of ${await credentials.projectId()}`
  })

  const { result, logs } = await tutti.run(leaky)

  expect(result).toBe('etl@taxi.iam.gserviceaccount.com of taxi')
  expect(JSON.stringify(logs)).not.toContain('not-a-real-key')
})

test.each([
  ['{', /serviceAccount is not JSON/],
  ['[]', /serviceAccount: it is no object/],
  [JSON.stringify({ type: 'service_account', client_email: 'a@b' }), /serviceAccount: private_key is missing or wrong/],
  [JSON.stringify({ type: 'authorized_user', private_key: 'x', client_email: 'a@b' }), /serviceAccount: type is missing or wrong/],
])('credentials that are none are refused without a word of what they are: %s', (serviceAccount, message) => {
  expect(() => GcpCredentials.of({ serviceAccount })).toThrow(message)
})

test('two kinds of credentials at once are refused', () => {
  const externalAccount = JSON.stringify({ type: 'external_account', audience: 'a', subject_token_type: 't', token_url: 'u' })

  expect(() => GcpCredentials.of({ serviceAccount: KEY, externalAccount })).toThrow(/both/)
})

test.each([
  [{ bucket: 'Not A Bucket' }, /is not the name of a bucket/],
  [{ bucket: 'trips', pieceBytes: 1000 }, /multiple of 256 KiB/],
  [{ bucket: 'trips', timeout: 'soon' }, /timeout: 'soon' is not a duration/],
  [{ bucket: 'trips', emulator: 'http://' }, /is not an address/],
])('a bucket with an option that cannot be is refused: %o', (fields, message) => {
  expect(() => GcsBucket.of(fields)).toThrow(message)
})

test('a bucket is found at the address that the environment names', async () => {
  process.env['STORAGE_EMULATOR_HOST'] = cloud.server.url
  try {
    const bucket = GcsBucket.of({ bucket: 'trips' })
    await bucket.write('from-environment', 'x')
  } finally {
    delete process.env['STORAGE_EMULATOR_HOST']
  }

  expect(await cloud.bucket.readText('from-environment')).toBe('x')
})
