import { expect, test } from 'vitest'
import { arrayText, distinctRuns, manyRows, parameter, tableOf, toPostgres } from './postgres-sql.ts'

test('places are numbered, except in text and in names', () => {
  expect(toPostgres(`select "a?" from "t" where "b" = ? and "c" = 'it''s ?' and "d" > ?`)).toBe(
    `select "a?" from "t" where "b" = $1 and "c" = 'it''s ?' and "d" > $2`,
  )
})

test('definitions of tables get types that compare and hold what those of SQLite do', () => {
  expect(toPostgres('create table "t" ("id" text not null primary key, "n" integer, "at" bigint, "share" real)')).toBe(
    'create table "t" ("id" text collate "C" not null primary key, "n" bigint, "at" bigint, "share" double precision)',
  )
  expect(toPostgres('alter table "t" add column "text" text')).toBe('alter table "t" add column "text" text collate "C"')
})

test('an insert of one row becomes one of many, with its conflict as it was', () => {
  const many = manyRows('insert into "t" ("id", "n") values (?, ?) on conflict ("id") do update set "n" = "excluded"."n"')

  expect(many).toMatchObject({ table: 't', columns: ['id', 'n'], distinct: [0] })
  expect(many?.sql(['text', 'bigint'])).toBe(
    'insert into "t" ("id", "n") select * from unnest($1::text[], $2::bigint[]) on conflict ("id") do update set "n" = "excluded"."n"',
  )
})

test('rows that may be ignored need not differ', () => {
  expect(manyRows('insert into "t" ("id") values (?) on conflict ("id") do nothing')?.distinct).toEqual([])
})

test('an update of one row by its key becomes one of many', () => {
  const many = manyRows('update "t" set "a" = ?, "b" = ? where "id" = ?')

  expect(many).toMatchObject({ table: 't', columns: ['a', 'b', 'id'], distinct: [2] })
  expect(many?.sql(['text', 'bigint', 'text'])).toBe(
    'update "t" set "a" = "rows"."c0", "b" = "rows"."c1" from unnest($1::text[], $2::bigint[], $3::text[]) as "rows" ("c0", "c1", "c2") where "t"."id" = "rows"."c2"',
  )
})

test.each([
  'update "t" set "a" = ?',
  'update "t" set "a" = ? where "id" = ? and "b" = ?',
  'insert into "t" ("a") values (?) on conflict ("a") do update set "a" = ?',
])('no statement about many rows is made of %s', (sql) => {
  expect(manyRows(sql)).toBeUndefined()
})

test('rows are cut where a key comes again, and keep their order', () => {
  const rows = [['a', 1], ['b', 1], ['a', 2], ['a', 3], ['c', 1]] // prettier-ignore

  expect(distinctRuns(rows, [0], 10)).toEqual([[['a', 1], ['b', 1]], [['a', 2]], [['a', 3], ['c', 1]]]) // prettier-ignore
  expect(distinctRuns(rows, [], 2).map((run) => run.length)).toEqual([2, 2, 1])
})

test('the table that a statement changes is seen', () => {
  expect(tableOf('insert into "logs" ("id") values (?)')).toBe('logs')
  expect(tableOf('update "flow_runs" set "name" = ?')).toBe('flow_runs')
  expect(tableOf('with x as (select 1) select * from x')).toBe('with x as (select 1) select * from x')
})

test('values go into an array as they are', () => {
  expect(arrayText([['a'], [null], ['say "\\"'], [''], [12.5], ['NULL'], ['{1,2}']], 0)).toBe(
    String.raw`{"a",NULL,"say \"\\\"","",12.5,"NULL","{1,2}"}`,
  )
})

test('what cannot be stored is replaced as SQLite does, or refused', () => {
  expect(parameter('a\0b')).toBe('a\uFFFDb')
  expect(parameter(NaN)).toBeNull()
  expect(() => parameter(undefined)).toThrow(expect.objectContaining({ code: 'STORE_REFUSED' }))
  expect(() => parameter({})).toThrow(expect.objectContaining({ code: 'STORE_REFUSED' }))
})
