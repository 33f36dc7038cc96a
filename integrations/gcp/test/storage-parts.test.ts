// Large files, which are transferred in several parts at once.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Bucket } from '@tutti/gcp'
import { allOf, openLocalCloud, someBytes } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

let cloud: LocalCloud
let bucket: Bucket

const BYTES = someBytes(5_000_000)

beforeAll(async () => {
  cloud = await openLocalCloud()
  bucket = cloud.with({ largeBytes: 1_000_000 })
})

beforeEach(() => cloud.server.reset())

afterAll(() => cloud.close())

function fileOf(bytes: Uint8Array): string {
  const file = path.join(cloud.folder, 'large')
  writeFileSync(file, bytes)
  return file
}

function requests(pattern: RegExp): number {
  return cloud.server.log.filter((line) => pattern.test(line)).length
}

async function names(): Promise<readonly string[]> {
  return (await allOf(cloud.bucket.list())).map(({ name }) => name)
}

test('a large file goes up in parts, which are gone when it is there, and down in ranges', async () => {
  const told: number[] = []
  const metadata = { contentType: 'text/x-large', metadata: { from: 'here' } }

  const object = await bucket.uploadFile(fileOf(BYTES), 'large', { ...metadata, onProgress: ({ bytes }) => told.push(bytes) })
  const up = requests(/POST .*uploadType=resumable/)
  await bucket.downloadFile('large', path.join(cloud.folder, 'down'))

  expect(object).toMatchObject({ name: 'large', sizeBytes: BYTES.length, ...metadata, md5: undefined })
  expect(told.at(-1)).toBe(BYTES.length)
  expect(await names()).toEqual(['large'])
  expect(readFileSync(path.join(cloud.folder, 'down')).equals(BYTES)).toBe(true)
  expect(up).toBe(9)
  expect(requests(/GET .*alt=media/)).toBe(1 + 9)
})

test.each([
  ['two 503 in one piece', { count: 2, status: 503, match: 'PUT .*upload_id' }],
  ['pieces that are cut', { count: 5, cutRequestAfter: 100_000, match: 'PUT .*upload_id' }],
  ['a lost answer of the composition', { count: 1, dropAnswer: true, match: 'compose' }],
  ['503 where it is composed', { count: 2, status: 503, match: 'compose' }],
  ['a part that is changed on its way', { count: 1, corruptRequest: true, match: 'PUT .*upload_id' }],
  ['503 where parts are deleted', { count: 3, status: 503, match: 'DELETE' }],
])('an upload in parts survives %s', async (_, fault) => {
  cloud.server.fail(fault)

  await bucket.uploadFile(fileOf(BYTES), 'large')

  expect((await bucket.read('large')).equals(BYTES)).toBe(true)
  expect(await names()).toEqual(['large'])
})

test.each([
  ['503 for ranges', { count: 3, status: 503, match: 'alt=media' }],
  ['ranges that are cut', { count: 6, cutAnswerAfter: 100_000, match: 'alt=media' }],
  ['a range that stops coming', { count: 2, stallAnswerAfter: 100_000, match: 'alt=media' }],
  ['a byte that is changed on its way', { count: 1, corrupt: true, match: 'alt=media.*generation' }],
])('a download in ranges survives %s', async (_, fault) => {
  await cloud.bucket.write('large', BYTES)
  cloud.server.fail(fault)

  await cloud.with({ largeBytes: 1_000_000, timeout: '500ms' }).downloadFile('large', path.join(cloud.folder, 'down'))

  expect(readFileSync(path.join(cloud.folder, 'down')).equals(BYTES)).toBe(true)
})

test('an upload in parts that fails leaves the old object and no part', async () => {
  await cloud.bucket.write('large', 'old')
  cloud.server.fail({ count: 100, status: 403, reason: 'forbidden', match: 'compose' })

  const failure = bucket.uploadFile(fileOf(BYTES), 'large')

  await expect(failure).rejects.toMatchObject({ code: 'gcp/FORBIDDEN' })
  expect(await cloud.bucket.readText('large')).toBe('old')
  expect(await names()).toEqual(['large'])
})

test('an upload in parts that is stopped ends with its reason and leaves no part', async () => {
  await cloud.bucket.delete('large')
  const stop = new AbortController()

  const failure = bucket.uploadFile(fileOf(BYTES), 'large', {
    signal: stop.signal,
    onProgress: ({ bytes }) => bytes > 2_000_000 && stop.abort(new Error('enough')),
  })

  await expect(failure).rejects.toThrow('enough')
  expect(await names()).toEqual([])
})

test('a download in ranges that fails leaves the old file', async () => {
  await cloud.bucket.write('large', BYTES)
  const file = fileOf(Buffer.from('old'))
  cloud.server.fail({ count: 100, corrupt: true, match: 'alt=media.*generation' })

  await expect(bucket.downloadFile('large', file)).rejects.toMatchObject({ code: 'gcp/DATA_CORRUPT' })

  expect(readFileSync(file, 'utf8')).toBe('old')
})

test.each([
  ['parts may not be deleted', { count: 1, status: 403, reason: 'forbidden', match: 'testPermissions' }],
  ['the service knows nothing of permissions', { count: 1, status: 501, reason: 'notImplemented', match: 'testPermissions' }],
])('a large file goes up in one stream where %s', async (_, fault) => {
  cloud.server.fail(fault)

  await bucket.uploadFile(fileOf(BYTES), 'large')

  expect([requests(/POST .*uploadType=resumable/), requests(/compose/)]).toEqual([1, 0])
})

test('one stream is taken where it is asked for, and where a condition is to hold', async () => {
  await bucket.uploadFile(fileOf(BYTES), 'large', { parts: 1 })
  await bucket.uploadFile(fileOf(BYTES), 'new', { ifGenerationMatch: 0 })
  await bucket.downloadFile('large', path.join(cloud.folder, 'down'), { parts: 1 })

  expect([requests(/compose/), requests(/alt=media/)]).toEqual([0, 1])
  await expect(bucket.uploadFile(fileOf(BYTES), 'large', { parts: 0 })).rejects.toMatchObject({ code: 'gcp/INVALID_OPTION' })
})
