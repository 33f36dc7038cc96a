import path from 'node:path'
import { duckdb } from '@tutti/duckdb'
import { flightsFile } from './web.ts'

/** Two of a hundred rows, for whom some ten thousand are enough, and all that are of no month. */
export async function smallFlights(folder: string): Promise<string> {
  const file = path.join(folder, 'flights.parquet')
  await using database = await duckdb.open({ threads: 2 })
  await database.write(
    file,
    database.sql`select * exclude file_row_number from read_parquet(${flightsFile}, file_row_number = true) where file_row_number % 100 < 2 or date >= '2001-07-01'`,
  )
  return file
}
