import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { flow, task } from 'tutti'
import { testTutti } from 'tutti/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BigQueryClient } from '../src/bigquery/client.ts'
import { serveBigQuery } from './tools/bq-server.ts'
import type { BigQueryServer } from './tools/bq-server.ts'

let server: BigQueryServer
let bigquery: BigQueryClient
let folder: string
let source: string

beforeAll(async () => {
  server = await serveBigQuery()
  const quick = { first: 5, longest: 50 }
  bigquery = new BigQueryClient({ emulator: server.url, project: 'tests', dataset: 'trips', poll: quick, retry: quick })
  await bigquery.createDataset('trips')
  folder = await mkdtemp(path.join(tmpdir(), 'bigquery-test-'))
  source = path.join(folder, 'rows.csv')
  await writeFile(source, 'id,name\n1,one\n2,two\n')
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const schema = { id: 'INT64', name: 'STRING' } as const
const system = { clock: 'system' } as const

test('a task that fails after its load and is tried again does not load twice', async () => {
  await using tutti = await testTutti(system)
  const load = task({ name: 'load', retries: 2 }, async () => {
    const loaded = await bigquery.load('once', source, { schema })
    if (!loaded.reused) throw new Error('after the load')
    return loaded
  })

  const run = await tutti.run(flow({ name: 'etl' }, async () => load()))

  expect(run.result).toMatchObject({ rows: 2, reused: true })
  expect(await count('once')).toBe(2)
})

test('a run whose process died while its job was under way finds the job again', async () => {
  await using tutti = await testTutti(system)
  const held = server.hold('crashed')
  const etl = flow({ name: 'etl' }, async () => task({ name: 'load' }, async () => bigquery.load('crashed', source, { schema }))())

  const running = tutti.run(etl)
  const jobId = await held.reached
  await tutti.crash()
  const crashed = await running
  held.release()
  const resumed = await tutti.resume(etl, crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: { jobId, rows: 2, reused: true } })
  expect(await count('crashed')).toBe(2)
})

test('two equal loads of one task are two loads', async () => {
  await using tutti = await testTutti(system)
  const load = task({ name: 'load' }, async () => [
    await bigquery.load('twice', source, { schema }),
    await bigquery.load('twice', source, { schema }),
  ])

  await tutti.run(flow({ name: 'etl' }, async () => load()))

  expect(await count('twice')).toBe(4)
})

test('a job whose start was answered by a cut connection is found, not started twice', async () => {
  server.fail({ match: 'POST .*/jobs', drop: true, afterwards: true })

  const result = await bigquery.query('select 1 as n')

  expect(result.summary.reused).toBe(false)
  expect(await result.first()).toEqual({ n: 1 })
})

test('a job that failed of something that passes is started again under another number', async () => {
  server.failJobs({
    match: 'passing',
    reason: 'backendError',
    message: 'Error encountered during execution. Retrying may solve the problem.',
  })

  const loaded = await bigquery.load('passing', source, { schema })

  expect(loaded).toMatchObject({ rows: 2, jobId: expect.stringMatching(/_2$/) })
  expect(await count('passing')).toBe(2)
})

test('a job that failed of its rows is started anew by the next attempt', async () => {
  await using tutti = await testTutti(system)
  const corrected = path.join(folder, 'corrected.csv')
  await writeFile(corrected, 'id,name\nx,one\n')
  const load = task({ name: 'load', retries: 1, retryIf: () => writeFile(corrected, 'id,name\n1,one\n').then(() => true) }, async () =>
    bigquery.load('corrected', corrected, { schema }),
  )

  const run = await tutti.run(flow({ name: 'etl' }, async () => load()))

  expect(run).toMatchObject({ state: 'completed', result: { rows: 1, jobId: expect.stringMatching(/_2$/) } })
})

test('the job is cancelled when the run is', async () => {
  await using tutti = await testTutti(system)
  const held = server.hold('select 17')
  const reached = Promise.withResolvers<string>()
  const look = task({ name: 'look' }, async () => bigquery.query('select 17 as n', { onProgress: ({ jobId }) => reached.resolve(jobId) }))
  const started = Promise.withResolvers<string>()
  const running = tutti.run(
    flow({ name: 'report' }, async () => {
      const { run } = await import('tutti')
      started.resolve(run().flowRunId)
      return look()
    }),
  )
  const jobId = await reached.promise
  await held.reached

  await tutti.cancel(await started.promise)
  const run = await running

  expect(run.state).toBe('cancelled')
  expect(await errorOf(jobId)).toMatchObject({ reason: 'stopped' })
})

test('the job is cancelled when the time of its task is up', async () => {
  const held = server.hold('select 18')

  const running = bigquery.query('select 18 as n', { timeoutMs: 100 })
  const jobId = await held.reached

  await expect(running).rejects.toMatchObject({ code: 'gcp/BIGQUERY_JOB_TIMED_OUT' })
  expect(await errorOf(jobId)).toMatchObject({ reason: 'stopped' })
})

test('what a query and a load cost is kept with their task run', async () => {
  const database = path.join(folder, 'tutti.db')
  const tutti = await testTutti({ ...system, path: database })
  const work = task({ name: 'work' }, async () => {
    await bigquery.load('costs', source, { schema })
    return (await bigquery.query('select * from costs')).rows()
  })

  const run = await tutti.run(flow({ name: 'etl' }, async () => work()))

  await tutti.close()

  const kept = new DatabaseSync(database).prepare('select type, data, task_run_id as taskRunId from artifacts order by id').all()
  const taskRunId = run.taskRuns[0]?.id
  expect(kept).toHaveLength(2)
  expect(kept).toEqual(
    expect.arrayContaining([
      { type: 'table', taskRunId, data: expect.stringContaining('inputBytes') },
      { type: 'table', taskRunId, data: expect.stringContaining(`bytesBilled\\":${10 * 1024 * 1024}`) },
    ]),
  )
  const logged = run.logs.map(({ message }) => message)
  expect(logged).toContainEqual(expect.stringMatching(/2 rows from 1 files .* loaded into tests\.trips\.costs/))
  expect(logged).toContainEqual(expect.stringMatching(/SELECT: 2 rows, 10\.0 MiB billed/))
})

test('rows whose insert is tried again are inserted once', async () => {
  await using tutti = await testTutti(system)
  await bigquery.createTable('inserted', { schema })
  server.fail({ match: 'insertAll', drop: true, afterwards: true })
  let attempts = 0
  const insert = task({ name: 'insert', retries: 1 }, async () => {
    const inserted = await bigquery.insert('inserted', [
      { id: 1, name: 'one' },
      { id: 1, name: 'one' },
    ])
    attempts += 1
    if (attempts === 1) throw new Error('after the insert')
    return inserted
  })

  const run = await tutti.run(flow({ name: 'etl' }, async () => insert()))

  expect(run.result).toMatchObject({ rows: 2 })
  expect(await count('inserted')).toBe(2)
})

async function count(table: string): Promise<unknown> {
  return (await (await bigquery.query<{ n: number }>(`select count(*) as n from ${table}`)).first())?.n
}

async function errorOf(jobId: string): Promise<unknown> {
  const [job] = await (await bigquery.client()).job(jobId).getMetadata()
  return job.status.errorResult
}
