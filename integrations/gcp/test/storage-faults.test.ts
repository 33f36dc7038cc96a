// What goes wrong between this machine and Cloud Storage, and what a user notices of it: nothing, or what to do.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { flow, run } from 'tutti'
import { testTutti } from 'tutti/testing'
import { allOf, openLocalCloud, someBytes } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

let cloud: LocalCloud

beforeAll(async () => {
  cloud = await openLocalCloud()
})

beforeEach(() => cloud.server.reset())

afterAll(() => cloud.close())

const PUT = 'PUT .*upload_id'
const LARGE = 1_000_000

test.each([
  ['two 503 in one piece', [{ count: 2, status: 503, match: PUT }]],
  ['503 in every piece', [1, 2, 3, 4].map(() => ({ count: 1, status: 503, match: PUT }))],
  ['a connection that is cut before a piece', [{ count: 1, drop: true, match: PUT }]],
  ['a connection that is cut in the middle of a piece', [{ count: 2, cutRequestAfter: 100_000, match: PUT }]],
  ['an answer that never arrives', [{ count: 1, dropAnswer: true, match: PUT }]],
  ['a last answer that never arrives', [{ count: 1, dropAnswer: true, match: 'PUT .*upload_id' }]],
  ['too many requests', [{ count: 2, status: 429, reason: 'rateLimitExceeded', match: PUT }]],
  ['a 500 where the upload begins', [{ count: 1, status: 500, match: 'POST .*uploadType=resumable' }]],
  ['an upload that Google has forgotten', [{ count: 1, status: 410, match: PUT }]],
])('an upload survives %s', async (_, faults) => {
  const bytes = someBytes(LARGE)
  for (const fault of faults) cloud.server.fail(fault)

  await cloud.bucket.write('up', bytes)

  expect((await cloud.bucket.read('up')).equals(bytes)).toBe(true)
})

test('a small object that is answered with 503 twice is there', async () => {
  cloud.server.fail({ count: 2, status: 503, match: 'POST .*uploadType=multipart' })

  await cloud.bucket.write('small', 'content')

  expect(await cloud.bucket.readText('small')).toBe('content')
})

test('a condition holds for one upload, also when its answer was lost', async () => {
  cloud.server.fail({ count: 1, dropAnswer: true, match: PUT })

  await cloud.bucket.write('conditional', 'content', { ifGenerationMatch: 0 })

  expect(await cloud.bucket.readText('conditional')).toBe('content')
})

test('a piece that is too slow is asked after, and what has come is not sent again', async () => {
  const bytes = someBytes(LARGE)
  cloud.server.fail({ count: 1, delayMs: 60_000, match: PUT })

  await cloud.with({ timeout: '200ms' }).write('slow', bytes)

  expect((await cloud.bucket.read('slow')).equals(bytes)).toBe(true)
})

test('an upload that fails again and again is given up with what was said, and leaves nothing', async () => {
  cloud.server.fail({ count: 100, status: 503, match: PUT })

  const failure = cloud.with({ retries: 3 }).write('never', someBytes(LARGE))

  await expect(failure).rejects.toMatchObject({
    code: 'gcp/UNAVAILABLE',
    status: 503,
    message: 'gs://trips/never was not uploaded: injected fault',
  })
  cloud.server.reset()
  expect(await cloud.bucket.exists('never')).toBe(false)
})

test.each([
  ['is cut', { count: 3, cutAnswerAfter: 200_000, match: 'alt=media' }],
  ['falls silent', { count: 1, stallAnswerAfter: 100_000, match: 'alt=media' }],
  ['is refused with 503', { count: 2, status: 503, match: 'alt=media' }],
])('a download whose connection %s goes on where it was', async (_, fault) => {
  const bytes = someBytes(LARGE)
  await cloud.bucket.write('down', bytes)
  cloud.server.fail(fault)

  const read = await cloud.with({ timeout: '500ms' }).read('down')

  expect(read.equals(bytes)).toBe(true)
  expect(cloud.server.log.filter((line) => line.includes('alt=media')).length).toBeGreaterThan(1)
})

test('a download that is cut goes on in the generation it began with', async () => {
  await cloud.bucket.write('replaced', someBytes(LARGE))
  cloud.server.fail({ count: 1, cutAnswerAfter: 100_000, match: 'alt=media' })
  const chunks = cloud.bucket.stream('replaced')
  await chunks.next()
  await cloud.bucket.write('replaced', someBytes(LARGE, 2))

  const rest = allOf(chunks)

  // The bucket keeps no older versions: a mixture of both would be worse.
  await expect(rest).rejects.toMatchObject({ code: 'gcp/NOT_FOUND' })
})

test('bytes that were changed on their way down are never put into a file', async () => {
  await cloud.bucket.write('changed', someBytes(1000))
  cloud.server.fail({ count: 3, corrupt: true, match: 'alt=media' })
  const folder = path.join(cloud.folder, 'changed')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'file'), 'what was there')

  const failure = cloud.bucket.downloadFile('changed', path.join(folder, 'file'))

  await expect(failure).rejects.toMatchObject({ code: 'gcp/DATA_CORRUPT' })
  expect(readdirSync(folder)).toEqual(['file'])
  expect(readFileSync(path.join(folder, 'file'), 'utf8')).toBe('what was there')
})

test('bytes that were changed on their way down once are downloaded again', async () => {
  await cloud.bucket.write('changed-once', 'content')
  cloud.server.fail({ count: 1, corrupt: true, match: 'alt=media' })
  const file = path.join(cloud.folder, 'changed-once')

  await cloud.bucket.downloadFile('changed-once', file)

  expect(readFileSync(file, 'utf8')).toBe('content')
})

test('bytes that are changed on their way up never become an object', async () => {
  cloud.server.fail({ count: 3, corruptRequest: true, match: 'uploadType=multipart' })

  const failure = cloud.bucket.write('changed-up', someBytes(10_000))

  await expect(failure).rejects.toMatchObject({ code: 'gcp/DATA_CORRUPT' })
  expect(await cloud.bucket.exists('changed-up')).toBe(false)
})

test('bytes that are changed on their way up once are uploaded again', async () => {
  const bytes = someBytes(LARGE)
  cloud.server.fail({ count: 1, corruptRequest: true, match: PUT })

  await cloud.bucket.write('changed-up-once', bytes)

  expect((await cloud.bucket.read('changed-up-once')).equals(bytes)).toBe(true)
})

test('an upload that is aborted stops at once, with the reason, and Google keeps nothing of it', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const failure = cloud.bucket.write('aborted', someBytes(LARGE), {
    signal: stop.signal,
    onProgress: () => stop.abort(reason),
  })

  await expect(failure).rejects.toBe(reason)
  expect(await cloud.bucket.exists('aborted')).toBe(false)
  expect(cloud.server.log.filter((line) => line.startsWith('DELETE'))).toHaveLength(1)
})

test('an upload whose source never answers is stopped too', async () => {
  const stop = new AbortController()
  async function* hangs(): AsyncGenerator<Uint8Array> {
    yield someBytes(10)
    stop.abort(new Error('enough'))
    await new Promise(() => {})
  }

  await expect(cloud.bucket.write('hangs', hangs(), { signal: stop.signal })).rejects.toThrow('enough')
})

test('a download that is aborted leaves no half file', async () => {
  await cloud.bucket.write('whole', someBytes(LARGE))
  const stop = new AbortController()
  const folder = path.join(cloud.folder, 'aborted')

  const failure = cloud.bucket.downloadFile('whole', path.join(folder, 'file'), {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  })

  await expect(failure).rejects.toThrow('enough')
  expect(readdirSync(folder)).toEqual([])
})

test('a run that is cancelled stops its transfer, without being told how', async () => {
  await using tutti = await testTutti()
  const begun = Promise.withResolvers<string>()
  cloud.server.fail({ count: 100, delayMs: 60_000, match: PUT })
  const backup = flow({ name: 'backup' }, async () => {
    begun.resolve(run().flowRunId)
    await cloud.bucket.write('cancelled', someBytes(LARGE))
  })

  const running = tutti.run(backup)
  await tutti.cancel(await begun.promise)

  expect((await running).state).toBe('cancelled')
  cloud.server.reset()
  expect(await cloud.bucket.exists('cancelled')).toBe(false)
})

test('the first failure ends a folder, and says what failed', async () => {
  const source = path.join(cloud.folder, 'many')
  mkdirSync(source)
  for (let at = 0; at < 20; at++) writeFileSync(path.join(source, `${at}.txt`), 'x')
  cloud.server.fail({ count: 1, status: 403, match: 'uploadType=multipart' })

  const failure = cloud.bucket.uploadFolder(source, 'many/', { parallel: 2 })

  await expect(failure).rejects.toMatchObject({
    code: 'gcp/FORBIDDEN',
    message: expect.stringMatching(/gs:\/\/trips\/many\/\d+\.txt was not uploaded/),
  })
})

test('an object whose name leads out of a folder is not written there', async () => {
  await cloud.bucket.write('evil/../../outside', 'x')

  const failure = cloud.bucket.downloadFolder('evil', path.join(cloud.folder, 'in', 'here'))

  await expect(failure).rejects.toMatchObject({ code: 'gcp/FILE_UNUSABLE' })
  expect(existsSync(path.join(cloud.folder, 'outside'))).toBe(false)
})

test('an account without a permission is told what it lacks', async () => {
  cloud.server.fail({ count: 1, status: 403, reason: 'forbidden', match: 'GET' })

  await expect(cloud.bucket.stat('secret')).rejects.toMatchObject({ code: 'gcp/FORBIDDEN', fix: /roles\/storage\.objectAdmin/ })
})

test('large objects are copied in rounds', async () => {
  const bytes = someBytes(LARGE)
  await cloud.bucket.write('rounds', bytes)
  cloud.server.fail({ count: 1, status: 503, match: 'rewriteTo' })

  await cloud.bucket.copy('rounds', 'rounds-2')

  expect((await cloud.bucket.read('rounds-2')).equals(bytes)).toBe(true)
})

test('an upload holds no more of its source than two pieces, however long it is', async () => {
  const sent = { produced: 0, arrived: 0, most: 0 }
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < 64; at++) {
      sent.produced += 65_536
      sent.most = Math.max(sent.most, sent.produced - sent.arrived)
      yield someBytes(65_536, at)
    }
  }

  const { sizeBytes } = await cloud.bucket.write('long', source(), { onProgress: ({ bytes }) => void (sent.arrived = bytes) })

  expect(sizeBytes).toBe(64 * 65_536)
  expect(sent.most).toBeLessThanOrEqual(2 * 256 * 1024)
})
