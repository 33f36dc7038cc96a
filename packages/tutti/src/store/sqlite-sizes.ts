import type { TableSize, TableSizes } from '../core/table-sizes.ts'
import type { Row, Script } from './script.ts'

/** A database up to this size is looked at page by page, and its rows are counted. */
const EXACT_MAX_BYTES = 16 * 1024 * 1024
/** Rows that are weighed to tell how large those of a table are. */
const SAMPLES = 64
/** What an entry of an index takes on average, with the share of its page that is empty. */
const INDEX_ENTRY_BYTES = 70
const ROW_OVERHEAD_BYTES = 24

/** How large each table of a SQLite database is: of a large one from a few of its rows, never from all of them. */
export function* sqliteSizes(): Script<TableSizes> {
  const [pages] = yield* rowsOf('select (select page_count from pragma_page_count) * (select page_size from pragma_page_size) as bytes')
  const bytes = Number(pages?.['bytes'] ?? 0)
  const names = (yield* rowsOf("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")).map(
    (row) => String(row['name']),
  )
  const tables = (bytes <= EXACT_MAX_BYTES ? yield* exact(names) : undefined) ?? (yield* estimated(names, bytes))
  return { dialect: 'sqlite', bytes, tables: tables.toSorted((one, other) => other.bytes - one.bytes) }
}

/** `undefined`: this SQLite does not tell of its pages. */
function* exact(names: readonly string[]): Script<readonly TableSize[] | undefined> {
  const [option] = yield* rowsOf("select sqlite_compileoption_used('ENABLE_DBSTAT_VTAB') as used")
  if (Number(option?.['used'] ?? 0) === 0) return undefined
  const pages = yield* rowsOf(
    'select tbl_name, sum(pgsize) as bytes from dbstat join sqlite_master on dbstat.name = sqlite_master.name where aggregate = 1 group by tbl_name',
  )
  const bytes = new Map(pages.map((row) => [String(row['tbl_name']), Number(row['bytes'])]))
  const tables: TableSize[] = []
  for (const name of names) {
    const [row] = yield* rowsOf(`select count(*) as found from ${quoted(name)}`)
    tables.push({ name, rows: Number(row?.['found'] ?? 0), bytes: bytes.get(name) ?? 0, isEstimated: false })
  }
  return tables
}

/** What the database takes is shared out by the rows of each table, their average size and the number of its indexes. */
function* estimated(names: readonly string[], bytes: number): Script<readonly TableSize[]> {
  const indexes = new Map(
    (yield* rowsOf("select tbl_name, count(*) as found from sqlite_master where type = 'index' group by tbl_name")).map((row) => [
      String(row['tbl_name']),
      Number(row['found']),
    ]),
  )
  const weighed: { readonly name: string; readonly rows: number; readonly weight: number }[] = []
  for (const name of names) {
    const [ends] = yield* rowsOf(`select (select min(rowid) from ${quoted(name)}) as low, (select max(rowid) from ${quoted(name)}) as high`)
    const low = Number(ends?.['low'] ?? 0)
    const high = Number(ends?.['high'] ?? -1)
    const rows = high - low + 1
    const perRow =
      rows === 0 ? 0 : (yield* averageBytes(name, low, high)) + ROW_OVERHEAD_BYTES + (indexes.get(name) ?? 0) * INDEX_ENTRY_BYTES
    weighed.push({ name, rows, weight: rows * perRow })
  }
  const all = weighed.reduce((sum, { weight }) => sum + weight, 0)
  return weighed.map(({ name, rows, weight }) => ({
    name,
    rows,
    bytes: all === 0 ? 0 : Math.round((bytes * weight) / all),
    isEstimated: true,
  }))
}

function* averageBytes(name: string, low: number, high: number): Script<number> {
  const columns = (yield* rowsOf(`select name from pragma_table_info('${name}')`)).map((row) => quoted(String(row['name'])))
  const size = columns.map((column) => `coalesce(length(${column}), 0)`).join(' + ')
  const places = Array.from({ length: SAMPLES }, (_, at) => low + Math.floor(((high - low) * at) / (SAMPLES - 1)))
  const [row] = yield* rowsOf(`select avg(${size}) as bytes from ${quoted(name)} where rowid in (${[...new Set(places)].join(', ')})`)
  return Number(row?.['bytes'] ?? 0)
}

function quoted(name: string): string {
  return `"${name}"`
}

function* rowsOf(sql: string): Script<readonly Row[]> {
  return (yield { sql, parameters: [], rows: true }).rows
}
