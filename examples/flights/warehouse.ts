import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { MonthCounts } from './cleaning.ts'
import { inTransaction, literal, withDatabase } from './database.ts'
import type { Database } from './database.ts'

/** The bucket (a folder of Parquet files, one partition a month) and the warehouse (a DuckDB file), under one folder. */
export interface Stores {
  readonly folder: string
  readonly signal?: AbortSignal
}

export interface Partition {
  readonly month: string
  readonly file: string
  readonly bytes: number
}

export interface QualityCheck {
  readonly name: string
  readonly passed: boolean
  readonly detail: string
}

export interface AirportDelays {
  readonly airport: string
  readonly city: string
  readonly flights: number
  readonly averageDelay: number
  /** Share of flights more than 15 minutes late, 0 to 100. */
  readonly latePercent: number
  readonly worstDelay: number
}

export const warehouseFile = (folder: string): string => join(folder, 'warehouse.duckdb')
export const partitionFile = (folder: string, month: string): string =>
  join(folder, 'bucket', 'flights', `month=${month}`, 'part-0.parquet')
const spillFolder = (folder: string): string => join(folder, 'spill')

const tables = `
  create table if not exists flights (
    month varchar not null, departure timestamp not null, delay integer not null, distance integer not null, origin varchar not null, destination varchar not null
  );
  create table if not exists month_counts (
    month varchar primary key, rows_in bigint not null, rows_out bigint not null, duplicates bigint not null, rejected bigint not null
  );
  create table if not exists airports (iata varchar not null, name varchar, city varchar, state varchar);`

/** Puts a clean month into its partition of the bucket. A repeated call replaces the file with an equal one. */
export async function writePartition({ folder, signal }: Stores, month: string, clean: string): Promise<Partition> {
  const file = partitionFile(folder, month)
  await mkdir(join(file, '..'), { recursive: true })
  const unfinished = `${file}.${process.pid}.unfinished`
  await withDatabase({ spill: spillFolder(folder), ...(signal && { signal }) }, (database) =>
    database.run(
      `copy (select ${literal(month)} as month, * from read_parquet(${literal(clean)}) order by origin, departure, destination, delay, distance)
       to ${literal(unfinished)} (format parquet, compression zstd)`,
    ),
  )
  await rename(unfinished, file)
  return { month, file, bytes: (await stat(file)).size }
}

/** Makes the tables and fills in the airports. A repeated call leaves the same rows. */
export async function loadAirportsTable(stores: Stores, csv: string): Promise<number> {
  await mkdir(stores.folder, { recursive: true })
  return await withWarehouse(stores, async (database) => {
    await database.run(tables)
    await inTransaction(database, async () => {
      await database.run('delete from airports')
      await database.run(
        `insert into airports select iata, name, city, state from read_csv(${literal(csv)}, header = true, all_varchar = true)`,
      )
    })
    return (await database.row<{ count: number }>('select count(*) as count from airports')).count
  })
}

/** Replaces one month in the warehouse in one transaction: a repeated call, or one that was cut, leaves the month there once. */
export async function loadMonthRows(stores: Stores, partition: Partition, counts: MonthCounts): Promise<number> {
  const month = literal(partition.month)
  const rejected = sumOf(Object.values(counts.rejected))
  return await withWarehouse(stores, async (database) => {
    await inTransaction(database, async () => {
      await database.run(`delete from flights where month = ${month}`)
      await database.run(
        `insert into flights select month, departure, delay, distance, origin, destination from read_parquet(${literal(partition.file)}, hive_partitioning = false)`,
      )
      await database.run(
        `insert or replace into month_counts values (${month}, ${counts.rowsIn}, ${counts.rowsOut}, ${counts.duplicates}, ${rejected})`,
      )
    })
    return (await database.row<{ count: number }>(`select count(*) as count from flights where month = ${month}`)).count
  })
}

/** Looks at what is in the warehouse and in the bucket now, not at what earlier steps said they did. */
export async function checkQuality(
  stores: Stores,
  announced: readonly { readonly month: string; readonly rows: number }[],
): Promise<readonly QualityCheck[]> {
  const months = announced.map((entry) => literal(entry.month)).join(', ')
  const expected = announced.map((entry) => `(${literal(entry.month)}, ${entry.rows})`).join(', ')
  const files = announced.map((entry) => literal(partitionFile(stores.folder, entry.month))).join(', ')
  const queries: readonly (readonly [name: string, badRows: string])[] = [
    [
      'every row the source announced came in',
      `select * from (values ${expected}) as announced(month, n) left join month_counts using (month) where n is distinct from rows_in`,
    ],
    [
      'rows in = rows out + rejected + duplicates',
      `select * from month_counts where month in (${months}) and rows_in <> rows_out + rejected + duplicates`,
    ],
    [
      'the warehouse holds every clean row once',
      `select * from (select month, rows_out from month_counts where month in (${months})) full join (select month, count(*) as n from flights where month in (${months}) group by month) using (month) where n is distinct from rows_out`,
    ],
    [
      'the bucket and the warehouse hold the same rows',
      `(select * from (select month, count(*), sum(delay), sum(distance), min(departure), max(departure) from flights where month in (${months}) group by month)
        except select month, count(*), sum(delay), sum(distance), min(departure), max(departure) from read_parquet([${files}], hive_partitioning = false) group by month)`,
    ],
    [
      'no two flights are equal',
      `select 1 from flights where month in (${months}) group by month, departure, delay, distance, origin, destination having count(*) > 1`,
    ],
    ['every flight lies in its month', `select 1 from flights where month in (${months}) and strftime(departure, '%Y-%m') <> month`],
    ['delays and distances are possible', `select 1 from flights where month in (${months}) and (delay < -120 or distance <= 0)`],
    [
      'every airport is known',
      `select 1 from flights where month in (${months}) and (origin not in (select iata from airports) or destination not in (select iata from airports))`,
    ],
  ]
  return await withWarehouse(stores, async (database) => {
    const checks: QualityCheck[] = []
    for (const [name, badRows] of queries) {
      const { bad } = await database.row<{ bad: number }>(`select count(*) as bad from (${badRows})`)
      checks.push({ name, passed: bad === 0, detail: bad === 0 ? 'ok' : `${bad} exceptions` })
    }
    return checks
  })
}

/** Delays by the airport of departure: the given airports in their order, or the busiest ten. */
export async function airportDelays(
  stores: Stores,
  months: readonly string[],
  airports: readonly string[],
): Promise<readonly AirportDelays[]> {
  const chosen = airports.length === 0 ? 'true' : `origin in (${airports.map(literal).join(', ')})`
  const rows = await withWarehouse(stores, (database) =>
    database.rows<AirportDelays>(`
      select origin as airport, any_value(coalesce(city, name, '')) as city, count(*) as flights, round(avg(delay), 1) as "averageDelay",
        round(100.0 * count(*) filter (where delay > 15) / count(*), 1)::double as "latePercent", max(delay) as "worstDelay"
      from flights left join airports on iata = origin
      where month in (${months.map(literal).join(', ')}) and ${chosen}
      group by origin order by flights desc, origin limit ${airports.length === 0 ? 10 : airports.length}`),
  )
  return airports.length === 0 ? rows : airports.flatMap((airport) => rows.filter((row) => row.airport === airport))
}

function withWarehouse<T>({ folder, signal }: Stores, work: (database: Database) => Promise<T>): Promise<T> {
  return withDatabase({ path: warehouseFile(folder), spill: spillFolder(folder), ...(signal && { signal }) }, work)
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
