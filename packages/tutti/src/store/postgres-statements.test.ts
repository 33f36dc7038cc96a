import { expect, test } from 'vitest'
import { PostgresStatements } from './postgres-statements.ts'

const ONE = 'select "name" from "flows" where "id" = ?'

test('a statement that is run again is kept by the server, under a name made of its text', () => {
  const [statements, others] = [new PostgresStatements(true), new PostgresStatements(true)]

  const first = statements.text(ONE).name
  const second = statements.text(ONE).name
  others.text('select 1')
  others.text(ONE)

  expect(first).toBeUndefined()
  expect(second).toMatch(/^tutti_[0-9a-f]{32}$/)
  expect(others.text(ONE).name).toBe(second)
})

test.each(['select "id" from "flow_runs" where "id" in (?, ?)', 'insert into "t" ("a") select * from unnest($1::text[])'])(
  'a statement about many rows is planned each time: %s',
  (sql) => {
    const statements = new PostgresStatements(true)

    statements.text(sql)

    expect(statements.text(sql).name).toBeUndefined()
  },
)

test('behind a pooler nothing is kept', () => {
  const statements = new PostgresStatements(true)
  statements.text(ONE)

  statements.stopPreparing()

  expect(statements.text(ONE)).toMatchObject({ text: 'select "name" from "flows" where "id" = $1', name: undefined })
})
