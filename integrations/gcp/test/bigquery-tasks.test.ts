import { DatabaseSync } from 'node:sqlite'
import { flow } from 'tutti'
import { testTutti } from 'tutti/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BigQuery, loadTable, runQuery } from '../src/index.ts'
import { openLocalPlace } from './bigquery-place.ts'
import type { LocalPlace } from './bigquery-place.ts'

let place: LocalPlace

beforeAll(async () => {
  place = await openLocalPlace()
})

afterAll(() => place[Symbol.asyncDispose]())

test('the tasks load and query with a saved block, and publish what was done with a link to it', async () => {
  const database = await place.file('tutti.db', '')
  const tutti = await testTutti({ clock: 'system', path: database })
  const source = await place.file('rows.csv', 'id,name\n1,one\nx,two\n3,three\n')
  const etl = flow({ name: 'etl' }, async () => {
    await BigQuery.save('warehouse', { emulator: place.server.url, project: 'tests', dataset: 'trips', poll: { first: 5 } })
    const schema = { id: 'INT64', name: 'STRING' } as const
    const loaded = await loadTable({ bigquery: 'warehouse', table: 'by_task', source, schema, badRecordsMax: 1 })
    const { rows } = await runQuery({ bigquery: 'warehouse', sql: 'SELECT id FROM by_task ORDER BY id' })
    return { rows, loaded: loaded.rows }
  })

  const run = await tutti.run(etl)
  await tutti.close()

  expect(run).toMatchObject({ state: 'completed', result: { loaded: 2, rows: [{ id: 1 }, { id: 3 }] } })
  expect(run.taskRuns.map(({ name }) => name)).toEqual(['load by_task', 'run-query-0'])
  const kept = new DatabaseSync(database).prepare("select key, type, data from artifacts where type <> 'progress'").all()
  expect(kept).toHaveLength(5)
  expect(kept).toEqual(
    expect.arrayContaining([
      { key: 'bigquery-load-tests-trips-by-task', type: 'table', data: expect.stringContaining('rows\\":2') },
      { key: 'bigquery-load-tests-trips-by-task-left-out', type: 'table', data: expect.stringContaining('line\\":3') },
      {
        key: 'bigquery-load-tests-trips-by-task-job',
        type: 'markdown',
        data: expect.stringContaining('https://console.cloud.google.com/bigquery'),
      },
      { key: null, type: 'table', data: expect.stringContaining('bytesBilled') },
      { key: null, type: 'markdown', data: expect.stringContaining('https://console.cloud.google.com/bigquery') },
    ]),
  )
})
