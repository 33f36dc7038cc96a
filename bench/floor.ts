// The floor under a workload: its rows, written by nothing but prepared statements. What Tutti takes beyond that is
// its own, so a ratio to the floor says more than a time, which depends on the disk.
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import type { Durability } from './measurement.ts'

export interface FloorOptions {
  /** The database that a workload has written. */
  readonly from: string
  /** A file that does not exist yet; on the same disk, or the comparison is worth nothing. */
  readonly into: string
  readonly durability: Durability
  /** Task runs in one transaction: 1 when every task waits for the one before, else as many as one flush of the journal holds. */
  readonly rowsPerTransaction: number
}

export interface Floor {
  readonly totalMs: number
  /** One for each transaction that holds task runs. */
  readonly latenciesUs: readonly number[]
  readonly taskRuns: number
}

interface Table {
  readonly name: string
  readonly insert: string
  readonly rows: readonly (readonly SQLInputValue[])[]
}

/** Rows of other tables in one transaction, whatever the workload. */
const ROWS_MAX = 500

/** What the store sets for its connections; it has the reasons. */
export function pragmas(durability: Durability): Readonly<Record<string, string>> {
  return {
    journal_mode: 'WAL',
    synchronous: durability === 'full' ? 'FULL' : 'NORMAL',
    wal_autocheckpoint: '16000',
    temp_store: 'MEMORY',
    foreign_keys: 'OFF',
    cache_size: '-16384',
  }
}

export function measureFloor({ from, into, durability, rowsPerTransaction }: FloorOptions): Floor {
  const { schema, tables } = readAll(from)
  const database = new DatabaseSync(into)
  try {
    for (const [name, value] of Object.entries(pragmas(durability))) database.exec(`PRAGMA ${name} = ${value}`)
    for (const sql of schema) database.exec(sql)
    return writeAll(database, tables, rowsPerTransaction)
  } finally {
    database.close()
  }
}

function readAll(path: string): { readonly schema: readonly string[]; readonly tables: readonly Table[] } {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const objects = database
      .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
      .all()
      .map(({ type, name, sql }) => ({ type: String(type), name: String(name), sql: String(sql) }))
    const tables = objects.filter(({ type }) => type === 'table').map(({ name }) => readTable(database, name))
    return { schema: objects.map(({ sql }) => sql), tables: tables.filter(({ rows }) => rows.length > 0) }
  } finally {
    database.close()
  }
}

/** In the order in which the rows were written. */
function readTable(database: DatabaseSync, name: string): Table {
  const rows = database.prepare(`SELECT * FROM "${name}"`).all()
  const columns = Object.keys(rows[0] ?? {})
  const places = columns.map(() => '?').join(', ')
  const insert = `INSERT INTO "${name}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${places})`
  return { name, insert, rows: rows.map((row) => Object.values(row)) }
}

function writeAll(database: DatabaseSync, tables: readonly Table[], rowsPerTransaction: number): Floor {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const statements = tables.map((table) => ({ ...table, statement: database.prepare(table.insert) }))
  const latenciesUs: number[] = []
  let taskRuns = 0
  const startedAt = performance.now()
  for (const { name, rows, statement } of statements) {
    const isTaskRuns = name === 'task_runs'
    const size = isTaskRuns ? rowsPerTransaction : ROWS_MAX
    for (let first = 0; first < rows.length; first += size) {
      const begunAt = performance.now()
      begin.run()
      const end = Math.min(first + size, rows.length)
      for (let index = first; index < end; index++) statement.run(...rows[index]!)
      commit.run()
      if (isTaskRuns) latenciesUs.push((performance.now() - begunAt) * 1000)
    }
    if (isTaskRuns) taskRuns = rows.length
  }
  return { totalMs: performance.now() - startedAt, latenciesUs, taskRuns }
}
