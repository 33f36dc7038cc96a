import { open } from './database.ts'
import { quoted, SqlFragment } from './sql-text.ts'

/**
 * Data work on this machine: files become tables, SQL asks them, and what it answers becomes rows or files.
 *
 * @example
 * await using trips = await duckdb.open()
 * await trips.read('trips', 'https://example.com/trips.csv.gz')
 * const zones = await trips.sql`select zone, count(*) as trips from trips group by zone`.rows<{ zone: string; trips: number }>()
 * await trips.write('trips.parquet', 'select * from trips order by pickup')
 */
export const duckdb = {
  open,
  /** A name within a template: `` sql`select * from ${duckdb.name(table)}` ``. `schema.table` are two names. */
  name: (name: string): SqlFragment => new SqlFragment(quoted(name)),
  /** Text that stands in a template as it is. Never what somebody else wrote. */
  raw: (text: string): SqlFragment => new SqlFragment(text),
} as const
