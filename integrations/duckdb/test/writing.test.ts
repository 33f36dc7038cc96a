import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Bucket } from '../src/index.ts'
import { testDatabase, testFolder } from './folder.ts'

test.each([
  ['out.csv', 'id,colour\n1,green\n2,yellow\n'],
  ['out.tsv', 'id\tcolour\n1\tgreen\n2\tyellow\n'],
  ['out.jsonl', '{"id":1,"colour":"green"}\n{"id":2,"colour":"yellow"}\n'],
  ['out.json', '[\n\t{"id":1,"colour":"green"},\n\t{"id":2,"colour":"yellow"}\n]\n'],
])('%s is written as its name says', async (name, content) => {
  const file = path.join(await testFolder(), 'new', 'folder', name)
  const database = await testDatabase()
  await database.insert('trips', [
    { id: 1, colour: 'green' },
    { id: 2, colour: 'yellow' },
  ])

  const written = await database.write(file, 'trips')

  expect(written).toEqual({ file, rows: 2, sizeBytes: content.length })
  expect(await readFile(file, 'utf8')).toBe(content)
})

test('names that end in .gz are packed; queries bring their parameters', async () => {
  const file = path.join(await testFolder(), 'out.csv.gz')
  const database = await testDatabase()

  await database.write(file, database.sql`select range as id from range(${4}) where range > ${1}`)

  expect(gunzipSync(await readFile(file)).toString()).toBe('id\n2\n3\n')
})

test('Parquet files are packed with zstd', async () => {
  const file = path.join(await testFolder(), 'out.parquet')
  const database = await testDatabase()

  const { rows } = await database.write(file, 'select range as id from range(1000)', { rowGroupRows: 2048 })

  expect(rows).toBe(1000)
  expect(await database.query('select distinct compression from parquet_metadata($1)', [file])).toEqual([{ compression: 'ZSTD' }])
})

test('a file that could not be written whole leaves what was there before', async () => {
  const folder = await testFolder()
  const file = path.join(folder, 'out.csv')
  await writeFile(file, 'before')
  const database = await testDatabase()

  const writing = database.write(file, `select case when range < 200000 then range else error('boom') end from range(400000)`)

  await expect(writing).rejects.toThrow('boom')
  expect(await readFile(file, 'utf8')).toBe('before')
  expect(await readdir(folder)).toEqual(['out.csv'])
})

test('gs:// addresses are put into the bucket', async () => {
  const objects = new Map<string, string>()
  const bucket: Bucket = {
    name: 'taxi',
    downloadFile: () => Promise.resolve(),
    uploadFile: async (file, name) => void objects.set(name, await readFile(file, 'utf8')),
  }
  const tempFolder = await testFolder()
  const database = await testDatabase({ bucket, tempFolder })

  const written = await database.write('gs://taxi/2021/out.csv', 'select 1 as id')

  expect(written).toMatchObject({ file: 'gs://taxi/2021/out.csv', rows: 1 })
  expect([...objects]).toEqual([['2021/out.csv', 'id\n1\n']])
  expect((await readdir(tempFolder, { recursive: true })).filter((name) => name.endsWith('out.csv'))).toEqual([])
})

test.each([
  ['out.xlsx', {}, 'duckdb/source'],
  ['https://example.com/out.csv', {}, 'duckdb/source'],
  ['gs://taxi/out.csv', {}, 'duckdb/source'],
  ['out.csv', { compression: 'snappy' }, 'duckdb/option'],
] as const)('%s cannot be written with %o', async (file, options, code) => {
  const database = await testDatabase()

  await expect(database.write(file, 'select 1', options)).rejects.toMatchObject({ code })
})
