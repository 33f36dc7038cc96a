// What a bucket does, against the local server or, where the environment names one, against the real service.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allOf, openCloud, someBytes } from './cloud.ts'
import type { Cloud } from './cloud.ts'

let cloud: Cloud

beforeAll(async () => {
  cloud = await openCloud()
})

afterAll(() => cloud.close())

async function namesOf(objects: AsyncIterable<{ readonly name: string }>): Promise<string[]> {
  return (await allOf(objects)).map(({ name }) => name)
}

test.each([
  ['text', (bytes: Buffer) => bytes.toString('base64')],
  ['bytes', (bytes: Buffer) => bytes],
  ['a stream of Node', (bytes: Buffer) => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])],
  ['a stream of the web', (bytes: Buffer) => new Blob([new Uint8Array(bytes)]).stream()],
])('%s of any size is read again as it was written', async (_, make) => {
  for (const size of [0, 1, 262_143, 262_144, 262_145, 700_000]) {
    const bytes = someBytes(size)
    const given = make(bytes)

    const { sizeBytes } = await cloud.bucket.write('kinds/it', given)

    const expected = typeof given === 'string' ? Buffer.from(given) : bytes
    const read = await cloud.bucket.read('kinds/it')
    expect(sizeBytes).toBe(expected.length)
    expect(read.equals(expected)).toBe(true)
  }
})

test('what is known of an object is told', async () => {
  const written = await cloud.bucket.write('known/a table.csv', 'a,b\n1,2\n', { metadata: { month: '2021-01' }, cacheControl: 'no-cache' })

  const known = await cloud.bucket.stat('known/a table.csv')

  expect(known).toEqual(written)
  expect(known).toMatchObject({
    name: 'known/a table.csv',
    url: cloud.bucket.urlOf('known/a table.csv'),
    sizeBytes: 8,
    contentType: 'text/csv',
    cacheControl: 'no-cache',
    metadata: { month: '2021-01' },
  })
  expect(known?.updatedAt).toBeInstanceOf(Date)
})

test('an object that is not there is told apart from one that is', async () => {
  await cloud.bucket.write('there', 'x')

  expect(await cloud.bucket.exists('there')).toBe(true)
  expect(await cloud.bucket.exists('not there')).toBe(false)
  expect(await cloud.bucket.stat('not there')).toBeUndefined()
  await expect(cloud.bucket.read('not there')).rejects.toMatchObject({ code: 'gcp/NOT_FOUND', status: 404 })
})

test('a file is uploaded in pieces and downloaded again, and both tell how far they are', async () => {
  const bytes = someBytes(1_000_001)
  const file = path.join(cloud.folder, 'large.bin')
  writeFileSync(file, bytes)
  const up: number[] = []
  const down: number[] = []

  await cloud.bucket.uploadFile(file, 'files/large.bin', { onProgress: (progress) => up.push(progress.bytes) })
  const back = path.join(cloud.folder, 'back', 'large.bin')
  await cloud.bucket.downloadFile('files/large.bin', back, { onProgress: (progress) => down.push(progress.bytes) })

  expect(readFileSync(back).equals(bytes)).toBe(true)
  expect(up.length).toBeGreaterThanOrEqual(4)
  expect([up.at(-1), down.at(-1)]).toEqual([1_000_001, 1_000_001])
  expect(up).toEqual(up.toSorted((a, b) => a - b))
})

test('a part of an object is read by its range', async () => {
  const bytes = someBytes(1000)
  await cloud.bucket.write('range', bytes)

  const middle = await cloud.bucket.read('range', { start: 100, end: 200 })
  const rest = await cloud.bucket.read('range', { start: 990 })

  expect(middle.equals(bytes.subarray(100, 200))).toBe(true)
  expect(rest.equals(bytes.subarray(990))).toBe(true)
})

test('what is stored packed comes unpacked, or as it is when that is asked for', async () => {
  const packed = gzipSync('hello '.repeat(1000))
  await cloud.bucket.write('packed.txt', packed, { contentEncoding: 'gzip' })

  const text = await cloud.bucket.readText('packed.txt')
  const raw = await cloud.bucket.read('packed.txt', { raw: true })

  expect(text).toBe('hello '.repeat(1000))
  expect(raw.equals(packed)).toBe(true)
})

test('a folder goes up and comes down again, as far as a pattern names its files', async () => {
  const source = path.join(cloud.folder, 'source')
  mkdirSync(path.join(source, 'deep', 'er'), { recursive: true })
  for (const name of ['a.csv', 'b.txt', 'deep/c.csv', 'deep/er/d.csv', 'ä ö.csv'])
    writeFileSync(path.join(source, name), `content of ${name}`)

  const up = await cloud.bucket.uploadFolder(source, 'folder/', { glob: '**/*.csv', parallel: 3 })
  const down = await cloud.bucket.downloadFolder('folder', path.join(cloud.folder, 'target'))

  const files = readdirSync(path.join(cloud.folder, 'target'), { recursive: true, withFileTypes: true })
  expect(up.files).toBe(4)
  expect(down).toEqual(up)
  expect(
    files
      .filter((file) => file.isFile())
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['a.csv', 'c.csv', 'd.csv', 'ä ö.csv'])
  expect(readFileSync(path.join(cloud.folder, 'target', 'deep', 'er', 'd.csv'), 'utf8')).toBe('content of deep/er/d.csv')
})

test('objects are listed by prefix, by pattern, by folder and no more than asked for', async () => {
  for (const name of ['list/2020/a.csv', 'list/2020/b.parquet', 'list/2021/01/c.csv', 'list/2021/d.csv', 'list/e.csv', 'listen']) {
    await cloud.bucket.write(name, name)
  }

  expect(await namesOf(cloud.bucket.list({ prefix: 'list/2020/' }))).toEqual(['list/2020/a.csv', 'list/2020/b.parquet'])
  expect(await namesOf(cloud.bucket.list({ glob: 'list/*/*.csv' }))).toEqual(['list/2020/a.csv', 'list/2021/d.csv'])
  expect(await namesOf(cloud.bucket.list({ prefix: 'list/', glob: '**/{c,e}.csv' }))).toEqual(['list/2021/01/c.csv', 'list/e.csv'])
  expect(await namesOf(cloud.bucket.list({ prefix: 'list', limit: 2 }))).toEqual(['list/2020/a.csv', 'list/2020/b.parquet'])
  expect(await allOf(cloud.bucket.folders({ prefix: 'list/' }))).toEqual(['list/2020/', 'list/2021/'])
})

test('a bucket seen from a folder knows nothing beside it', async () => {
  await cloud.bucket.write('outside', 'x')
  const inside = cloud.bucket.in('inside')

  const { name, url } = await inside.write('it', 'y')

  expect(name).toBe('it')
  expect(url).toBe(cloud.bucket.urlOf('inside/it'))
  expect(await namesOf(inside.list())).toEqual(['it'])
  expect(await inside.exists('outside')).toBe(false)
})

test('an object is copied and moved', async () => {
  await cloud.bucket.write('move/a', 'content', { metadata: { of: 'me' } })

  const copied = await cloud.bucket.copy('move/a', 'move/b')
  const moved = await cloud.bucket.move('move/a', 'move/c', { to: cloud.bucket.in('elsewhere') })

  expect(copied).toMatchObject({ name: 'move/b', metadata: { of: 'me' } })
  expect(moved).toMatchObject({ name: 'move/c', url: cloud.bucket.urlOf('elsewhere/move/c') })
  expect(await namesOf(cloud.bucket.list({ glob: '*/move/*' }))).toEqual(['elsewhere/move/c'])
  expect(await namesOf(cloud.bucket.list({ prefix: 'move/' }))).toEqual(['move/b'])
})

test('objects are deleted one by one and by prefix, and never all of them by mistake', async () => {
  for (const name of ['del/1', 'del/2', 'del/3', 'del-not']) await cloud.bucket.write(name, name)

  expect(await cloud.bucket.delete('del/1')).toBe(true)
  expect(await cloud.bucket.delete('del/1')).toBe(false)
  expect(await cloud.bucket.deleteAll({ prefix: 'del/' })).toBe(2)
  expect(await cloud.bucket.exists('del-not')).toBe(true)
  await expect(cloud.bucket.deleteAll({})).rejects.toMatchObject({ code: 'gcp/INVALID_OPTION' })
})

test('an object is written, replaced and deleted only where nobody else did', async () => {
  const first = await cloud.bucket.write('once', 'first', { ifGenerationMatch: 0 })

  await expect(cloud.bucket.write('once', 'second', { ifGenerationMatch: 0 })).rejects.toMatchObject({
    code: 'gcp/PRECONDITION_FAILED',
    status: 412,
  })
  const second = await cloud.bucket.write('once', 'second', { ifGenerationMatch: first.generation })
  await expect(cloud.bucket.delete('once', { ifGenerationMatch: first.generation })).rejects.toMatchObject({
    code: 'gcp/PRECONDITION_FAILED',
  })

  expect(await cloud.bucket.readText('once', { ifGenerationMatch: second.generation })).toBe('second')
})

test('a bucket that does not exist is told with its name and what to do', async () => {
  const missing = cloud.bucket.named('tutti-has-no-such-bucket')

  await expect(missing.write('a', 'x')).rejects.toMatchObject({
    code: 'gcp/BUCKET_NOT_FOUND',
    message: expect.stringContaining('gs://tutti-has-no-such-bucket/a was not uploaded'),
  })
  await expect(missing.read('a')).rejects.toMatchObject({ status: 404 })
  await expect(namesOf(missing.list())).rejects.toMatchObject({ code: 'gcp/BUCKET_NOT_FOUND' })
})
