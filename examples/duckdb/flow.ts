// Airports of the United States: from a CSV file to Parquet, and asked.
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { convertFile, duckdb } from '@tutti/duckdb'
import { flow, log, task } from 'tutti'
import { z } from 'zod'

const Busy = z.object({ state: z.string(), airports: z.number().int().positive() })

const countStates = task({ name: 'count-states' }, async (file: string, leastAirports: number) => {
  await using airports = await duckdb.open({ memoryLimit: '500MB' })
  await airports.read('airports', file)
  await airports.profile('airports')

  return await airports.sql`
    select state, count(*) as airports from airports
    where country = ${'USA'} group by state having count(*) > ${leastAirports}
    order by airports desc, state`.rows(Busy)
})

const writeLarge = task({ name: 'write-large' }, async (file: string, to: string) => {
  await using database = await duckdb.open()
  await database.read('airports', file, {
    types: { iata: 'VARCHAR' },
    select: 'iata, name, state, latitude, longitude',
    where: 'state is not null',
  })
  const { rows, sizeBytes } = await database.write(to, 'select * from airports order by state, iata')
  log.info(`${rows} airports, ${sizeBytes} bytes`)
  return rows
})

const northernmost = task({ name: 'northernmost' }, async (file: string) => {
  await using database = await duckdb.open({ path: ':memory:', decimals: 'text' })
  await database.read('airports', file, { into: 'view' })
  let found = { name: '', latitude: -90 }
  for await (const airport of database.query<typeof found>('select name, latitude from airports').stream()) {
    if (airport.latitude > found.latitude) found = airport
  }
  return found.name
})

export const airports = flow({ name: 'airports' }, async ({ source, folder }: { source: string; folder: string }) => {
  const { rowsRead, file } = await convertFile({ source, to: path.join(folder, 'airports.parquet'), orderBy: 'state, iata' })
  const states = await countStates(file, 150)
  const written = await writeLarge(file, path.join(folder, 'large.csv.gz'))
  return { rowsRead, written, states, northernmost: await northernmost(file) }
})

if (import.meta.main) {
  const data = path.join(createRequire(import.meta.url).resolve('vega-datasets'), '..', '..', 'data', 'airports.csv')
  const folder = await mkdtemp(path.join(os.tmpdir(), 'airports-'))
  console.log(await airports({ source: data, folder }))
  await rm(folder, { recursive: true })
}
