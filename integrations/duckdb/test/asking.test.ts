import path from 'node:path'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { duckdb } from '../src/index.ts'
import type { Progress } from '../src/index.ts'
import { testDatabase, testFolder } from './folder.ts'

test('values of a template become parameters, queries are moved in, and names are quoted', async () => {
  const database = await testDatabase()
  const numbers = database.sql`select range as number from range(${10}) where range > ${2}`

  const row = await database.sql`
    select count(*) as count, ${'$1'} as text, ${duckdb.name('odd "name"')}
    from (${numbers}) cross join (select 5 as ${duckdb.name('odd "name"')})
    where number in ${[3, 4, 50]} group by all`.row()

  expect(row).toEqual({ count: 2, text: '$1', 'odd "name"': 5 })
})

test('parameters go by position or by name', async () => {
  const database = await testDatabase()

  expect(await database.query('select $1 + $2 as sum', [1, 2]).value()).toBe(3)
  expect(await database.query('select $since::date < $until::date as isBefore', { since: '2001-01-01', until: '2001-02-01' }).value()).toBe(
    true,
  )
})

test('values come as JavaScript knows them', async () => {
  const database = await testDatabase()

  const row = await database
    .query(`select 12::bigint as big, 1.25::decimal(10, 2) as fare, date '2001-01-31' as day,
    timestamp '2001-01-31 10:00:00.5' as at, timestamptz '2001-01-31 10:00:00+02' as zoned, [1, 2] as list, {a: 1, b: [date '2001-01-01']} as struct,
    map {'k': 1} as map, '\\xAA'::blob as blob, '{"a": [1]}'::json as json, time '10:00:01' as time, interval '1 month 90 minutes' as span,
    'x'::enum ('x', 'y') as choice, null as nothing, uuid() is not null as truth`)
    .row()

  expect(row).toEqual({
    big: 12,
    fare: 1.25,
    day: new Date('2001-01-31T00:00:00Z'),
    at: new Date('2001-01-31T10:00:00.500Z'),
    zoned: new Date('2001-01-31T08:00:00Z'),
    list: [1, 2],
    struct: { a: 1, b: [new Date('2001-01-01T00:00:00Z')] },
    map: new Map([['k', 1]]),
    blob: Uint8Array.of(0xaa),
    json: { a: [1] },
    time: '10:00:01',
    span: 'P1MT5400S',
    choice: 'x',
    nothing: null,
    truth: true,
  })
})

test('where there is a choice, nothing has to be lost', async () => {
  const database = await testDatabase({ integers: 'bigint', decimals: 'text', times: 'text' })

  const row = await database
    .query(`select 9223372036854775807 as big, 12345678901234567890.12::decimal(38, 2) as fare, date '2001-01-31' as day,
    timestamp '2001-01-31 10:00:00.123456' as at, timestamptz '2001-01-31 10:00:00+02' as zoned`)
    .row()

  expect(row).toEqual({
    big: 9223372036854775807n,
    fare: '12345678901234567890.12',
    day: '2001-01-31',
    at: '2001-01-31T10:00:00.123456',
    zoned: '2001-01-31T08:00:00Z',
  })
})

test.each([
  ['an integer', 'select 9223372036854775807 as big'],
  ['a decimal', 'select 12345678901234567890.12::decimal(38, 2) as big'],
])('%s that a number cannot hold is an error and not another number', async (_, sql) => {
  const database = await testDatabase()

  await expect(database.query(sql).rows()).rejects.toMatchObject({ code: 'duckdb/number', column: 'big' })
})

test('what goes in as a parameter comes out the same', async () => {
  const database = await testDatabase()
  const values = {
    text: "it's",
    whole: 2 ** 40,
    part: 0.5,
    truth: false,
    nothing: null,
    at: new Date('2001-01-31T10:00:00.123Z'),
    bytes: Uint8Array.of(1, 2),
    list: [1, 2.5, null],
    none: [],
    rows: [{ a: 1 }, { b: 'x' }],
    map: new Map([['k', [1]]]),
  }

  const row = await database.sql`select ${values} as values`.value()

  expect(row).toEqual({
    ...values,
    rows: [
      { a: 1, b: null },
      { a: null, b: 'x' },
    ],
  })
})

test.each([
  ['undefined', undefined],
  ['a function', () => 1],
  ['an invalid Date', new Date('nonsense')],
  ['a class', new (class Trip {})()],
  ['different types in one list', [1, 'x']],
])('%s is no parameter, and its position is told', async (_, value) => {
  const database = await testDatabase()

  await expect(database.sql`select ${1}, ${value}`.rows()).rejects.toMatchObject({
    code: 'duckdb/parameter',
    message: expect.stringContaining('parameter 2'),
  })
})

test('rows are checked by a schema, and are what it makes of them', async () => {
  const database = await testDatabase()
  const Colour = v.pipe(
    v.picklist(['green', 'yellow']),
    v.transform((colour) => colour.toUpperCase()),
  )
  const Trip = v.object({ id: v.number(), colour: Colour })

  const trips: readonly { readonly id: number; readonly colour: string }[] = await database
    .query(`select 1 as id, 'green' as colour`)
    .rows(Trip)
  const wrong = database.query(`select 1 as id, 'green' as colour union all select 2, 'blue' order by id`).rows(Trip)

  expect(trips).toEqual([{ id: 1, colour: 'GREEN' }])
  await expect(wrong).rejects.toMatchObject({ code: 'duckdb/row', line: 2, column: 'colour', message: expect.stringContaining('row 2') })
})

test('one row and one value are exactly one', async () => {
  const database = await testDatabase()

  expect(await database.query('select 5').value<number>()).toBe(5)
  await expect(database.query('select 1 where false').row()).rejects.toMatchObject({ code: 'duckdb/row' })
  await expect(database.query('select 1 union all select 2').row()).rejects.toMatchObject({ code: 'duckdb/row' })
  await expect(database.query('select 1, 2').value()).rejects.toMatchObject({ code: 'duckdb/row' })
})

test('a statement that is only awaited has run', async () => {
  const database = await testDatabase()

  await database.sql`create table trips as select range as id from range(3)`
  await database.sql`delete from trips where id = ${1}`

  expect(await database.sql`select count(*) from trips`.value()).toBe(2)
})

test('statements tell how many rows they changed', async () => {
  const database = await testDatabase()

  const made = await database.sql`create table trips as select range as id from range(10)`.run()
  const removed = await database.sql`delete from trips where id < ${4}`.run()

  expect([made.rowsChanged, removed.rowsChanged]).toEqual([10, 4])
})

test('more rows than may be in memory are an error, and a stream of them is none', async () => {
  const database = await testDatabase()
  const many = database.query<{ id: number }>('select range as id from range(25000)')

  await expect(many.rows({ rowsMax: 20_000 })).rejects.toMatchObject({ code: 'duckdb/too-many-rows' })
  let sum = 0
  for await (const { id } of many.stream({ chunkRows: 1_000 })) sum += id

  expect(sum).toBe((24_999 * 25_000) / 2)
})

test('a stream has every row once and in order, also where a column has the name of the row number', async () => {
  const database = await testDatabase()
  const ids: number[] = []

  for await (const rows of database
    .query<{ rowid: number }>('select range * 3 as rowid from range(5000) order by rowid desc')
    .chunks({ chunkRows: 999 }))
    ids.push(...rows.map(({ rowid }) => rowid))

  expect(ids).toEqual(Array.from({ length: 5000 }, (_, index) => (4999 - index) * 3))
})

test('a query that fails half-way is an error before the first row of its stream', async () => {
  const database = await testDatabase()
  const seen: unknown[] = []

  const reading = (async () => {
    for await (const row of database
      .query(`select case when range < 500000 then range else error('boom') end from range(1000000)`)
      .stream())
      seen.push(row)
  })()

  await expect(reading).rejects.toMatchObject({ message: expect.stringContaining('boom') })
  expect(seen).toEqual([])
})

test('other statements run while a stream is read, and leaving it early leaves nothing behind', async () => {
  const database = await testDatabase()
  await database.sql`create table seen (id bigint)`

  for await (const { id } of database.query<{ id: number }>('select range as id from range(100)').stream({ chunkRows: 10 })) {
    await database.sql`insert into seen values (${id})`
    if (id === 24) break
  }

  expect(await database.sql`select count(*) from seen`.value()).toBe(25)
  expect(await database.sql`select table_name from duckdb_tables()`).toEqual([{ table_name: 'seen' }])
})

test('a mistake in the SQL is told with its line and character', async () => {
  const database = await testDatabase()
  await database.sql`create table trips (id bigint)`

  await expect(database.query('select id\nfrom trips\nwhere nope = 1').rows()).rejects.toMatchObject({
    code: 'duckdb/sql',
    sqlLine: 3,
    sqlColumn: 7,
    message: expect.stringContaining('"nope"'),
  })
})

test('a web address within SQL says what to do instead', async () => {
  const database = await testDatabase()

  await expect(database.query(`select * from 'https://example.com/trips.csv'`).rows()).rejects.toMatchObject({
    code: 'duckdb/extension',
    fix: expect.stringContaining('database.read'),
  })
})

test('a signal ends the statement at once, and the database goes on', async () => {
  const database = await testDatabase()
  const stop = new AbortController()

  const endless = database.query('select count(*) from range(1000000000000) where range % 3 = 1').rows({
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  })

  await expect(endless).rejects.toThrow('enough')
  expect(await database.query('select 1').value()).toBe(1)
})

test('a long statement tells how far it is', async () => {
  const database = await testDatabase()
  const target = path.join(await testFolder(), 'numbers.parquet')
  await database.write(target, 'select range as number from range(3000000)')
  const stop = new AbortController()
  const told: Progress[] = []

  const asking = database.query(`select count(*) from '${target}' a join '${target}' b on a.number % 1000 = b.number % 1001`).rows({
    signal: stop.signal,
    onProgress(progress) {
      told.push(progress)
      if (progress.done > 0) stop.abort(new Error('seen'))
    },
  })

  await expect(asking).rejects.toThrow('seen')
  expect(told.at(-1)).toMatchObject({ phase: 'query', done: expect.any(Number), total: expect.any(Number) })
})

test('a transaction is kept whole or not at all', async () => {
  const database = await testDatabase()
  await database.sql`create table trips (id bigint)`

  await database.transaction(async (session) => void (await session.sql`insert into trips values (1)`))
  const failing = database.transaction(async (session) => {
    await session.sql`insert into trips values (2)`
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect(await database.sql`from trips`).toEqual([{ id: 1 }])
})

test('rows of JavaScript are inserted by the names of their members', async () => {
  const database = await testDatabase()

  const first = await database.insert('trips', [
    { id: 1, colour: 'green' },
    { id: 2, fare: 2.5 },
  ])
  const second = await database.insert(
    'trips',
    Array.from({ length: 5000 }, (_, index) => ({ fare: index, id: index + 10 })),
  )

  expect([first.rows, second.rows]).toEqual([2, 5000])
  expect(await database.sql`select count(*) as count, sum(id) as ids, sum(fare) as fares, min(colour) as colour from trips`.row()).toEqual({
    count: 5002,
    ids: 3 + 5000 * 10 + (4999 * 5000) / 2,
    fares: 2.5 + (4999 * 5000) / 2,
    colour: 'green',
  })
})

test('a part of a number is not lost in a column of whole ones', async () => {
  const database = await testDatabase()
  await database.insert('trips', [{ fare: 1 }])

  await expect(database.insert('trips', [{ fare: 2 }, { fare: 2.5 }])).rejects.toMatchObject({
    code: 'duckdb/parameter',
    line: 2,
    column: 'fare',
  })
})

test('a database file holds what was written, and tells another configuration', async () => {
  const file = path.join(await testFolder(), 'warehouse.duckdb')
  {
    await using database = await duckdb.open({ path: file, threads: 2 })
    await using shared = await duckdb.open({ path: file, threads: 2 })
    await database.sql`create table trips as select 1 as id`
    expect(await shared.sql`from trips`).toEqual([{ id: 1 }])
    await expect(duckdb.open({ path: file, threads: 1 })).rejects.toMatchObject({ code: 'duckdb/option' })
  }

  await using again = await duckdb.open({ path: file, readOnly: true })

  expect(await again.sql`from trips`).toEqual([{ id: 1 }])
  await expect(again.sql`delete from trips`.run()).rejects.toThrow('read-only')
})

test('a database that was closed says so', async () => {
  const database = await testDatabase()
  await database.close()

  await expect(database.query('select 1').rows()).rejects.toMatchObject({ code: 'duckdb/closed' })
})

test.each([
  ['memoryLimit', { memoryLimit: 'lots' }],
  ['threads', { threads: 0 }],
  ['readOnly', { readOnly: true }],
])('the option %s is checked', async (name, options) => {
  await expect(duckdb.open(options)).rejects.toMatchObject({ code: 'duckdb/option', message: expect.stringContaining(name) })
})
