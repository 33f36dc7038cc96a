import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import { OAuth2Client } from 'google-auth-library'
import { flow, run as currentRun, task } from 'tutti'
import { testTutti } from 'tutti/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BigQueryClient } from '../src/bigquery/client.ts'
import { GoogleCredentials } from '../src/credentials.ts'
import type { JobProgress } from '../src/bigquery/jobs.ts'
import { openLocalPlace } from './bigquery-place.ts'
import type { LocalPlace } from './bigquery-place.ts'
import type { BigQueryServer } from './tools/bq-server.ts'

let place: LocalPlace
let server: BigQueryServer
let bigquery: BigQueryClient
let source: string

beforeAll(async () => {
  place = await openLocalPlace()
  server = place.server
  bigquery = place.bigquery
  source = await place.file('rows.csv', 'id,name\n1,one\n2,two\n')
})

afterAll(() => place[Symbol.asyncDispose]())

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
  expect(await place.rowsIn('once')).toBe(2)
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
  expect(await place.rowsIn('crashed')).toBe(2)
})

test('two equal loads of one task are two loads', async () => {
  await using tutti = await testTutti(system)
  const load = task({ name: 'load' }, async () => [
    await bigquery.load('twice', source, { schema }),
    await bigquery.load('twice', source, { schema }),
  ])

  await tutti.run(flow({ name: 'etl' }, async () => load()))

  expect(await place.rowsIn('twice')).toBe(4)
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
  expect(await place.rowsIn('passing')).toBe(2)
})

test('a job that failed of its rows is started anew by the next attempt', async () => {
  await using tutti = await testTutti(system)
  const corrected = await place.file('corrected.csv', 'id,name\nx,one\n')
  const load = task(
    { name: 'load', retries: 1, retryIf: () => place.file('corrected.csv', 'id,name\n1,one\n').then(() => true) },
    async () => bigquery.load('corrected', corrected, { schema }),
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
      started.resolve(currentRun().flowRunId)
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

  const running = bigquery.query('select 18 as n', { timeout: 100 })
  const jobId = await held.reached

  await expect(running).rejects.toMatchObject({ code: 'gcp/BIGQUERY_JOB_TIMED_OUT' })
  expect(await errorOf(jobId)).toMatchObject({ reason: 'stopped' })
})

test('what a query and a load cost is kept with their task run', async () => {
  const database = await place.file('tutti.db', '')
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
  expect(await place.rowsIn('inserted')).toBe(2)
})

test('a large file goes in chunks, and a chunk that fails is sent again', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `${index},${'x'.repeat(60)}`)
  const large = await place.file('large.csv', `id,name\n${lines.join('\n')}\n`)
  server.fail({ match: 'PUT /upload', status: 503 })
  server.fail({ match: 'PUT /upload', drop: true, afterwards: true })

  const loaded = await place.with({ pieceBytes: 256 * 1024 }).load('large', large, { schema })

  expect(loaded.rows).toBe(10_000)
})

test('requests that fail of something that passes are made again, others are explained', async () => {
  server.fail({ match: 'GET .*/jobs/', status: 429, reason: 'rateLimitExceeded' })
  server.fail({ match: 'GET .*/queries/', status: 500, reason: 'internalError' })
  const passed = await (await bigquery.query('select 3 as n')).first()
  server.fail({
    match: 'POST .*/jobs',
    status: 403,
    reason: 'accessDenied',
    message: 'Access Denied: Project tests: User does not have bigquery.jobs.create permission',
  })
  const denied = bigquery.query('select 4 as n')

  await expect(denied).rejects.toMatchObject({ code: 'gcp/BIGQUERY_FORBIDDEN', fix: expect.stringContaining('BigQuery Job User') })
  server.fail({ match: 'POST .*/jobs', status: 403, reason: 'quotaExceeded', message: 'Quota exceeded: too many queries' })
  await expect(bigquery.query('select 5 as n')).rejects.toMatchObject({ code: 'gcp/BIGQUERY_QUOTA' })
  server.fail({ match: 'POST .*/jobs', count: 3 })
  await expect(place.with({ retry: { first: 1, tries: 3 } }).query('select 6 as n')).rejects.toMatchObject({
    code: 'gcp/BIGQUERY_UNAVAILABLE',
    message: expect.stringContaining('in 3 tries'),
  })
  expect(passed).toEqual({ n: 3 })
})

test('no error carries the token its request was made with', async () => {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: 'very-secret-token', expiry_date: Date.now() + 3_600_000 })
  const credentials = Object.assign(new GoogleCredentials({ project: 'tests' }), { authClient: async () => authClient })
  const client = new BigQueryClient({ endpoint: server.url, credentials, dataset: 'trips', retry: { tries: 1 } })
  server.fail({ match: 'POST .*/jobs', status: 503 })
  server.fail({ match: 'POST /upload', status: 503 })

  const errors = await Promise.all([
    client.query('select 21 as n').catch((error: unknown) => error),
    client.load('guarded', source, { schema }).catch((error: unknown) => error),
  ])

  expect(errors).toMatchObject([{ code: 'gcp/BIGQUERY_UNAVAILABLE' }, { code: 'gcp/BIGQUERY_UNAVAILABLE' }])
  expect(inspect(errors, { depth: 12, showHidden: true })).not.toContain('very-secret-token')
})

test('a request that is not answered is made again', async () => {
  server.fail({ match: 'GET .*/queries/', hang: true })

  const result = await place.with({ requestTimeout: 300 }).query('select 9 as n')

  expect(await result.first()).toEqual({ n: 9 })
})

test('what a job is about is seen in its labels, and how it is doing by whoever waits', async () => {
  await using tutti = await testTutti(system)
  const seen: string[] = []
  const look = task({ name: 'look' }, async () => {
    const onProgress = ({ state, percent }: JobProgress): void => void seen.push(`${state} ${percent}`)
    const { summary } = await bigquery.query('select 7 as n', { labels: { team: 'taxis' }, onProgress })
    const [job] = await (await bigquery.client()).job(summary.jobId).getMetadata()
    return { labels: job.configuration.labels, flowRunId: currentRun().flowRunId, taskRunId: currentRun().taskRunId }
  })

  const run = await tutti.run(flow({ name: 'report' }, async () => look()))

  const { labels, flowRunId, taskRunId } = run.result ?? {}
  expect(labels).toMatchObject({ team: 'taxis', 'tutti-flow-run': flowRunId, 'tutti-task-run': taskRunId })
  expect(seen.at(-1)).toBe('done 100')
})

test('a signal that aborts cancels the job', async () => {
  const stop = new AbortController()
  const held = server.hold('select 19')
  const running = bigquery.query('select 19 as n', { signal: stop.signal })
  const jobId = await held.reached

  stop.abort(new Error('enough'))

  await expect(running).rejects.toThrow('enough')
  expect(await errorOf(jobId)).toMatchObject({ reason: 'stopped' })
})

test('the same query of two tasks is two jobs, of one task that is tried again it is one', async () => {
  await using tutti = await testTutti(system)
  let failures = 0
  const look = task({ name: 'look', retries: 1 }, async (_which: number) => {
    const { summary } = await bigquery.query('select 8 as n')
    failures += 1
    if (failures === 1) throw new Error('after the query')
    return summary.jobId
  })

  const run = await tutti.run(flow({ name: 'report' }, async () => [await look(1), await look(2)]))

  const jobs = await queriesLike('select 8')
  expect(new Set(run.result)).toEqual(new Set(jobs))
  expect(jobs).toHaveLength(2)
})

test('an attempt that comes after BigQuery has dropped the rows of its query asks anew, and changes nothing twice', async () => {
  await using tutti = await testTutti(system)
  await bigquery.load('kept', source, { schema })
  let attempts = 0
  const work = task({ name: 'work', retries: 1 }, async () => {
    const { summary } = await bigquery.query('update kept set id = id + 10')
    const found = await (await bigquery.query('select min(id) as id from kept')).rows()
    attempts += 1
    if (attempts > 1) return { found, reused: summary.reused }
    server.expireResults()
    throw new Error('after the queries')
  })

  const run = await tutti.run(flow({ name: 'report' }, async () => work()))

  expect(run.result).toEqual({ found: [{ id: 11 }], reused: true })
})

async function queriesLike(sql: string): Promise<readonly string[]> {
  const [jobs] = await (await bigquery.client()).getJobs({ maxResults: 1000, autoPaginate: false })
  return jobs.filter(({ metadata }) => metadata.configuration.query?.query.startsWith(sql)).map(({ id }) => id ?? '')
}

async function errorOf(jobId: string): Promise<unknown> {
  const [job] = await (await bigquery.client()).job(jobId).getMetadata()
  return job.status.errorResult
}
