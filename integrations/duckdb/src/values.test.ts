import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open } from './database.ts'
import type { Database } from './database.ts'
import { bind } from './parameters.ts'
import { loadLibrary } from './library.ts'

let database: Database

beforeAll(async () => {
  database = await open()
})
afterAll(async () => {
  await database.close()
})

async function thereAndBack(value: unknown): Promise<unknown> {
  return await database.query('select $value', { value }).value()
}

const plain = fc.oneof(
  fc.string().filter((text) => !text.includes('\0')),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
  fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }),
  fc.constant(null),
)

test('what is handed over comes back as it was: texts, numbers, times, and nothing', async () => {
  await fc.assert(
    fc.asyncProperty(plain, async (value) => {
      expect(await thereAndBack(value)).toEqual(value)
    }),
  )
})

test('objects and lists within each other come back as they were', async () => {
  const record = fc.record({ text: fc.stringMatching(/^[a-zäöü ]*$/), number: fc.double({ noNaN: true, noDefaultInfinity: true, min: 1 }) })
  await fc.assert(
    fc.asyncProperty(fc.record({ rows: fc.array(record, { minLength: 1, maxLength: 5 }), flag: fc.boolean() }), async (value) => {
      expect(await thereAndBack(value)).toEqual(value)
    }),
    { numRuns: 30 },
  )
})

test.each([
  [undefined, 'parameter 1 is undefined; use null for nothing'],
  [() => 1, 'parameter 1 is a function'],
  [new Date(Number.NaN), 'parameter 1 is an invalid Date'],
  [{}, 'parameter 1 is an object without members'],
  [new URL('http://host'), 'parameter 1 is a URL; a database holds plain data'],
  [[1, 'one'], 'parameter 1'],
  [[[{ a: Symbol('s') }]], 'member a of item 0 of item 0 of parameter 1 is a symbol'],
])('what has no place in a database is refused and named: %o', async (value, message) => {
  const library = await loadLibrary()

  expect(() => bind(library, [value])).toThrow(message)
})
