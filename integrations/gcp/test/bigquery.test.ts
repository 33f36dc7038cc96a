import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { BigQueryClient } from '../src/bigquery/client.ts'
import { serveBigQuery } from './tools/bq-server.ts'
import type { BigQueryServer } from './tools/bq-server.ts'

let server: BigQueryServer
let bigquery: BigQueryClient
let folder: string

beforeAll(async () => {
  server = await serveBigQuery()
  const quick = { first: 5, longest: 50 }
  bigquery = new BigQueryClient({ emulator: server.url, project: 'tests', dataset: 'trips', poll: quick, retry: quick })
  const google = await bigquery.client()
  await google.createDataset('trips')
  folder = await mkdtemp(path.join(tmpdir(), 'bigquery-test-'))
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const schema = { id: 'INT64 NOT NULL', name: 'STRING' } as const

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const whole = path.join(folder, name)
  await writeFile(whole, content)
  return whole
}

test('a local CSV file is loaded with its schema, and its rows are there', async () => {
  const source = await file('a.csv', 'id,name\n1,one\n2,two\n')

  const loaded = await bigquery.load('a', source, { schema })

  expect(loaded).toMatchObject({ table: 'tests.trips.a', rows: 2, files: 1, badRecords: 0, reused: false })
  const rows = await (await bigquery.query('select * from a order by id')).rows()
  expect(rows).toEqual([
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ])
})

test('without a schema the columns are detected, in compressed files too', async () => {
  const source = await file('detected.csv.gz', gzipSync('day,n\n2026-01-01,1.5\n2026-01-02,2.5\n'))

  await bigquery.load('detected', source)

  const result = await bigquery.query('select day, n from detected order by 1')
  expect(await result.rows()).toEqual([
    { day: '2026-01-01', n: 1.5 },
    { day: '2026-01-02', n: 2.5 },
  ])
})

test('rows are loaded as they come from a generator', async () => {
  async function* rows(): AsyncGenerator<Record<string, unknown>> {
    yield { id: 9_007_199_254_740_993n, at: new Date('2026-01-01T10:00:00.123Z'), data: new Uint8Array([1, 2]), tags: ['x', 'y'] }
    yield { id: 2, at: null, tags: [] }
  }

  await bigquery.load('generated', rows(), { schema: { id: 'INT64', at: 'TIMESTAMP', data: 'BYTES', tags: 'ARRAY<STRING>' } })

  const result = await bigquery.query('select * from generated order by id desc', { integers: 'bigint' })
  expect(await result.rows()).toEqual([
    { id: 9_007_199_254_740_993n, at: new Date('2026-01-01T10:00:00.123Z'), data: new Uint8Array([1, 2]), tags: ['x', 'y'] },
    { id: 2n, at: null, data: null, tags: [] },
  ])
})

test('a large file goes in chunks, and a chunk that fails is sent again', async () => {
  const lines = Array.from({ length: 250_000 }, (_, index) => `${index},${'x'.repeat(60)}`)
  const source = await file('large.csv', `id,name\n${lines.join('\n')}\n`)
  server.fail({ match: 'PUT /upload', status: 503 })
  server.fail({ match: 'PUT /upload', drop: true, afterwards: true })

  const loaded = await bigquery.load('large', source, { schema })

  expect(loaded.rows).toBe(250_000)
})

test('append, truncate and fail-if-exists do what they say', async () => {
  const source = await file('b.csv', 'id,name\n1,one\n')
  await bigquery.load('b', source, { schema })

  await bigquery.load('b', source, { schema, write: 'append' })
  const appended = await count('b')
  await bigquery.load('b', source, { schema, write: 'truncate' })
  const truncated = await count('b')
  const refused = bigquery.load('b', source, { schema, write: 'fail-if-exists' })

  await expect(refused).rejects.toMatchObject({ code: 'gcp/BIGQUERY_EXISTS' })
  expect([appended, truncated]).toEqual([2, 1])
})

test('rows that cannot be read are named with their file, line and column', async () => {
  const source = await file('bad.csv', 'id,name\n1,one\nx,two\n3,three\ny,four\n')

  const refused = bigquery.load('bad', source, { schema })

  await expect(refused).rejects.toMatchObject({
    code: 'gcp/BIGQUERY_ROWS_REFUSED',
    message: expect.stringContaining('bad.csv, line 3, column "id": Unable to parse "x"'),
    rows: [
      { file: 'bad.csv', line: 3, column: 'id', value: 'x' },
      { file: 'bad.csv', line: 5, column: 'id', value: 'y' },
    ],
  })
})

test('of JSON the line is found by where the row begins', async () => {
  const source = await file('bad.jsonl', '{"id":1}\n{"id":"zwölf"}\n{"id":3,"other":1}\n')

  const refused = bigquery.load('bad_json', source, { schema })

  await expect(refused).rejects.toMatchObject({
    rows: [
      { line: 2, column: 'id' },
      { line: 3, column: 'other' },
    ],
  })
})

test('as many bad rows as are allowed are left out and told', async () => {
  const source = await file('some-bad.csv', 'id,name\n1,one\nx,two\n')

  const loaded = await bigquery.load('some_bad', source, { schema, badRecordsMax: 1 })

  expect(loaded).toMatchObject({ rows: 1, badRecords: 1, badRows: [{ line: 3, column: 'id' }] })
})

test('parameters have the right types, by name and by position', async () => {
  const named = await bigquery.query(
    'select @text as text, @whole as whole, @half as half, @flag as flag, @day as day, @at as at, @bytes as bytes, @big as big, @none as none, @list as list, @empty as empty',
    {
      params: {
        text: "it's",
        whole: 7,
        half: 0.5,
        flag: true,
        day: '2026-02-03',
        at: new Date('2026-02-03T04:05:06.789Z'),
        bytes: new Uint8Array([0, 255]),
        big: 9_007_199_254_740_993n,
        none: null,
        list: [1, 2.5],
        empty: [],
      },
      types: { day: 'DATE', none: 'INT64', empty: 'ARRAY<STRING>' },
      integers: 'bigint',
    },
  )
  const positional = await bigquery.query('select ? + ? as sum', { params: [1, 2] })

  expect(await named.first()).toEqual({
    text: "it's",
    whole: 7n,
    half: 0.5,
    flag: true,
    day: '2026-02-03',
    at: new Date('2026-02-03T04:05:06.789Z'),
    bytes: new Uint8Array([0, 255]),
    big: 9_007_199_254_740_993n,
    none: null,
    list: [1, 2.5],
    empty: [],
  })
  expect(await positional.first()).toEqual({ sum: 3 })
})

test('a null or an empty list without a type is refused with what to do', async () => {
  await expect(bigquery.query('select @x', { params: { x: null } })).rejects.toMatchObject({ code: 'gcp/BIGQUERY_VALUE_WITHOUT_TYPE' })
  await expect(bigquery.query('select @x', { params: { x: [] } })).rejects.toMatchObject({ code: 'gcp/BIGQUERY_VALUE_WITHOUT_TYPE' })
})

test('rows come a page at a time, and a list has a limit', async () => {
  const result = await bigquery.query<{ n: number }>('select range as n from range(2500)', { pageRows: 1000 })

  let sum = 0
  for await (const { n } of result) sum += n
  const pages = server.requests.filter((line) => /maxResults=1000\b/.test(line))

  expect(sum).toBe((2499 * 2500) / 2)
  expect(pages).toHaveLength(3)
  await expect(result.rows({ limit: 100 })).rejects.toMatchObject({ code: 'gcp/BIGQUERY_RESULT_TOO_LARGE' })
})

test('rows are checked by a schema, and typed by it', async () => {
  const rowSchema = z.object({ id: z.number(), day: z.iso.date().transform((day) => new Date(day)) })

  const result = await bigquery.query("select 1 as id, date '2026-01-01' as day", { schema: rowSchema })
  const other = await bigquery.query("select 'x' as id, null as day", { schema: rowSchema })

  const row: { readonly id: number; readonly day: Date } | undefined = await result.first()
  expect(row).toEqual({ id: 1, day: new Date('2026-01-01') })
  await expect(other.first()).rejects.toMatchObject({ code: 'gcp/BIGQUERY_ROW_NOT_AS_SCHEMA', message: expect.stringContaining('row 1') })
})

async function count(table: string): Promise<unknown> {
  return (await (await bigquery.query<{ n: number }>(`select count(*) as n from ${table}`)).first())?.n
}
