import { expect, test } from 'vitest'
import { fieldsOf } from './schema.ts'
import { readTableName, spellTable } from './table-name.ts'

test('columns in words become those of BigQuery', () => {
  const fields = fieldsOf({ id: 'INT64 NOT NULL', tags: 'ARRAY<STRING>', driver: { name: 'STRING' }, stops: [{ at: 'TIMESTAMP' }] })

  expect(fields).toEqual([
    { name: 'id', type: 'INT64', mode: 'REQUIRED' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    { name: 'driver', type: 'RECORD', mode: 'NULLABLE', fields: [{ name: 'name', type: 'STRING', mode: 'NULLABLE' }] },
    { name: 'stops', type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'at', type: 'TIMESTAMP', mode: 'NULLABLE' }] },
  ])
})

test('a type that BigQuery does not know is named with its column', () => {
  const typo = { id: 'INT6' } as unknown as { id: 'INT64' } // as JavaScript may give it

  expect(() => fieldsOf(typo)).toThrow(
    expect.objectContaining({ message: 'the column "id" has the type "INT6", which BigQuery does not know' }),
  )
})

test.each([
  ['yellow', 'here.trips.yellow'],
  ['other.yellow', 'here.other.yellow'],
  ['far-away.other.yellow', 'far-away.other.yellow'],
  ['far-away:other.yellow', 'far-away.other.yellow'],
  ['example.com:far.other.yellow', 'example.com:far.other.yellow'],
  ['`far.other.yellow$20210131`', 'far.other.yellow$20210131'],
])('the table %s is %s', (given, whole) => {
  expect(spellTable(readTableName(given, { project: 'here', dataset: 'trips' }))).toBe(whole)
})

test('a table in no dataset is refused with what to write', () => {
  expect(() => readTableName('yellow', { project: 'here', dataset: undefined })).toThrow(/write dataset\.table/)
})
