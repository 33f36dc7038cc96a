import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bucket } from '../src/index.ts'
import { openLocalPlace } from './bigquery-place.ts'
import type { LocalPlace } from './bigquery-place.ts'
import { openLocalCloud } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

let cloud: LocalCloud
let place: LocalPlace
let bucket: Bucket

beforeAll(async () => {
  cloud = await openLocalCloud()
  bucket = cloud.bucket
  place = await openLocalPlace(cloud.server.url)
})

afterAll(async () => {
  await place[Symbol.asyncDispose]()
  await cloud.close()
})

const schema = { id: 'INT64', name: 'STRING' } as const

test('objects of Cloud Storage are loaded by their addresses and by a pattern', async () => {
  await bucket.write('in/a-1.csv', 'id,name\n1,one\n')
  await bucket.write('in/a-2.csv', 'id,name\n2,two\n3,three\n')
  await bucket.write('in/b.jsonl.gz', gzipSync('{"id":4,"name":"four"}\n'))

  const pattern = await place.bigquery.load('stored', bucket.urlOf('in/a-*.csv'), { schema })
  const named = await place.bigquery.load('stored', [bucket.urlOf('in/b.jsonl.gz')], { schema })

  expect(pattern).toMatchObject({ rows: 3, files: 2 })
  expect(named).toMatchObject({ rows: 1, files: 1 })
  expect(await place.rowsIn('stored')).toBe(4)
})

test('a table goes to Parquet in Cloud Storage and comes back with its types', async () => {
  const rows = [{ at: new Date('2026-01-01T10:00:00Z'), day: '2026-01-01', fare: '12.500000000', ok: true, big: 9_007_199_254_740_993n }]
  await place.bigquery.load('there', rows, { schema: { at: 'TIMESTAMP', day: 'DATE', fare: 'NUMERIC', ok: 'BOOL', big: 'INT64' } })

  const extracted = await place.bigquery.extract('there', bucket.urlOf('out/there-*.parquet'))
  const loaded = await place.bigquery.load('back', bucket.urlOf('out/there-*.parquet'))

  expect(extracted).toMatchObject({ table: place.table('there'), files: 1 })
  expect(loaded.rows).toBe(1)
  const result = await place.bigquery.query('SELECT * FROM back', { integers: 'bigint' })
  expect(await result.rows()).toEqual(rows)
})

test.each([
  ['avro', 'AVRO'],
  ['orc', 'ORC'],
] as const)('files of %s are handed over as such, by their names or as it is said, without a schema', async (format, known) => {
  await bucket.write(`in/rows.${format}`, 'rows')
  await bucket.write('in/rows', 'rows')

  const loads = await Promise.allSettled([
    place.bigquery.load(format, bucket.urlOf(`in/rows.${format}`)),
    place.bigquery.load(format, bucket.urlOf('in/rows'), { format }),
  ])

  // The local server takes them for what they are, and says that it cannot read them.
  const refused = { reason: { message: expect.stringContaining(`This server cannot read ${known}`) as string } }
  expect(loads).toMatchObject([refused, refused])
})

test('a compressed extract says so by its name', async () => {
  await place.bigquery.load('lines', [{ id: 1, name: 'one' }], { schema })

  await place.bigquery.extract('lines', bucket.urlOf('out/lines.csv.gz'))

  expect((await bucket.read('out/lines.csv.gz')).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
})

test('bad rows of objects are named by object and line, of JSON too', async () => {
  await bucket.write('in/bad.csv', 'id,name\n1,one\nx,two\n')
  await bucket.write('in/bad.jsonl', '{"id":1}\n{"id":2}\n{"id":"three"}\n')
  const client = place.with({ storageEmulator: cloud.server.url })

  const csv = client.load('bad', bucket.urlOf('in/bad.csv'), { schema })
  const json = client.load('bad', bucket.urlOf('in/bad.jsonl'), { schema })

  await expect(csv).rejects.toMatchObject({ rows: [{ file: bucket.urlOf('in/bad.csv'), line: 3, column: 'id' }] })
  await expect(json).rejects.toMatchObject({
    message: expect.stringContaining(`${bucket.urlOf('in/bad.jsonl')}, line 3, column "id"`),
    rows: [{ line: 3, column: 'id' }],
  })
})

test('an object that is not there is named', async () => {
  const missing = place.bigquery.load('missing', bucket.urlOf('in/none.parquet'))

  await expect(missing).rejects.toMatchObject({ code: 'gcp/BIGQUERY_NOT_FOUND', message: expect.stringContaining('in/none.parquet') })
})
