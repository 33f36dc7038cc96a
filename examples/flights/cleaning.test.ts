import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanMonthFile } from './cleaning.ts'
import type { MonthCounts } from './cleaning.ts'
import { literal, withDatabase } from './database.ts'
import { testFolder, writeAirports, writeFlights } from './fixtures.ts'

async function clean(rows: string): Promise<{ counts: MonthCounts; clean: readonly unknown[]; rejects: readonly { reason: string }[] }> {
  const folder = await testFolder()
  const job = {
    month: '2001-02',
    landed: await writeFlights(join(folder, 'landed.parquet'), rows),
    airports: await writeAirports(join(folder, 'airports.csv'), ['ATL', 'ORD']),
    clean: join(folder, 'clean', 'clean.parquet'),
    rejects: join(folder, 'rejects', 'rejects.parquet'),
    spill: join(folder, 'spill'),
  }
  const counts = await cleanMonthFile(job)
  return await withDatabase(job, async (database) => ({
    counts,
    clean: await database.rows(`select * exclude departure, departure::varchar as departure from ${literal(job.clean)}`),
    rejects: await database.rows(`select * from ${literal(job.rejects)}`),
  }))
}

test('a good row comes through with its types', async () => {
  const { counts, clean: rows } = await clean(`('2001-02-03 04:05', -7, 606, ' atl', 'ORD')`)

  expect(rows).toEqual([{ departure: '2001-02-03 04:05:00', delay: -7, distance: 606, origin: 'ATL', destination: 'ORD' }])
  expect(counts).toMatchObject({ month: '2001-02', rowsIn: 1, rowsOut: 1, duplicates: 0 })
})

test('copies beyond the first are counted and dropped, whether the row is good or not', async () => {
  const good = `('2001-02-03 04:05', 0, 606, 'ATL', 'ORD')`
  const bad = `('2001-02-03 04:05', -500, 606, 'ATL', 'ORD')`

  const { counts } = await clean([good, good, good, bad, bad].join(', '))

  expect(counts).toMatchObject({ rowsIn: 5, rowsOut: 1, duplicates: 3, rejected: { 'more than 2 hours early': 1 } })
})

test.each([
  ['missing or unreadable value', `('2001-02-03', null, 606, 'ATL', 'ORD')`],
  ['missing or unreadable value', `('2001-02-03', 1, 606, ' ', 'ORD')`],
  ['date outside the month', `('2001-03-01 00:00', 1, 606, 'ATL', 'ORD')`],
  ['date outside the month', `('2001-01-31 23:59', 1, 606, 'ATL', 'ORD')`],
  ['more than 2 hours early', `('2001-02-03', -121, 606, 'ATL', 'ORD')`],
  ['distance not above 0', `('2001-02-03', 1, 0, 'ATL', 'ORD')`],
  ['unknown airport', `('2001-02-03', 1, 606, 'ATL', 'XYZ')`],
  ['from and to the same airport', `('2001-02-03', 1, 606, 'ATL', 'ATL')`],
])('a row is rejected for: %s (%s)', async (reason, row) => {
  const { counts, rejects } = await clean(row)

  expect(rejects).toMatchObject([{ reason }])
  expect(counts).toMatchObject({ rowsIn: 1, rowsOut: 0, duplicates: 0, rejected: { [reason]: 1 } })
})

test('the edges of the month and of the delay are inside', async () => {
  const { counts } = await clean(`('2001-02-01 00:00', -120, 1, 'ATL', 'ORD'), ('2001-02-28 23:59:59', 5000, 1, 'ORD', 'ATL')`)

  expect(counts.rowsOut).toBe(2)
})
