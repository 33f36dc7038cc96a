// The local server is driven by Google's own client here: what the client accepts of it, other tests may rely on.
import { Storage } from '@google-cloud/storage'
import type { Bucket } from '@google-cloud/storage'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { someBytes } from './cloud.ts'
import { serveGcs } from './tools/gcs-server.ts'
import type { GcsServer } from './tools/gcs-server.ts'

let folder = ''
let server: GcsServer
let bucket: Bucket

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-gcs-'))
  server = await serveGcs({ dir: path.join(folder, 'server') })
  const storage = new Storage({ apiEndpoint: server.url, projectId: 'p' })
  await storage.createBucket('trips')
  bucket = storage.bucket('trips')
})

beforeEach(() => server.reset())

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each([{ resumable: false }, { resumable: true }])('the client saves an object and reads it again, %o', async (options) => {
  const bytes = someBytes(300_000)

  await bucket.file('a/b c.bin').save(bytes, { ...options, contentType: 'text/csv', metadata: { metadata: { of: 'me' } } })

  const [read] = await bucket.file('a/b c.bin').download()
  const [metadata] = await bucket.file('a/b c.bin').getMetadata()
  expect(read.equals(bytes)).toBe(true)
  expect(metadata).toMatchObject({ size: '300000', contentType: 'text/csv', metadata: { of: 'me' } })
})

test('the client uploads a file in pieces', async () => {
  const bytes = someBytes(1_000_000)
  const file = path.join(folder, 'pieces.bin')
  writeFileSync(file, bytes)

  await bucket.upload(file, { destination: 'pieces.bin', resumable: true, chunkSize: 256 * 1024 })

  const [read] = await bucket.file('pieces.bin').download()
  expect(read.equals(bytes)).toBe(true)
  expect(server.log.filter((line) => line.startsWith('PUT')).length).toBeGreaterThanOrEqual(4)
})

test('the client sees a fault that the server was told', async () => {
  server.fail({ count: 10, status: 503, match: 'GET .*faulty' })

  await expect(bucket.file('faulty').getMetadata()).rejects.toMatchObject({ code: 503 })
})

test('the client reads ranges', async () => {
  const bytes = someBytes(1000)
  await bucket.file('ranges').save(bytes)

  const [middle] = await bucket.file('ranges').download({ start: 10, end: 19 })

  expect(middle.equals(bytes.subarray(10, 20))).toBe(true)
})

test('the client notices bytes that were changed on their way', async () => {
  await bucket.file('changed').save(someBytes(1000))
  server.fail({ count: 1, corrupt: true, match: 'alt=media' })

  await expect(bucket.file('changed').download()).rejects.toThrow(/downloaded data did not match/)
})

test('the client lists page by page, and by folders', async () => {
  for (const name of ['l/1', 'l/2', 'l/deep/3', 'l/deep/4', 'm']) await bucket.file(name).save(name)

  const [first, next] = await bucket.getFiles({ prefix: 'l/', maxResults: 3, autoPaginate: false })
  const [second] = await bucket.getFiles({ ...next, autoPaginate: false })
  const [direct, , answer] = await bucket.getFiles({ prefix: 'l/', delimiter: '/', autoPaginate: false })

  expect([first, second].map((page) => page.map(({ name }) => name))).toEqual([['l/1', 'l/2', 'l/deep/3'], ['l/deep/4']])
  expect(direct.map(({ name }) => name)).toEqual(['l/1', 'l/2'])
  expect(answer).toMatchObject({ prefixes: ['l/deep/'] })
})

test('the client writes only where a condition holds', async () => {
  const file = bucket.file('once')
  await file.save('first', { preconditionOpts: { ifGenerationMatch: 0 } })

  await expect(file.save('second', { preconditionOpts: { ifGenerationMatch: 0 } })).rejects.toMatchObject({ code: 412 })
  const [content] = await file.download()
  expect(content.toString()).toBe('first')
})

test('the client copies, moves, composes and deletes', async () => {
  await bucket.file('c/1').save('one ')
  await bucket.file('c/2').save('two')

  await bucket.file('c/1').copy(bucket.file('c/copy'))
  await bucket.file('c/2').move('c/moved')
  await bucket.combine(['c/copy', 'c/moved'], 'c/both')
  await bucket.file('c/1').delete()

  const [files] = await bucket.getFiles({ prefix: 'c/' })
  const [both] = await bucket.file('c/both').download()
  expect(files.map(({ name }) => name)).toEqual(['c/both', 'c/copy', 'c/moved'])
  expect(both.toString()).toBe('one two')
})

test('what is stored packed is unpacked for who cannot', async () => {
  await bucket.file('packed.txt').save(gzipSync('hello'), { metadata: { contentEncoding: 'gzip' } })

  const plain = await fetch(`${server.url}/storage/v1/b/trips/o/packed.txt?alt=media`, { headers: { 'accept-encoding': 'identity' } })
  const [read] = await bucket.file('packed.txt').download()

  expect(await plain.text()).toBe('hello')
  expect(read.toString()).toBe('hello')
})

test('a bucket that is not there, and one that has objects, are told as the service does', async () => {
  const other = bucket.storage.bucket('no-such-bucket')

  await expect(other.getFiles()).rejects.toMatchObject({ code: 404 })
  await expect(bucket.delete()).rejects.toMatchObject({ code: 409 })
})

test('objects are there again when the server is started again over its folder', async () => {
  const dir = path.join(folder, 'again')
  const first = await serveGcs({ dir })
  const save = new Storage({ apiEndpoint: first.url, projectId: 'p' })
  await save.createBucket('kept')
  await save.bucket('kept').file('a').save('still here')
  await first.close()

  const second = await serveGcs({ dir })
  const [content] = await new Storage({ apiEndpoint: second.url, projectId: 'p' }).bucket('kept').file('a').download()
  await second.close()

  expect(content.toString()).toBe('still here')
  expect(readFileSync(path.join(dir, 'b', 'kept', 'bucket.json'), 'utf8')).toContain('"kept"')
})

test('a server with a token refuses who has none', async () => {
  const closed = await serveGcs({ dir: path.join(folder, 'closed'), token: 'T' })

  const without = await fetch(`${closed.url}/storage/v1/b`)
  const withIt = await fetch(`${closed.url}/storage/v1/b`, { headers: { authorization: 'Bearer T' } })
  await closed.close()

  expect([without.status, withIt.status]).toEqual([401, 200])
})
