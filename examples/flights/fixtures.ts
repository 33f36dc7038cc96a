import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { literal, withDatabase } from './database.ts'

/** A folder that is gone after the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-flights-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A Parquet file as the source has it, from rows written as `(date, delay, distance, origin, destination)` in SQL. */
export async function writeFlights(file: string, rows: string): Promise<string> {
  return await writeQuery(
    file,
    `select date::timestamp as date, delay::bigint as delay, distance::bigint as distance, origin, destination from (values ${rows}) as t(date, delay, distance, origin, destination)`,
  )
}

export async function writeQuery(file: string, query: string): Promise<string> {
  await withDatabase({ spill: `${file}.spill` }, (database) => database.run(`copy (${query}) to ${literal(file)} (format parquet)`))
  return file
}

export async function writeAirports(file: string, codes: readonly string[]): Promise<string> {
  await writeFile(file, ['iata,name,city,state', ...codes.map((code) => `${code},${code} Airport,${code} City,XX`)].join('\n'))
  return file
}
