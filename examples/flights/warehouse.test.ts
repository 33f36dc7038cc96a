import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanMonthFile } from './cleaning.ts'
import type { MonthCounts } from './cleaning.ts'
import { withDatabase } from './database.ts'
import { testFolder, writeAirports, writeFlights } from './fixtures.ts'
import { airportDelays, checkQuality, loadAirportsTable, loadMonthRows, warehouseFile, writePartition } from './warehouse.ts'
import type { Partition } from './warehouse.ts'

const rows = `('2001-02-03', 10, 606, 'ATL', 'ORD'), ('2001-02-03', 30, 606, 'ATL', 'ORD'), ('2001-02-04', -5, 606, 'ORD', 'ATL'), ('2001-02-04', -500, 606, 'ORD', 'ATL')`
const announced = [{ month: '2001-02', rows: 4 }]

async function aLoadedMonth(): Promise<{ folder: string; partition: Partition; counts: MonthCounts }> {
  const folder = await testFolder()
  const airports = await writeAirports(join(folder, 'airports.csv'), ['ATL', 'ORD'])
  const landed = await writeFlights(join(folder, 'landed.parquet'), rows)
  const clean = join(folder, 'clean', '2001-02.parquet')
  const counts = await cleanMonthFile({
    month: '2001-02',
    landed,
    airports,
    clean,
    rejects: join(folder, 'rejects.parquet'),
    spill: join(folder, 'spill'),
  })
  await loadAirportsTable({ folder }, airports)
  const partition = await writePartition({ folder }, '2001-02', clean)
  await loadMonthRows({ folder }, partition, counts)
  return { folder, partition, counts }
}

async function failedChecks(folder: string, expected = announced): Promise<readonly string[]> {
  return (await checkQuality({ folder }, expected)).filter((check) => !check.passed).map((check) => check.name)
}

async function change(folder: string, sql: string): Promise<void> {
  await withDatabase({ path: warehouseFile(folder), spill: join(folder, 'spill') }, (database) => database.run(sql))
}

test('loading a month twice leaves it there once', async () => {
  const { folder, partition, counts } = await aLoadedMonth()

  const loaded = await loadMonthRows({ folder }, partition, counts)

  expect(loaded).toBe(3)
  expect(await failedChecks(folder)).toEqual([])
})

test('delays by airport: the busiest, or those asked for', async () => {
  const { folder } = await aLoadedMonth()

  expect(await airportDelays({ folder }, ['2001-02'], [])).toEqual([
    { airport: 'ATL', city: 'ATL City', flights: 2, averageDelay: 20, latePercent: 50, worstDelay: 30 },
    { airport: 'ORD', city: 'ORD City', flights: 1, averageDelay: -5, latePercent: 0, worstDelay: -5 },
  ])
  expect((await airportDelays({ folder }, ['2001-02'], ['ORD', 'XYZ'])).map((row) => row.airport)).toEqual(['ORD'])
})

test.each([
  ['the warehouse holds every clean row once', `delete from flights where delay = 10`],
  ['no two flights are equal', `insert into flights select * from flights`],
  ['delays and distances are possible', `update flights set delay = -900 where delay = 10`],
  ['every airport is known', `update flights set origin = 'XYZ' where delay = 10`],
  ['every flight lies in its month', `update flights set departure = timestamp '2001-05-05' where delay = 10`],
  ['rows in = rows out + rejected + duplicates', `update month_counts set rejected = 7`],
])('a warehouse that was tampered with fails: %s', async (name, sql) => {
  const { folder } = await aLoadedMonth()

  await change(folder, sql)

  expect(await failedChecks(folder)).toContain(name)
})

test('rows that the source announced and did not send are noticed', async () => {
  const { folder } = await aLoadedMonth()

  expect(await failedChecks(folder, [{ month: '2001-02', rows: 5 }])).toEqual(['every row the source announced came in'])
})
