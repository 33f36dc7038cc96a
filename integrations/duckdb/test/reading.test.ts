import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Bucket, Progress } from '../src/index.ts'
import { testDatabase, testFolder } from './folder.ts'
import { busy, cutAfter, ranged, serve, silentAfter, whole } from './web.ts'

const csv = 'id,colour,fare\n1,green,2.5\n2,yellow,3\n3,green,\n'
const rows = [
  { id: 1, colour: 'green', fare: 2.5 },
  { id: 2, colour: 'yellow', fare: 3 },
  { id: 3, colour: 'green', fare: null },
]
const packed = gzipSync(csv)
/** Large enough that it does not arrive in one piece. */
const large = Buffer.from(`id,text\n${Array.from({ length: 50_000 }, (_, index) => `${index},text ${index}`).join('\n')}\n`)

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const target = path.join(await testFolder(), name)
  await writeFile(target, content)
  return target
}

test.each([
  ['trips.csv', csv],
  ['trips.csv.gz', packed],
  ['trips.tsv', csv.replaceAll(',', '\t')],
  ['trips.json', JSON.stringify(rows)],
  ['trips.json.gz', gzipSync(JSON.stringify(rows))],
  ['trips.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')],
  ['trips.ndjson.gz', gzipSync(rows.map((row) => JSON.stringify(row)).join('\n'))],
])('%s is read by what its name says', async (name, content) => {
  const database = await testDatabase()

  const read = await database.read('trips', await file(name, content))

  expect(read).toMatchObject({ table: 'trips', rows: 3, files: 1, skipped: { lines: 0 } })
  expect(read.columns.map((column) => column.name)).toEqual(['id', 'colour', 'fare'])
  expect(await database.sql`from trips order by id`).toEqual(rows)
})

test('what was written as Parquet is read again with its types', async () => {
  const database = await testDatabase()
  const target = path.join(await testFolder(), 'trips.parquet')
  await database.read('trips', await file('trips.csv', csv))

  await database.write(target, 'trips')
  const read = await database.read('again', target)

  expect(read.columns).toEqual(await database.columns('trips'))
  expect(await database.sql`from again order by id`).toEqual(rows)
})

test('types, a selection and a condition are applied while a file is read', async () => {
  const database = await testDatabase()

  const read = await database.read('trips', await file('trips.csv', csv), {
    types: { id: 'VARCHAR' },
    select: 'id, fare * 2 as double_fare',
    where: `colour = 'green' and fare is not null`,
  })

  expect(read.columns).toEqual([
    { name: 'id', type: 'VARCHAR' },
    { name: 'double_fare', type: 'DOUBLE' },
  ])
  expect(await database.sql`from trips`).toEqual([{ id: '1', double_fare: 5 }])
})

test('several files are one table, in the order of their names; a second reading adds to it', async () => {
  const folder = await testFolder()
  await writeFile(path.join(folder, 'b.csv'), 'id\n2\n')
  await writeFile(path.join(folder, 'a.csv'), 'id\n1\n')
  const database = await testDatabase()

  const first = await database.read('ids', path.join(folder, '*.csv'))
  const second = await database.read('ids', [path.join(folder, 'a.csv'), path.join(folder, 'b.csv')], { into: 'append' })

  expect([first.files, first.rows, second.rows]).toEqual([2, 2, 2])
  expect(await database.sql`from ids`).toEqual([{ id: 1 }, { id: 2 }, { id: 1 }, { id: 2 }])
})

test('a value that is not of its type is told with file, line and column', async () => {
  const source = await file('trips.csv', `id,colour\n${'1,green\n'.repeat(30_000)}oops,green\n`)
  const database = await testDatabase()

  const reading = database.read('trips', source, { types: { id: 'BIGINT' } })

  await expect(reading).rejects.toMatchObject({
    code: 'duckdb/bad-data',
    file: source,
    line: 30_002,
    column: 'id',
    message: `${source}, line 30002, column "id": Could not convert string "oops" to 'BIGINT'. The line is: oops,green`,
  })
})

test('a broken line of JSON is told with file and line', async () => {
  const source = await file('trips.jsonl', '{"id": 1}\n{"id": 2\n')
  const database = await testDatabase()

  await expect(database.read('trips', source)).rejects.toMatchObject({ code: 'duckdb/bad-data', file: source, line: expect.any(Number) })
})

test('lines that cannot be read are left out when that is wanted, counted and told', async () => {
  const source = await file('trips.csv', 'id,colour\n1,green\nx,green\n3,green,more,than\n4,green\n')
  const database = await testDatabase()

  const { rows: count, skipped } = await database.read('trips', source, {
    types: { id: 'BIGINT' },
    csv: { header: true, delimiter: ',' },
    badRows: 'skip',
  })

  expect(count).toBe(2)
  expect(skipped.lines).toBe(2)
  expect(skipped.examples).toMatchObject([
    { file: source, line: 3, column: 'id', text: 'x,green' },
    { file: source, line: 4 },
  ])
})

test('a gzip file that was cut is refused instead of read in part', async () => {
  const source = await file('trips.csv.gz', gzipSync(large).subarray(0, 100_000))
  const database = await testDatabase()

  await expect(database.read('trips', source)).rejects.toMatchObject({ code: 'duckdb/file', file: source })
})

test.each([
  ['no-such-file.csv', 'duckdb/file'],
  ['trips', 'duckdb/source'],
  ['s3://bucket/trips.csv', 'duckdb/source'],
  ['gs://bucket/trips.csv', 'duckdb/source'],
])('%s cannot be read, and a sentence says why', async (source, code) => {
  const database = await testDatabase()

  await expect(database.read('trips', source)).rejects.toMatchObject({ code, message: expect.stringContaining(source) })
})

test('a web address is fetched and read, and nothing is left of the download', async () => {
  const web = await serve(whole(packed))
  const tempFolder = await testFolder()
  const database = await testDatabase({ tempFolder })

  const read = await database.read('trips', `${web.url}/yellow/trips.csv.gz?signature=secret`)
  const left = await readdir(tempFolder, { recursive: true })
  await database.close()

  expect(read).toMatchObject({ rows: 3, sizeBytes: packed.length })
  expect(left.filter((name) => name.includes('trips'))).toEqual([])
  expect(await readdir(tempFolder)).toEqual([])
})

test('a server that is busy is asked again, as one whose line breaks', async () => {
  const web = await serve(busy, cutAfter(10, packed), busy, whole(packed))
  const database = await testDatabase()

  const { rows: count } = await database.read('trips', `${web.url}/trips.csv.gz`, { download: { retryDelay: 1 } })

  expect(count).toBe(3)
  expect(web.requests).toHaveLength(4)
})

test('a transfer that broke goes on from where it was', async () => {
  const arrived = Promise.withResolvers<void>()
  const web = await serve(cutAfter(300_000, large, arrived.promise), ranged(large))
  const database = await testDatabase()

  const { rows: count, sizeBytes } = await database.read('trips', `${web.url}/trips.csv`, {
    download: { retryDelay: 1 },
    onProgress: ({ done }) => void (done === 300_000 && arrived.resolve()),
  })

  expect([count, sizeBytes]).toEqual([50_000, large.length])
  expect(web.requests[1]?.headers.range).toMatch(/^bytes=[1-9]\d*-$/)
})

test('a file that changed while its transfer was broken is fetched anew', async () => {
  const other = Buffer.from('id,text\n7,other\n')
  const arrived = Promise.withResolvers<void>()
  const web = await serve(cutAfter(300_000, large, arrived.promise), whole(other, { etag: '"2"' }))
  const database = await testDatabase()

  await database.read('trips', `${web.url}/trips.csv`, {
    download: { retryDelay: 1 },
    onProgress: ({ done }) => void (done === 300_000 && arrived.resolve()),
  })

  expect(await database.sql`from trips`).toEqual([{ id: 7, text: 'other' }])
})

test('a server that sends nothing more is given up on, and asked again', async () => {
  const web = await serve(silentAfter(10, packed), whole(packed))
  const database = await testDatabase()

  const { rows: count } = await database.read('trips', `${web.url}/trips.csv.gz`, { download: { retryDelay: 1, stallTimeout: 200 } })

  expect(count).toBe(3)
})

test('what will not come by asking again is asked for once, and told without what is secret in the address', async () => {
  const web = await serve((_request, response) => void response.writeHead(404).end())
  const database = await testDatabase()

  const reading = database.read('trips', `${web.url.replace('//', '//user:password@')}/trips.csv?token=secret`)
  const error: unknown = await reading.catch((thrown: unknown) => thrown)

  expect(error).toMatchObject({ code: 'duckdb/download', mayPass: false, message: `${web.url}/trips.csv answered 404 (Not Found)` })
  expect(web.requests.map(({ headers, url }) => [headers.authorization, url])).toEqual([
    [`Basic ${Buffer.from('user:password').toString('base64')}`, '/trips.csv?token=secret'],
  ])
})

test('a server that stays busy is an error that a later attempt may not have', async () => {
  const web = await serve(busy)
  const database = await testDatabase()

  const reading = database.read('trips', `${web.url}/trips.csv`, { download: { retries: 2, retryDelay: 1 } })

  await expect(reading).rejects.toMatchObject({ code: 'duckdb/download', mayPass: true, retryAfter: 0 })
  expect(web.requests).toHaveLength(3)
})

test('a download tells how far it is', async () => {
  const web = await serve(whole(large))
  const database = await testDatabase()
  const told: Progress[] = []

  await database.read('trips', `${web.url}/trips.csv`, { onProgress: (progress) => told.push(progress) })

  expect(told.findLast(({ phase }) => phase === 'download')).toEqual({
    phase: 'download',
    percent: 100,
    done: large.length,
    total: large.length,
  })
})

test('a file that a server unpacked on the way is read as what it is', async () => {
  const web = await serve(whole(Buffer.from(csv)))
  const database = await testDatabase()

  const { rows: count } = await database.read('trips', `${web.url}/trips.csv.gz`)

  expect(count).toBe(3)
})

test('gs:// addresses are objects of the bucket that the database was opened with', async () => {
  const objects = new Map([['trips.csv', csv]])
  const bucket: Bucket = {
    name: 'taxi',
    folder: '2021/',
    downloadFile: (name, target) => writeFile(target, objects.get(name) ?? ''),
  }
  const database = await testDatabase({ bucket })

  const byAddress = await database.read('trips', 'gs://taxi/2021/trips.csv')
  const byName = await database.read('trips', { bucket, name: 'trips.csv' })
  const elsewhere = database.read('trips', 'gs://other/2021/trips.csv')

  expect([byAddress.rows, byName.rows]).toEqual([3, 3])
  await expect(elsewhere).rejects.toMatchObject({ code: 'duckdb/source', message: expect.stringContaining('taxi') })
})
