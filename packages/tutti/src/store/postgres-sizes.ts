import type { TableSize, TableSizes } from '../core/table-sizes.ts'
import type { Row, Script } from './script.ts'

/** Rows of a table up to this size are counted. */
const EXACT_MAX_BYTES = 8 * 1024 * 1024

/** How large each table is by what PostgreSQL knows of it; how many rows a large one has by its last analysis. */
export function* postgresSizes(): Script<TableSizes> {
  const [database] = yield* rowsOf('select pg_database_size(current_database()) as bytes')
  const found = yield* rowsOf(`
    select pg_class.relname as name, pg_total_relation_size(pg_class.oid) as bytes,
      coalesce(nullif(pg_class.reltuples, -1), pg_stat_get_live_tuples(pg_class.oid), 0) as estimate
    from pg_class
    where pg_class.relkind = 'r' and pg_class.relnamespace = (select oid from pg_namespace where nspname = current_schema())
    order by 2 desc, 1`)
  const tables: TableSize[] = []
  for (const row of found) {
    const name = String(row['name'])
    const bytes = Number(row['bytes'])
    const isEstimated = bytes > EXACT_MAX_BYTES
    const [counted] = isEstimated ? [] : yield* rowsOf(`select count(*) as found from "${name}"`)
    tables.push({ name, rows: Math.round(Number(counted?.['found'] ?? row['estimate'])), bytes, isEstimated })
  }
  return { dialect: 'postgres', bytes: Number(database?.['bytes'] ?? 0), tables }
}

function* rowsOf(sql: string): Script<readonly Row[]> {
  return (yield { sql, parameters: [], rows: true }).rows
}
