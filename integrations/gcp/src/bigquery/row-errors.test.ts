import { expect, test } from 'vitest'
import { describeRows, rowErrorsOf } from './row-errors.ts'

const PREFIX = 'Error while reading data, error message: '

test.each([
  [
    'CSV with a value',
    'Unable to parse; line_number: 3 byte_offset_to_start_of_line: 13 column_index: 0 column_name: "id" column_type: INT64 value: "x" File: gs://trips/a.csv',
    { file: 'gs://trips/a.csv', line: 3, byteOffset: 13, column: 'id', value: 'x', message: 'Unable to parse' },
  ],
  [
    'CSV with too few columns',
    'CSV table references column position 17, but line contains only 14 columns.; line_number: 2103925 byte_offset_to_start_of_line: 194863028 column_index: 17 column_name: "congestion_surcharge" column_type: NUMERIC File: gs://trips/b.csv',
    {
      line: 2103925,
      column: 'congestion_surcharge',
      value: null,
      message: 'CSV table references column position 17, but line contains only 14 columns.',
    },
  ],
  [
    'CSV of older services',
    "Could not parse 'PrivacySuppressed' as DOUBLE for field FIRST_GEN (position 1613) starting at location 504392  with message 'Unable to parse'",
    { file: 'gs://elsewhere', line: null, byteOffset: 504392, column: 'FIRST_GEN', value: 'PrivacySuppressed' },
  ],
  [
    'JSON with an unknown field',
    'JSON parsing error in row starting at position 9066621: No such field: payload.listId.',
    { line: null, byteOffset: 9066621, column: 'payload.listId', message: 'No such field: payload.listId.' },
  ],
  [
    'JSON that is none',
    'JSON parsing error in row starting at position 11535600 at file: gs://trips/c.json. Unexpected token',
    { file: 'gs://trips/c.json', byteOffset: 11535600, column: null, message: 'Unexpected token' },
  ],
])('%s is told by its place', (_, message, expected) => {
  const rows = rowErrorsOf([{ reason: 'invalid', location: 'gs://elsewhere', message: PREFIX + message }])

  expect(rows).toMatchObject([expected])
})

test('what is said about the job as a whole is no row', () => {
  const whole = 'CSV processing encountered too many errors, giving up. Rows: 25; errors: 1; max bad: 0; error percent: 0'

  expect(rowErrorsOf([{ reason: 'invalid', message: PREFIX + whole }])).toEqual([])
})

test('the first rows are named, and how many there are beyond', () => {
  const row = { file: 'a.csv', line: 2, row: null, byteOffset: 9, column: 'id', value: 'x', message: 'Unable to parse' }

  const text = describeRows([row, { ...row, line: null, column: null, value: null }, ...Array.from({ length: 5 }, () => row)])

  expect(text.split('\n')).toEqual([
    '  a.csv, line 2, column "id": Unable to parse "x"',
    '  a.csv, at byte 9: Unable to parse',
    ...Array.from({ length: 3 }, () => '  a.csv, line 2, column "id": Unable to parse "x"'),
    '  and 2 more',
  ])
})
