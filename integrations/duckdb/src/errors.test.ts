import { expect, test } from 'vitest'
import { DuckDbError, errorOf } from './errors.ts'

const csvMessage = `Conversion Error: CSV Error on Line: 3
Original Line: oops,3
Error when converting column "fare". Could not convert string "oops" to 'DOUBLE'

Column fare is being converted as type DOUBLE
Possible solutions:
* Override the type for this column manually

  file = /tmp/tutti-duckdb-1/x-trips.csv
  delimiter = , (Auto-Detected)
`

test('a value of a CSV file that does not fit is told by the address it came from', () => {
  const shown = new Map([['/tmp/tutti-duckdb-1/x-trips.csv', 'https://example.com/trips.csv']])

  expect(errorOf(new Error(csvMessage), { shown })).toMatchObject({
    code: 'duckdb/bad-data',
    file: 'https://example.com/trips.csv',
    line: 3,
    column: 'fare',
    message: `https://example.com/trips.csv, line 3, column "fare": Could not convert string "oops" to 'DOUBLE'. The line is: oops,3`,
  })
})

test.each([
  ['Parser Error: syntax error at or near "selec"\n\nLINE 1: selec 1\n        ^', 'duckdb/sql'],
  ['Failed to extract statements: Parser Error: syntax error at or near "selec"', 'duckdb/sql'],
  ['Catalog Error: Table with name nope does not exist!\nDid you mean "pg_enum"?', 'duckdb/sql'],
  ['Constraint Error: Duplicate key "id: 1" violates primary key constraint.', 'duckdb/constraint'],
  ['IO Error: Could not set lock on file "/a.duckdb": Conflicting lock is held in node (PID 7).', 'duckdb/locked'],
  ['IO Error: Cannot open file "/a/b": No such file or directory', 'duckdb/file'],
  ['Out of Memory Error: could not allocate block of size 256.0 KiB (499.9 MiB/500.0 MiB used)', 'duckdb/out-of-memory'],
  ['Invalid Input Error: Values were not provided for the following prepared statement parameters: 2', 'duckdb/parameter'],
  ['Something else', 'duckdb/failed'],
])('%s', (message, code) => {
  const error = errorOf(new Error(message))

  expect(error).toMatchObject({ code, fix: expect.stringMatching(/\.$/) })
  expect(error.message).not.toContain('\n')
})

test('an error names its place only where there is one', () => {
  expect(Object.keys(new DuckDbError('duckdb/sql', 'no', { sqlLine: 2 }))).toEqual(expect.arrayContaining(['code', 'fix', 'sqlLine']))
  expect(Object.keys(new DuckDbError('duckdb/sql', 'no'))).not.toContain('file')
})
