import { expect, test } from 'vitest'
import { rowReader } from './rows.ts'

const read = (type: string, value: unknown, options = {}): unknown => rowReader([{ name: 'x', type }], options)({ f: [{ v: value }] })['x']

test('whole numbers beyond what a number holds are refused unless they are asked for as bigint or text', () => {
  expect(read('INTEGER', '9007199254740991')).toBe(9_007_199_254_740_991)
  expect(() => read('INTEGER', '9007199254740993')).toThrow(expect.objectContaining({ code: 'gcp/BIGQUERY_INVALID' }))
  expect(read('INTEGER', '9007199254740993', { integers: 'bigint' })).toBe(9_007_199_254_740_993n)
  expect(read('INTEGER', '9007199254740993', { integers: 'string' })).toBe('9007199254740993')
})

test('timestamps are dates, also before 1970, or text with all their digits', () => {
  expect(read('TIMESTAMP', '-1')).toEqual(new Date(-1))
  expect(read('TIMESTAMP', '1500', { timestamps: 'string' })).toBe('1970-01-01T00:00:00.001500Z')
  expect(read('TIMESTAMP', '2000', { timestamps: 'string' })).toBe('1970-01-01T00:00:00.002Z')
})

test('what stands for nothing is null, in lists and records too', () => {
  const fields = [
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    { name: 'driver', type: 'RECORD', fields: [{ name: 'age', type: 'INTEGER' }] },
  ]

  expect(rowReader(fields)({ f: [{ v: null }, { v: null }] })).toEqual({ tags: [], driver: null })
  expect(rowReader(fields)({ f: [{ v: [{ v: 'a' }] }, { v: { f: [{ v: null }] } }] })).toEqual({ tags: ['a'], driver: { age: null } })
})

test('numbers that are none, exact decimals, and JSON', () => {
  expect(read('FLOAT', 'NaN')).toBeNaN()
  expect(read('FLOAT', '-Infinity')).toBe(-Infinity)
  expect([read('NUMERIC', '0.1'), read('NUMERIC', '0.1', { decimals: 'number' })]).toEqual(['0.1', 0.1])
  expect(read('JSON', '{"a":[1]}')).toEqual({ a: [1] })
})
