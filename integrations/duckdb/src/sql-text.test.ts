import { expect, test } from 'vitest'
import { fromTemplate, literal, quoted, SqlFragment } from './sql-text.ts'
import type { SqlParts } from './sql-text.ts'

const partsOf = (value: unknown): SqlParts | undefined =>
  typeof value === 'object' && value !== null && 'text' in value ? (value as SqlParts) : undefined // the tests below insert nothing else with a text
const sql = (strings: TemplateStringsArray, ...values: readonly unknown[]): SqlParts => fromTemplate(strings, values, partsOf)

test('values become parameters in their order', () => {
  expect(sql`select ${1} where a = ${'x'}`).toEqual({ text: 'select $1 where a = $2', values: [1, 'x'] })
})

test('a query within a query keeps its parameters, and what looks like one in its texts and names', () => {
  const inner = sql`select '$1', "$2", ${'b'} from t where c = ${'d'}`

  expect(sql`select ${'a'} from (${inner}) where e = ${'f'}`).toEqual({
    text: `select $1 from (select '$1', "$2", $2 from t where c = $3) where e = $4`,
    values: ['a', 'b', 'd', 'f'],
  })
})

test('fragments stand as they are', () => {
  expect(sql`select * from ${new SqlFragment(quoted('main.odd "name"'))}`.text).toBe('select * from "main"."odd ""name"""')
})

test('texts and names are quoted whatever they hold', () => {
  expect(literal(`it's; drop table t`)).toBe(`'it''s; drop table t'`)
  expect(() => quoted('a..b')).toThrow('no name of a table')
})

test('thousands of parameters are told to be a list', () => {
  const strings = Array.from({ length: 10_002 }, () => '')

  expect(() => fromTemplate(strings, Array.from({ length: 10_001 }).fill(1), partsOf)).toThrow('hand over a list')
})
