import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { testFolder, writeAirports, writeFlights } from './fixtures.ts'
import { startSource } from './source.ts'
import type { Source, SourceIndex, SourceOptions } from './source.ts'

const rows = `('2000-12-31', 1, 1, 'ATL', 'ORD'), ('2001-01-31 23:59', 1, 1, 'ATL', 'ORD'), ('2001-02-01 00:00', 1, 1, 'ATL', 'ORD'), ('2001-07-01', 1, 1, 'ATL', 'ORD'), (null, 1, 1, 'ATL', 'ORD')`

async function aSource(options: Partial<SourceOptions>): Promise<Source> {
  const folder = await testFolder()
  const flights = await writeFlights(join(folder, 'flights.parquet'), rows)
  const airports = await writeAirports(join(folder, 'airports.csv'), ['ATL'])
  const source = await startSource({ flights, airports, folder: join(folder, 'web'), ...options })
  onTestFinished(() => source.close())
  return source
}

test('every row is in exactly one of the files the index names', async () => {
  const source = await aSource({ failureRate: 0 })

  // What the source says about itself.
  const index = (await (await fetch(`${source.url}/index.json`)).json()) as SourceIndex

  expect(index.files.map((file) => file.rows)).toEqual([2, 1, 0, 0, 0, 2])
  expect((await fetch(`${source.url}${index.files[0]?.path}`)).status).toBe(200)
})

test('a busy source says when to come back, and never fails three times in a row', async () => {
  const source = await aSource({ failureRate: 1, seed: 3 })

  const answers: string[] = []
  for (let time = 0; time < 6; time += 1) {
    const response = await fetch(`${source.url}/airports.csv`).catch(() => undefined)
    answers.push(`${response?.status} ${response?.headers.get('retry-after')}`)
    await response?.text().catch(() => undefined)
  }

  expect(source.requests.map((request) => request.answer === 'whole')).toEqual([false, false, true, false, false, true])
  expect(answers).toContain('503 1')
})

test('the same seed fails the same requests', async () => {
  const ask = async (seed: number): Promise<readonly string[]> => {
    const source = await aSource({ seed, failureRate: 0.5 })
    for (let time = 0; time < 12; time += 1)
      await fetch(`${source.url}/airports.csv`)
        .then((response) => response.text())
        .catch(() => undefined)
    return source.requests.map((request) => request.answer)
  }

  expect(await ask(7)).toEqual(await ask(7))
  expect(await ask(7)).not.toEqual(await ask(8))
})

test('a file that is not there is 404', async () => {
  const source = await aSource({})

  expect((await fetch(`${source.url}/flights/1999-01.parquet`)).status).toBe(404)
})
