import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { BigQuery } from '@google-cloud/bigquery'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLocalPlace } from './bigquery-place.ts'
import type { LocalPlace } from './bigquery-place.ts'

// The local server is only worth something if Google's own client, used as its guides say, finds in it what it expects.

let place: LocalPlace
let google: BigQuery

beforeAll(async () => {
  place = await openLocalPlace()
  google = await place.bigquery.client()
})

afterAll(() => place[Symbol.asyncDispose]())

test('query() and createQueryStream() give rows in their types', async () => {
  const [rows] = await google.query({
    query: "SELECT @n AS n, @day AS day, @at AS at, @tags AS tags, NUMERIC '1.50' AS price",
    params: { n: 1, day: google.date('2026-01-02'), at: google.timestamp(new Date('2026-01-02T03:04:05Z')), tags: ['a'] },
  })
  const streamed: unknown[] = []
  for await (const row of google.createQueryStream('SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n')) streamed.push(row)

  expect(rows).toMatchObject([{ n: 1, day: { value: '2026-01-02' }, at: { value: '2026-01-02T03:04:05.000Z' }, tags: ['a'] }])
  expect(String(rows[0].price)).toBe('1.5')
  expect(streamed).toHaveLength(25_000)
})

test('a write stream loads a file, and getRows() reads it', async () => {
  const table = google.dataset('trips').table('streamed')
  const source = await place.file('s.csv', 'id,name\n1,one\n2,two\n')

  const schema = {
    fields: [
      { name: 'id', type: 'INTEGER' },
      { name: 'name', type: 'STRING' },
    ],
  }
  const loading = createReadStream(source).pipe(table.createWriteStream({ sourceFormat: 'CSV', skipLeadingRows: 1, schema }))
  await once(loading, 'complete')
  const [rows] = await table.getRows()

  expect(rows).toEqual([
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ])
})

test('insert() takes the good rows of a batch apart from the bad ones', async () => {
  const [table] = await google.dataset('trips').createTable('inserted', { schema: 'id:INTEGER,name:STRING' })

  const refused = table.insert([{ id: 1, name: 'one' }, { id: 'x' }], { partialRetries: 0 })

  await expect(refused).rejects.toMatchObject({ name: 'PartialFailureError', errors: [{ row: { id: 'x' } }, { row: { id: 1 } }] })
})

test('lists go on from page to page', async () => {
  const dataset = google.dataset('many')
  await dataset.create()
  for (const name of ['a', 'b', 'c']) await dataset.createTable(name, { schema: 'id:INTEGER' })

  const [first, next] = await dataset.getTables({ maxResults: 2, autoPaginate: false })
  const [second] = await dataset.getTables({ ...next, autoPaginate: false })
  const [datasets] = await google.getDatasets()

  expect([first, second].map((page) => page.map(({ id }) => id))).toEqual([['a', 'b'], ['c']])
  expect(datasets.map(({ id }) => id)).toContain('many')
})

test('a change of a table that was changed meanwhile is refused', async () => {
  const [table] = await google.dataset('trips').createTable('contested', { schema: 'id:INTEGER' })
  const [before] = await table.getMetadata()
  await table.setMetadata({ description: 'first' })

  const late = table.setMetadata({ description: 'second', etag: before.etag })

  await expect(late).rejects.toMatchObject({ code: 412 })
})

test('a job is cancelled, and says so', async () => {
  const held = place.server.hold('SELECT 20')
  const [job] = await google.createQueryJob('SELECT 20 AS n')
  await held.reached

  await job.cancel()
  const waited = job.getQueryResults()

  await expect(waited).rejects.toMatchObject({ errors: [{ reason: 'stopped' }] })
})
