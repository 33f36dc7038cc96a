import { createHash } from 'node:crypto'
import { TuttiError } from '../core/errors.ts'
import { sql } from './kysely.ts'
import type { Compilable } from './kysely.ts'
import type { Store } from './port.ts'
import type { Row, Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'

/** Every table and the columns by which its rows are in order. `results` is not among them: from a folder they come as files. */
export const TRANSFERRED: Readonly<Record<string, readonly [string, ...string[]]>> = {
  flows: ['id'],
  flow_runs: ['id'],
  flow_run_states: ['id'],
  flow_run_tags: ['tag', 'flow_run_id'],
  task_runs: ['id'],
  journal_values: ['flow_run_id', 'key'],
  logs: ['id'],
  cache_entries: ['key'],
  run_counts: ['noun', 'span', 'nth', 'state_type', 'state_name'],
  run_counts_until: ['noun'],
  stale_run_counts: ['noun', 'quarter'],
  saved_searches: ['id'],
  deleted_flow_runs: ['id'],
  deployments: ['id'],
  deployment_schedules: ['id'],
  deployment_versions: ['id'],
  calendars: ['name'],
  backfills: ['id'],
  backfill_runs: ['backfill_id', 'ordinal'],
  work_pools: ['id'],
  maintenance_modes: ['scope'],
  work_queues: ['id'],
  workers: ['id'],
  run_claims: ['id'],
  concurrency_limits: ['id'],
  slot_leases: ['id'],
  slot_lease_limits: ['lease_id', 'limit_id'],
  variables: ['id'],
  flow_run_inputs: ['id'],
  artifacts: ['id'],
  artifact_collections: ['id'],
  block_types: ['id'],
  block_schemas: ['id'],
  block_documents: ['id'],
  server_values: ['key'],
  events: ['id'],
  event_resources: ['event_id', 'resource_id', 'role'],
}

/** What became of one table. */
export interface TransferredTable {
  readonly table: string
  readonly rows: number
  /** SHA-256 over all rows in the order of their keys; the same on both sides. */
  readonly checksum: string
}

export interface TransferOptions {
  readonly from: Store
  readonly to: Store
  readonly onProgress: (table: string, rows: number) => void
  /** Stops after the batch under way; the next call goes on there. */
  readonly signal: AbortSignal
}

const ROWS_PER_BATCH = 1_000
const PROGRESS = 'transfer_progress'

/**
 * Copies every row into another database, which must be empty or hold an earlier, interrupted transfer, and then compares both. How far it
 * came is committed with each batch: whatever interrupts it, the next call goes on there.
 *
 * @throws `TRANSFER_REFUSED` when the target holds something else, or when the two differ in the end because somebody went on writing.
 */
export async function transferTables(options: TransferOptions): Promise<readonly TransferredTable[]> {
  const { from, to, signal } = options
  await to.write(() => change(progressTable))
  await refuseForeign(to)
  for (const [table, key] of Object.entries(TRANSFERRED)) await copyTable(options, table, key)

  const compared: TransferredTable[] = []
  for (const [table, key] of Object.entries(TRANSFERRED)) {
    signal.throwIfAborted()
    const [source, target] = [await checksum(from, table, key, signal), await checksum(to, table, key, signal)]
    if (source.rows !== target.rows || source.checksum !== target.checksum) {
      throw new TuttiError(
        'TRANSFER_REFUSED',
        `the table ${table} differs: ${source.rows} rows here, ${target.rows} rows there; something was written meanwhile`,
      )
    }
    compared.push({ table, ...source })
  }
  await to.write(() => change(sqlBuilder.schema.dropTable(PROGRESS)))
  return compared
}

const progressTable = sqlBuilder.schema
  .createTable(PROGRESS)
  .ifNotExists()
  .addColumn('name', 'text', (column) => column.primaryKey().notNull())
  .addColumn('last_key', 'text', (column) => column.notNull())
  .addColumn('done', 'integer', (column) => column.notNull())

interface Progress {
  readonly lastKey: readonly (string | number)[] | undefined
  readonly done: boolean
}

async function refuseForeign(to: Store): Promise<void> {
  const [begun, flows] = await to.read(function* () {
    return [yield* rowsOf(sql`select name from ${sql.table(PROGRESS)} limit 1`), yield* rowsOf(sql`select id from flows limit 1`)] as const
  })
  if (begun.length === 0 && flows.length > 0)
    throw new TuttiError('TRANSFER_REFUSED', 'the target database holds flows of its own; a transfer would mix them')
}

async function copyTable({ from, to, onProgress, signal }: TransferOptions, table: string, key: readonly string[]): Promise<void> {
  let { lastKey, done } = await to.read(() => progressOf(table))
  let copied = 0
  while (!done) {
    signal.throwIfAborted()
    const rows = await from.read(() => page(table, key, lastKey))
    const last = rows.at(-1)
    lastKey = last === undefined ? lastKey : keyOf(last, key)
    done = rows.length < ROWS_PER_BATCH
    const next: Progress = { lastKey, done }
    await to.write(function* () {
      if (rows.length > 0) yield insertAll(table, rows)
      yield* keepProgress(table, next)
    })
    copied += rows.length
    onProgress(table, copied)
  }
}

function* progressOf(table: string): Script<Progress> {
  const [row] = yield* rowsOf(sql`select last_key, done from ${sql.table(PROGRESS)} where name = ${table}`)
  if (row === undefined) return { lastKey: undefined, done: false }
  const lastKey = JSON.parse(String(row['last_key'])) as readonly (string | number)[] // written by `keepProgress`
  return { lastKey: lastKey.length === 0 ? undefined : lastKey, done: row['done'] === 1 }
}

function* keepProgress(table: string, { lastKey = [], done }: Progress): Script<void> {
  yield* change(compiled(sql`delete from ${sql.table(PROGRESS)} where name = ${table}`))
  yield* change(
    compiled(sql`insert into ${sql.table(PROGRESS)} (name, last_key, done) values (${table}, ${JSON.stringify(lastKey)}, ${done ? 1 : 0})`),
  )
}

function page(table: string, key: readonly string[], after: readonly (string | number)[] | undefined): Script<readonly Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  const later = after === undefined ? sql`` : sql`where (${columns}) > (${sql.join(after)})`
  return rowsOf(sql`select * from ${sql.table(table)} ${later} order by ${columns} limit ${sql.lit(ROWS_PER_BATCH)}`)
}

function insertAll(
  table: string,
  rows: readonly Row[],
): { sql: string; parameters: []; rows: false; batch: readonly (readonly unknown[])[] } {
  const columns = Object.keys(rows[0]!)
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const { sql: text } = compiled(sql`insert into ${sql.table(table)} (${names}) values (${sql.join(columns.map(() => ''))})`).compile()
  return { sql: text, parameters: [], rows: false, batch: rows.map((row) => columns.map((column) => row[column])) }
}

function keyOf(row: Row, key: readonly string[]): readonly (string | number)[] {
  return key.map((column) => row[column] as string | number) // columns of keys are text or whole numbers
}

async function checksum(
  store: Store,
  table: string,
  key: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly rows: number; readonly checksum: string }> {
  const hash = createHash('sha256')
  let count = 0
  let after: readonly (string | number)[] | undefined
  for (;;) {
    signal.throwIfAborted()
    const rows = await store.read(() => page(table, key, after))
    for (const row of rows) hash.update(canonicalRow(row))
    count += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < ROWS_PER_BATCH) return { rows: count, checksum: hash.digest('hex') }
    after = keyOf(last, key)
  }
}

/** The columns of the two databases may stand in another order; the one character that PostgreSQL's text cannot hold is another there. */
function canonicalRow(row: Row): string {
  const values = Object.keys(row)
    .toSorted()
    .map((column) => {
      const value = row[column]
      return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value
    })
  return JSON.stringify(values)
}

interface RawQuery {
  compile(executor: typeof sqlBuilder): ReturnType<Compilable['compile']>
}

function compiled(query: RawQuery): Compilable {
  return { compile: () => query.compile(sqlBuilder) } as Compilable // all of a compilable that is used
}

function* rowsOf(query: RawQuery): Script<readonly Row[]> {
  return (yield* select(compiled(query))) as readonly Row[] // whatever columns the table has
}
