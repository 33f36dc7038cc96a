// The same numbers by another way: DuckDB itself, asked once for all files, over the data as the package has it.
import { DuckDBInstance } from '@duckdb/node-api'
import { flightsFile, YEAR } from './web.ts'

export interface Counted {
  readonly file: string
  readonly read: number
  readonly kept: number
}

export async function countTrips(months: readonly number[], flights = flightsFile): Promise<readonly Counted[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    const answer = await connection.runAndReadAll(
      `
      with trips as (
        select if(file_row_number % 2 = 0, 'yellow', 'green') as colour, date, distance, origin,
          case when date is null or date >= '2001-07-01' then 6 when date < '2001-01-01' then 1 else extract(month from date) end as month
        from read_parquet($1, file_row_number = true)
      )
      select colour || '/' || colour || '_tripdata_${YEAR}-0' || month as file, count(*)::int as read,
        (count(*) filter (where strftime(date, '%Y-%m') = '${YEAR}-0' || month and distance >= 0 and origin is not null))::int as kept
      from trips where month in (${months.map(Number).join(', ')}) group by all order by min(month), file desc`,
      [flights],
    )
    return answer.getRowObjectsJS() as unknown as readonly Counted[] // the query names its columns so
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
