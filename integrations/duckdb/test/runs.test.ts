import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { flow, task } from 'tutti'
import { testTutti } from 'tutti/testing'
import { expect, test } from 'vitest'
import { convertFile, duckdb, profileFile, queryFiles } from '../src/index.ts'
import { testFolder } from './folder.ts'
import { busy, serve, whole } from './web.ts'

const csv = Buffer.from('id,colour,fare\n1,green,2.5\n2,yellow,3\n3,green,\n')

test('ready-made tasks fetch, convert, ask and profile files; what they answer is kept with the run', async () => {
  await using tutti = await testTutti()
  const folder = await testFolder()
  const web = await serve(busy, whole(csv))
  const parquet = path.join(folder, 'trips.parquet')
  const etl = flow({ name: 'etl' }, async () => {
    const converted = await convertFile({
      source: `${web.url}/trips.csv`,
      to: parquet,
      orderBy: 'fare desc nulls last',
      read: { download: { retries: 0 } },
    })
    const green = await queryFiles({ tables: { trips: parquet }, sql: 'select id from trips where colour = $1', parameters: ['green'] })
    const profile = await profileFile({ source: parquet, artifact: 'profile-of-trips' })
    return { converted, green, profile }
  })

  const run = await tutti.run(etl)

  expect(run).toMatchObject({
    state: 'completed',
    result: {
      converted: { file: parquet, rows: 3, rowsRead: 3, skipped: { lines: 0 } },
      green: [{ id: 1 }, { id: 3 }],
      profile: {
        rows: 3,
        columns: [
          { column: 'id', type: 'BIGINT', nulls: 0, distinct: 3, min: '1', max: '3' },
          { column: 'colour', type: 'VARCHAR', nulls: 0, distinct: 2, min: 'green', max: 'yellow' },
          { column: 'fare', type: 'DOUBLE', nulls: 1, distinct: 2, min: '2.5', max: '3.0' },
        ],
      },
    },
  })
  expect(run.taskRuns.map(({ name }) => name)).toContain('convert trips.csv')
  expect(run.logs.map(({ message }) => message).join('\n')).toContain(`3 rows read, 3 written to ${parquet}`)
})

test('a cancelled run ends the statement that is under way', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const asked = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<unknown>()
  const ask = task({ name: 'ask' }, async () => {
    await using database = await duckdb.open({ threads: 1 })
    try {
      await database.query('select count(*) from range(1000000000000) where range % 3 = 1').rows({ onProgress: () => asked.resolve() })
    } catch (error) {
      ended.resolve(error)
      throw error
    }
  })
  const endless = flow({ name: 'endless' }, async () => await ask())

  const running = tutti.run(endless)
  await asked.promise
  const { items } = await tutti.orchestrator.flowRuns.list({ limit: 1 })
  await tutti.cancel({ id: items[0]!.id })

  expect(await ended.promise).toBeInstanceOf(Error)
  expect(await running).toMatchObject({ state: 'cancelled' })
})

test('an error tells its place after it was stored and read again', async () => {
  await using tutti = await testTutti()
  const file = path.join(await testFolder(), 'trips.csv')
  await writeFile(file, `id\n${'1\n'.repeat(10)}x\n`)
  const etl = flow(
    { name: 'etl' },
    async () => await convertFile({ source: file, to: `${file}.parquet`, read: { types: { id: 'BIGINT' } } }),
  )

  const run = await tutti.run(etl)

  expect(run).toMatchObject({ state: 'failed', error: { code: 'duckdb/bad-data', file, line: 12, column: 'id' } })
  expect(run.taskRuns[0]?.runCount).toBe(1)
})
