import fc from 'fast-check'
import { flow, task } from 'tutti'
import { testTutti } from 'tutti/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLocalPlace } from './bigquery-place.ts'
import type { LocalPlace } from './bigquery-place.ts'

let place: LocalPlace

beforeAll(async () => {
  place = await openLocalPlace()
})

afterAll(() => place[Symbol.asyncDispose]())

/** Fewer in a row than a request is tried. */
const FAULTS_MAX = 4

const fault = fc.record({
  match: fc.constantFrom('POST .*/jobs\\b(?!/)', 'GET .*/jobs/', 'POST /upload', 'PUT /upload'),
  how: fc.constantFrom({ status: 503 }, { drop: true }, { status: 503, afterwards: true }, { drop: true, afterwards: true }),
})

const trouble = fc.record({
  faults: fc.array(fault, { maxLength: FAULTS_MAX }),
  failedJobs: fc.nat({ max: 2 }),
  /** What the task does after its load, attempt by attempt. */
  attempts: fc.array(fc.constantFrom('fail', 'crash'), { maxLength: 2 }),
  source: fc.constantFrom('file', 'query'),
})

test('whatever goes wrong, rows are loaded exactly once', async () => {
  let number = 0
  const file = await place.file('rows.csv', 'id\n1\n2\n3\n')
  const bigquery = place.with({ retry: { first: 1, longest: 2, tries: FAULTS_MAX + 1 }, poll: { first: 1 } })
  await bigquery.load('source', file, { schema: { id: 'INT64' } })

  await fc.assert(
    fc.asyncProperty(trouble, async ({ faults, failedJobs, attempts, source }) => {
      number += 1
      const table = `once_${number}`
      await using tutti = await testTutti({ clock: 'system' })
      await bigquery.createTable(table, { schema: { id: 'INT64' } })
      for (const { match, how } of faults) place.server.fail({ match, ...how })
      if (failedJobs > 0) place.server.failJobs({ match: table, count: failedJobs, reason: 'backendError', message: 'Try again.' })
      const left = [...attempts]
      let crash = Promise.withResolvers<'crash'>()
      const load = task({ name: 'load', retries: attempts.length }, async () => {
        if (source === 'file') await bigquery.load(table, file)
        else await bigquery.query(`INSERT INTO ${table} SELECT id FROM source`)
        const next = left.shift()
        if (next === 'fail') throw new Error('after the load')
        if (next !== 'crash') return
        crash.resolve('crash')
        await new Promise(() => undefined)
      })
      const etl = flow({ name: 'etl' }, async () => load())

      let running = tutti.run(etl)
      while ((await Promise.race([running, crash.promise])) === 'crash') {
        crash = Promise.withResolvers()
        await tutti.crash()
        running = tutti.resume(etl, await running)
      }
      const run = await running
      place.server.forget()

      expect(run.state).toBe('completed')
      expect(await place.rowsIn(table)).toBe(3)
    }),
    { numRuns: 12 },
  )
})
