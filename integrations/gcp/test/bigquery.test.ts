import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { BigQueryClient } from '../src/bigquery/client.ts'
import { openAnyPlace } from './bigquery-place.ts'
import type { Place } from './bigquery-place.ts'

// What is true of the real service too, and shown there where TUTTI_TEST_GCP_PROJECT names a project.

let place: Place
let bigquery: BigQueryClient

beforeAll(async () => {
  place = await openAnyPlace()
  bigquery = place.bigquery
})

afterAll(() => place[Symbol.asyncDispose]())

const schema = { id: 'INT64 NOT NULL', name: 'STRING' } as const

test('a local CSV file is loaded with its schema, and its rows are there', async () => {
  const source = await place.file('a.csv', 'id,name\n1,one\n2,two\n')

  const loaded = await bigquery.load('a', source, { schema })

  expect(loaded).toMatchObject({ table: place.table('a'), rows: 2, files: 1, badRecords: 0, reused: false })
  const rows = await (await bigquery.query('select * from a order by id')).rows()
  expect(rows).toEqual([
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ])
})

test('without a schema the columns are detected, in compressed files too', async () => {
  const source = await place.file('detected.csv.gz', gzipSync('day,n\n2026-01-01,1.5\n2026-01-02,2.5\n'))

  await bigquery.load('detected', source)

  const result = await bigquery.query('select day, n from detected order by 1')
  expect(await result.rows()).toEqual([
    { day: '2026-01-01', n: 1.5 },
    { day: '2026-01-02', n: 2.5 },
  ])
})

test('a table that is there says what the columns of a file are', async () => {
  await bigquery.load('typed', [{ id: 'A1', n: 1 }], { schema: { id: 'STRING', n: 'FLOAT64' } })

  await bigquery.load('typed', await place.file('typed.csv', 'id,n\n2,3\n'))

  const rows = await (await bigquery.query('SELECT * FROM typed ORDER BY n')).rows()
  expect(rows).toEqual([
    { id: 'A1', n: 1 },
    { id: '2', n: 3 },
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

test('append, truncate and fail-if-exists do what they say', async () => {
  const source = await place.file('b.csv', 'id,name\n1,one\n')
  await bigquery.load('b', source, { schema })

  await bigquery.load('b', source, { schema, write: 'append' })
  const appended = await place.rowsIn('b')
  await bigquery.load('b', source, { schema, write: 'truncate' })
  const truncated = await place.rowsIn('b')
  const refused = bigquery.load('b', source, { schema, write: 'fail-if-exists' })

  await expect(refused).rejects.toMatchObject({ code: 'gcp/BIGQUERY_EXISTS' })
  expect([appended, truncated]).toEqual([2, 1])
})

test('rows that cannot be read are named with their file, line and column', async () => {
  const source = await place.file('bad.csv', 'id,name\n1,one\nx,two\n3,three\ny,four\n')

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
  const source = await place.file('bad.jsonl', '{"id":1}\n{"id":"zwölf"}\n{"id":3,"other":1}\n')

  const refused = bigquery.load('bad_json', source, { schema })

  await expect(refused).rejects.toMatchObject({
    rows: [
      { line: 2, column: 'id' },
      { line: 3, column: 'other' },
    ],
  })
})

test('as many bad rows as are allowed are left out and told', async () => {
  const source = await place.file('some-bad.csv', 'id,name\n1,one\nx,two\n')

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
  const result = await bigquery.query<{ n: number }>('SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n', { pageRows: 1000 })

  let sum = 0
  for await (const { n } of result) sum += n

  expect(sum).toBe((2500 * 2501) / 2)
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

test('records and lists of records are read as objects', async () => {
  const rows = [
    {
      id: 1,
      stops: [
        { at: 'A', minutes: 3 },
        { at: 'B', minutes: 5 },
      ],
      driver: { name: 'Ada' },
    },
  ]
  await bigquery.load('nested', rows, {
    schema: { id: 'INT64', stops: [{ at: 'STRING', minutes: 'INT64' }], driver: { name: 'STRING' } },
  })

  const result = await bigquery.query(`SELECT * FROM nested`)

  expect(await result.rows()).toEqual(rows)
})

test('a query that changes rows says how many, and one into a table keeps its rows there', async () => {
  await bigquery.load('changed', await place.file('c.csv', 'id,name\n1,one\n2,two\n3,three\n'), { schema })

  const updated = await bigquery.query("UPDATE changed SET name = 'x' WHERE id > 1")
  await bigquery.query('SELECT id FROM changed', { destination: { table: 'kept' } })

  expect(updated.summary).toMatchObject({ statement: 'UPDATE', affectedRows: 2 })
  expect(await place.rowsIn('kept')).toBe(3)
})

test('an estimate says what a query would read, and a limit refuses what is more', async () => {
  const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: 'x'.repeat(10) }))
  await bigquery.load('estimated', rows, { schema })

  const all = await bigquery.estimate('SELECT * FROM estimated', { pricePerTiB: 2 ** 40 })
  const refused = bigquery.query('SELECT COUNT(DISTINCT name) AS n FROM estimated', { maximumBytesBilled: 1000 })

  expect(all).toMatchObject({
    bytes: 100 * (8 + 12),
    cost: 2000,
    columns: [{ name: 'id' }, { name: 'name' }],
    tables: [place.table('estimated')],
  })
  await expect(refused).rejects.toMatchObject({ code: 'gcp/BIGQUERY_TOO_EXPENSIVE' })
})

test('what is not there is named', async () => {
  await expect(bigquery.query('SELECT * FROM nowhere')).rejects.toMatchObject({
    code: 'gcp/BIGQUERY_NOT_FOUND',
    message: expect.stringContaining('nowhere'),
  })
  await expect(bigquery.load('x', '/no/such/file.csv')).rejects.toMatchObject({ code: 'gcp/BIGQUERY_NOT_FOUND' })
  await expect(bigquery.query('SELEKT 1')).rejects.toMatchObject({ code: 'gcp/BIGQUERY_INVALID' })
})

test('a table is made with its layout, changed, described and dropped', async () => {
  const made = await bigquery.createTable('laid_out', {
    schema: [
      { name: 'at', type: 'TIMESTAMP', mode: 'REQUIRED', description: 'When it began' },
      { name: 'zone', type: 'STRING' },
    ],
    partition: { by: 'at', every: 'month' },
    cluster: ['zone'],
    description: 'Trips',
    labels: { team: 'taxis' },
    expiresAfter: '2h',
  })

  const again = await bigquery.createTable('laid_out', { schema: { other: 'INT64' } })
  const changed = await bigquery.alterTable('laid_out', { addColumns: { fare: 'NUMERIC' }, description: null, expiresAfter: null })

  expect([made, again]).toEqual([true, false])
  expect(changed).toMatchObject({
    name: place.table('laid_out'),
    rows: 0,
    partitionedBy: 'at',
    clusteredBy: ['zone'],
    description: null,
    labels: { team: 'taxis' },
    expiresAt: null,
  })
  expect(changed.columns.map(({ name }) => name)).toEqual(['at', 'zone', 'fare'])
  expect(changed.columns[0]).toMatchObject({ mode: 'REQUIRED', description: 'When it began' })
  expect(await bigquery.listTables()).toContain('laid_out')
  expect([await bigquery.dropTable('laid_out'), await bigquery.dropTable('laid_out')]).toEqual([true, false])
  expect(await bigquery.tableExists('laid_out')).toBe(false)
})

test('a load into a new table lays it out, and one partition is replaced without the others', async () => {
  const partition = { by: 'day', every: 'day' } as const
  const days = { day: 'DATE', n: 'INT64' } as const
  const rows = [
    { day: '2026-01-01', n: 1 },
    { day: '2026-01-02', n: 2 },
  ]
  await bigquery.load('partitioned', rows, { schema: days, partition, cluster: ['n'], expiresAfter: '1d' })

  await bigquery.load(
    'partitioned$20260102',
    [
      { day: '2026-01-02', n: 20 },
      { day: '2026-01-02', n: 21 },
    ],
    { schema: days, write: 'truncate', partition },
  )

  const left = await bigquery.query('SELECT n FROM partitioned ORDER BY n')
  expect(await left.rows()).toEqual([{ n: 1 }, { n: 20 }, { n: 21 }])
  expect(await bigquery.describeTable('partitioned')).toMatchObject({
    partitionedBy: 'day',
    clusteredBy: ['n'],
    expiresAt: expect.any(Date),
  })
})

test('columns that a file has and the table lacks are added where that is allowed', async () => {
  await bigquery.load('grows', [{ id: 1 }], { schema: { id: 'INT64' } })
  const more = { schema: { id: 'INT64', extra: 'STRING' } } as const

  await expect(bigquery.load('grows', [{ id: 2, extra: 'x' }], more)).rejects.toMatchObject({ code: 'gcp/BIGQUERY_INVALID' })
  await bigquery.load('grows', [{ id: 2, extra: 'x' }], { ...more, addColumns: true })

  const rows = await (await bigquery.query('SELECT * FROM grows ORDER BY id')).rows()
  expect(rows).toEqual([
    { id: 1, extra: null },
    { id: 2, extra: 'x' },
  ])
})

test('rows are inserted, and those that are refused are named', async () => {
  await bigquery.createTable('streamed', { schema: { id: 'INT64 NOT NULL', at: 'TIMESTAMP' } })

  const inserted = await bigquery.insert('streamed', [{ id: 1, at: new Date() }, { id: 2n }], { batchRows: 1 })
  const refused = bigquery.insert('streamed', [{ id: 3 }, { id: 'x' }, { other: 1 }])
  const skipped = await bigquery.insert('streamed', [{ id: 4 }, { id: 'x' }], { skipInvalidRows: true })

  await expect(refused).rejects.toMatchObject({
    code: 'gcp/BIGQUERY_ROWS_REFUSED',
    message: expect.stringContaining('row 1, column "id"'),
    rows: expect.arrayContaining([expect.objectContaining({ row: 1, column: 'id' })]),
  })
  expect(inserted).toEqual({ table: place.table('streamed'), rows: 2, badRows: [] })
  expect(skipped).toMatchObject({ rows: 1, badRows: [{ row: 1, column: 'id' }] })
})

test('a dataset is made once and dropped with its tables', async () => {
  const name = `${place.dataset}_other`

  const made = [await bigquery.createDataset(name), await bigquery.createDataset(name)]
  await bigquery.createTable(`${name}.inside`, { schema: { id: 'INT64' } })
  const refused = bigquery.dropDataset(name)

  await expect(refused).rejects.toMatchObject({ code: 'gcp/BIGQUERY_INVALID' })
  expect(made).toEqual([true, false])
  expect(await bigquery.datasetExists(name)).toBe(true)
  expect(await bigquery.dropDataset(name, { withTables: true })).toBe(true)
  expect(await bigquery.datasetExists(name)).toBe(false)
})
