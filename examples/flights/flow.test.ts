import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { connect } from 'tutti'
import { expect, onTestFinished, test } from 'vitest'
import { literal, withDatabase } from './database.ts'
import { testFolder, writeAirports, writeFlights, writeQuery } from './fixtures.ts'
import { flights } from './flow.ts'
import type { FlightsReport } from './flow.ts'
import { packagedData, startSource } from './source.ts'
import type { SourceOptions } from './source.ts'
import { sumOf } from './warehouse.ts'

interface CountedMonth {
  readonly month: string
  readonly rows_in: number
  readonly duplicates: number
  readonly rejected: number
  readonly rows_out: number
  readonly outside_month: number
  readonly too_early: number
}

interface CountedAirport {
  readonly airport: string
  readonly flights: number
  readonly average_delay: number
  readonly worst_delay: number
}

const months = ['2001-02', '2001-06']

async function load(folder: string, options: Partial<SourceOptions> = {}): Promise<FlightsReport> {
  const source = await startSource({ folder: join(folder, 'web'), failureRate: 0, ...options })
  onTestFinished(() => source.close())
  const tutti = await connect({ home: join(folder, 'home'), print: false })
  onTestFinished(() => tutti.close())
  return await flights({ source: source.url, folder, months })
}

/** The same questions asked of the original file, by other queries. */
async function count(folder: string, file: string): Promise<{ months: readonly CountedMonth[]; airports: readonly CountedAirport[] }> {
  const [byMonth, byAirport] = await Promise.all(
    ['check-months.sql', 'check-airports.sql'].map((name) => readFile(join(import.meta.dirname, name), 'utf8')),
  )
  return await withDatabase({ spill: join(folder, 'spill') }, async (database) => {
    await database.run(`set variable flights = ${literal(file)}`)
    await database.run(`set variable airports = ${literal(packagedData().airports)}`)
    await database.run(`set variable months = [${months.map(literal).join(', ')}]`)
    const counted = await database.rows<CountedMonth>(byMonth ?? '')
    return { months: counted.filter((row) => months.includes(row.month)), airports: await database.rows<CountedAirport>(byAirport ?? '') }
  })
}

/** What the flow reported, in the words of the independent count. */
function monthsOf(report: FlightsReport): readonly CountedMonth[] {
  return report.months.map((month) => ({
    month: month.month,
    rows_in: month.rowsIn,
    duplicates: month.duplicates,
    rejected: sumOf(Object.values(month.rejected)),
    rows_out: month.rowsOut,
    outside_month: month.rejected['date outside the month'],
    too_early: month.rejected['more than 2 hours early'],
  }))
}

function airportsOf(report: FlightsReport): readonly CountedAirport[] {
  return report.airports.map((row) => ({
    airport: row.airport,
    flights: row.flights,
    average_delay: row.averageDelay,
    worst_delay: row.worstDelay,
  }))
}

function busiest(airports: readonly CountedAirport[]): readonly CountedAirport[] {
  return airports.toSorted((a, b) => b.flights - a.flights || (a.airport < b.airport ? -1 : 1)).slice(0, 10)
}

test('the numbers of the flow are those of an independent count of the original file', async () => {
  const folder = await testFolder()
  const counted = await count(folder, packagedData().flights)

  const report = await load(folder)

  expect(monthsOf(report)).toEqual(counted.months)
  expect(airportsOf(report)).toEqual(busiest(counted.airports))
  expect(sumOf(counted.months.map((month) => month.rejected))).toBeGreaterThan(0)
})

test('another input gives other numbers, and these are right too', async () => {
  const folder = await testFolder()
  const original = literal(packagedData().flights)
  const bad = `(values (timestamp '2001-02-03', -700, 606, 'ATL', 'ORD'), (timestamp '2001-02-03', 5, 0, 'ATL', 'ORD'), (timestamp '2001-06-03', 5, 606, 'ATL', 'QQQ'),
    (timestamp '2001-06-03', null, 606, 'ATL', 'ORD'), (timestamp '2001-08-03', 5, 606, 'ATL', 'ORD'), (timestamp '2001-06-03 04:05:06', 5000, 606, 'ATL', 'ORD'), (timestamp '2001-06-03 04:05:06', 5000, 606, 'ATL', 'ORD'))`
  const altered = await writeQuery(
    join(folder, 'altered.parquet'),
    `from read_parquet(${original}) where origin not in ('DFW', 'LAX') union all from ${bad}`,
  )
  const counted = await count(folder, altered)

  const report = await load(folder, { flights: altered })

  expect(monthsOf(report)).toEqual(counted.months)
  expect(airportsOf(report)).toEqual(busiest(counted.airports))
  expect(report.months.map((month) => month.rejected)).toMatchObject([
    { 'more than 2 hours early': 4, 'distance not above 0': 1 },
    { 'unknown airport': 1, 'missing or unreadable value': 1, 'date outside the month': 6 },
  ])
  expect(counted.months).not.toEqual((await count(folder, packagedData().flights)).months)
})

test('a busy source is asked again until it answers, and the numbers do not change', async () => {
  const folder = await testFolder()
  const small = await writeFlights(
    join(folder, 'small.parquet'),
    `('2001-02-03', 1, 606, 'ATL', 'ORD'), ('2001-06-03', 2, 606, 'ATL', 'ORD')`,
  )
  const source = await startSource({ folder: join(folder, 'web'), flights: small, seed: 3, failureRate: 0.5, retryAfter: '0' })
  onTestFinished(() => source.close())
  const tutti = await connect({ home: join(folder, 'home'), print: false })
  onTestFinished(() => tutti.close())

  const report = await flights({ source: source.url, folder, months, airports: ['ATL'] })

  expect(source.requests.some((request) => request.answer !== 'whole')).toBe(true)
  expect(airportsOf(report)).toEqual([{ airport: 'ATL', flights: 2, average_delay: 1.5, worst_delay: 2 }])
})

test('a source that announces more rows than it sends fails the quality checks, and with them the flow', async () => {
  const folder = await testFolder()
  const landed = await writeFlights(join(folder, 'month.parquet'), `('2001-02-03', 1, 606, 'ATL', 'ORD')`)
  const airports = await writeAirports(join(folder, 'codes.csv'), ['ATL', 'ORD'])
  const source = createServer((request, response) => {
    if (request.url === '/index.json') response.end(JSON.stringify({ files: [{ month: '2001-02', path: '/month.parquet', rows: 2 }] }))
    else void readFile(request.url === '/airports.csv' ? airports : landed).then((bytes) => response.end(bytes))
  })
  await new Promise<void>((resolve) => void source.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void source.close())
  const address = source.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const tutti = await connect({ home: join(folder, 'home'), print: false })
  onTestFinished(() => tutti.close())

  const state = await flights({ source: `http://127.0.0.1:${port}`, folder, months: ['2001-02'] }).state()

  expect(state.name).toBe('Failed')
  expect(state.message).toContain('every row the source announced came in')
})

test('a month the source does not have is named', async () => {
  const folder = await testFolder()
  const source = await startSource({ folder: join(folder, 'web'), failureRate: 0 })
  onTestFinished(() => source.close())
  const tutti = await connect({ home: join(folder, 'home'), print: false })
  onTestFinished(() => tutti.close())

  const state = await flights({ source: source.url, folder, months: ['1999-01'] }).state()

  expect(state.message).toContain('the source has no file for 1999-01')
})
