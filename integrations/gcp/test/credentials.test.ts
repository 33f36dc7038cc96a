import { createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Bucket, GcpCredentials } from '@tutti/gcp'
import type { GoogleCredentials } from '@tutti/gcp'
import { openLocalCloud } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'
import { serveGoogleIdentity } from './tools/google-identity.ts'
import type { GoogleIdentity } from './tools/google-identity.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

const ACCOUNT = 'etl@taxi.iam.gserviceaccount.com'
const KEY = JSON.stringify({
  type: 'service_account',
  project_id: 'taxi',
  client_email: ACCOUNT,
  private_key: privateKey,
  private_key_id: '1',
})

let folder = ''
let identity: GoogleIdentity
let cloud: LocalCloud
let closed: LocalCloud

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-credentials-'))
  cloud = await openLocalCloud()
  closed = await openLocalCloud('impersonated-token')
})

beforeEach(async () => {
  identity = await serveGoogleIdentity(privateKey)
  // Nobody asks for a machine of Google's here.
  process.env['METADATA_SERVER_DETECTION'] = 'none'
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = path.join(folder, 'none.json')
})

afterEach(async () => {
  delete process.env['GOOGLE_APPLICATION_CREDENTIALS']
  delete process.env['METADATA_SERVER_DETECTION']
  await identity.close()
})

afterAll(async () => {
  await Promise.all([cloud.close(), closed.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** A token of another provider, which Google exchanges for one of its own. */
function federated(impersonate = true): GoogleCredentials {
  const token = path.join(folder, 'subject-token')
  writeFileSync(token, 'token of another provider')
  const externalAccount = JSON.stringify({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${identity.url}/v1/token`,
    credential_source: { file: token },
  })
  return GcpCredentials.of({
    project: 'taxi',
    externalAccount,
    ...(impersonate && { impersonate: { account: ACCOUNT, lifetime: '30m', endpoint: identity.url } }),
  })
}

/** The server that demands the token, at an address of its own. */
function bucketOf(credentials: GoogleCredentials): Bucket {
  return new Bucket({ bucket: 'trips', credentials, endpoint: closed.server.url, retryDelay: 1, retries: 1 })
}

test('a token of another provider becomes one of the impersonated account, once for many requests', async () => {
  const bucket = bucketOf(federated())

  await bucket.create()
  await bucket.write('a', 'content')

  expect(await bucket.readText('a')).toBe('content')
  expect(identity.asked.map(({ path: asked }) => asked)).toEqual([
    '/v1/token',
    `/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
  ])
  expect(JSON.parse(identity.asked[1]!.body)).toMatchObject({
    lifetime: '1800s',
    scope: ['https://www.googleapis.com/auth/cloud-platform'],
  })
})

test('several buckets with the same credentials share their tokens', async () => {
  const credentials = federated()
  await bucketOf(credentials).exists('a')

  await bucketOf(credentials).in('other').exists('b')

  expect(identity.asked).toHaveLength(2)
})

test('credentials that the service does not take are told, and are not tried again and again', async () => {
  const failure = bucketOf(federated(false)).readText('a')

  await expect(failure).rejects.toMatchObject({ code: 'gcp/CREDENTIALS_REFUSED', status: 401 })
})

test('a token that is refused is told with what was said, and without the token', async () => {
  identity.refuse(400)

  const failure = bucketOf(federated()).readText('a')

  await expect(failure).rejects.toMatchObject({
    code: 'gcp/CREDENTIALS_REFUSED',
    message: expect.stringContaining('subject token has expired'),
  })
  const error: unknown = await failure.catch((thrown: unknown) => thrown)
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('token of another provider')
})

test('a machine without credentials is told what to do', async () => {
  const failure = new Bucket({ bucket: 'trips', endpoint: closed.server.url, retryDelay: 1 }).readText('a')

  await expect(failure).rejects.toMatchObject({
    code: 'gcp/NO_CREDENTIALS',
    fix: expect.stringContaining('gcloud auth application-default login'),
  })
})

test('a signed address lets who has it read, and write what was agreed', async () => {
  const bucket = cloud.with({ credentials: GcpCredentials.of({ serviceAccount: KEY }) })
  await bucket.write('signed.txt', 'content')

  const read = await fetch(await bucket.signedUrl('signed.txt', { expires: '5m' }))
  const write = await bucket.signedUrl('new.txt', { action: 'write', contentType: 'text/plain' })
  await fetch(write, { method: 'PUT', body: 'from outside', headers: { 'content-type': 'text/plain' } })

  expect(await read.text()).toBe('content')
  expect(await bucket.readText('new.txt')).toBe('from outside')
})

test('an address is signed by the key of the account, without asking anybody', async () => {
  const bucket = cloud.with({ credentials: GcpCredentials.of({ serviceAccount: KEY }) })

  const url = new URL(await bucket.signedUrl('a b.txt'))

  expect(url.searchParams.get('X-Goog-Credential')).toContain(ACCOUNT)
  expect(url.searchParams.get('X-Goog-Algorithm')).toBe('GOOG4-RSA-SHA256')
  expect(url.pathname).toBe('/trips/a%20b.txt')
})

test('without a key an address is signed by Google for the impersonated account', async () => {
  const bucket = cloud.with({ credentials: federated() })
  await bucket.write('signed.txt', 'content')

  const url = new URL(await bucket.signedUrl('signed.txt'))

  const signBlob = identity.asked.find(({ path: asked }) => asked.endsWith(':signBlob'))
  const { payload } = JSON.parse(signBlob!.body) as { readonly payload: string }
  const isOfTheAccount = createVerify('RSA-SHA256')
    .update(Buffer.from(payload, 'base64'))
    .verify(publicKey, url.searchParams.get('X-Goog-Signature')!, 'hex')
  expect(isOfTheAccount).toBe(true)
  expect(await (await fetch(url)).text()).toBe('content')
})

test('credentials that cannot sign say so', async () => {
  const user = path.join(folder, 'user.json')
  writeFileSync(user, JSON.stringify({ type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }))
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = user

  const failure = cloud.with({}).signedUrl('a')

  await expect(failure).rejects.toMatchObject({ code: 'gcp/CANNOT_SIGN', fix: expect.stringContaining('impersonate') })
})

test('an address for longer than a week is refused', async () => {
  await expect(cloud.bucket.signedUrl('a', { expires: '8d' })).rejects.toMatchObject({ code: 'gcp/INVALID_OPTION' })
})

test('importing the package loads none of the libraries of Google', async () => {
  const { execFileSync } = await import('node:child_process')
  const tracer = path.join(import.meta.dirname, '..', '..', '..', 'packages', 'tutti', 'test', 'doors', 'trace-import.ts')

  const output = execFileSync(
    process.execPath,
    ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', tracer, '@tutti/gcp'],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    },
  )

  const { urls } = JSON.parse(output) as { readonly urls: readonly string[] } // printed by trace-import.ts
  expect(urls.filter((url) => /node_modules\/(@google-cloud|google-auth-library|gaxios)\//.test(url))).toEqual([])
})
