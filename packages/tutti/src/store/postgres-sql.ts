import { TuttiError } from '../core/errors.ts'

/** Text, quoted names and placeholders: what must be told apart to number the last. */
const PARTS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g
const COLUMN_TYPE = /("\w+") (text|integer|real|blob)\b/g
const TYPES: Readonly<Record<string, string>> = {
  // Ids, names and keys are compared by their bytes, as SQLite does, whatever the language of the database.
  text: 'text collate "C"',
  // SQLite's integers have 64 bits.
  integer: 'bigint',
  real: 'double precision',
  blob: 'bytea',
}

/** The same statement as PostgreSQL reads it: numbered places, and in definitions of tables its own names of types. */
export function toPostgres(sql: string): string {
  let place = 0
  const numbered = sql.replace(PARTS, (part) => (part === '?' ? `$${(place += 1)}` : part))
  if (!/^\s*(?:create|alter) table/i.test(numbered)) return numbered
  return numbered.replace(COLUMN_TYPE, (_, column: string, type: string) => `${column} ${TYPES[type] ?? type}`)
}

/** A statement about one row, taken apart, so that it can be made one about many rows. */
export interface ManyRows {
  readonly table: string
  readonly columns: readonly string[]
  /** Places of the columns in which two rows of one statement must differ: a row cannot be changed twice by it. */
  readonly distinct: readonly number[]
  /** The statement over one array of values for each column, whose types are given. */
  sql(types: readonly string[]): string
}

const INSERT = /^insert into "(\w+)" \(([^)]*)\) values \(\?(?:, \?)*\)(.*)$/s
const CONFLICT = /^ on conflict \(([^)]*)\).* do update /s

const UPDATE = /^update "(\w+)" set ((?:"\w+" = \?(?:, )?)+) where "(\w+)" = \?$/

/** `undefined`: it is no such statement, and is run once for each row. */
export function manyRows(sql: string): ManyRows | undefined {
  return manyInserts(sql) ?? manyUpdates(sql)
}

function manyUpdates(sql: string): ManyRows | undefined {
  const [, table, list, key] = UPDATE.exec(sql) ?? []
  if (table === undefined || list === undefined || key === undefined) return undefined
  const changed = [...list.matchAll(/"(\w+)" = \?/g)].map(([, column = '']) => column)
  const sets = changed.map((column, at) => `"${column}" = "rows"."c${at}"`).join(', ')
  const names = [...changed, key].map((_, at) => `"c${at}"`).join(', ')
  return {
    table,
    columns: [...changed, key],
    distinct: [changed.length],
    sql: (types) =>
      `update "${table}" set ${sets} from unnest(${arrays(types)}) as "rows" (${names}) where "${table}"."${key}" = "rows"."c${changed.length}"`,
  }
}

function manyInserts(sql: string): ManyRows | undefined {
  const [, table, list, rest = ''] = INSERT.exec(sql) ?? []
  if (table === undefined || list === undefined || rest.includes('?')) return undefined
  const columns = names(list)
  const conflict = CONFLICT.exec(rest)?.[1]
  const distinct = conflict === undefined ? [] : names(conflict).map((name) => columns.indexOf(name))
  return {
    table,
    columns,
    distinct,
    sql: (types) => `insert into "${table}" (${list}) select * from unnest(${arrays(types)})${rest}`,
  }
}

function arrays(types: readonly string[]): string {
  return types.map((type, at) => `$${at + 1}::${type}[]`).join(', ')
}

function names(list: string): readonly string[] {
  return list.split(',').map((name) => name.trim().replaceAll('"', ''))
}

/** Rows in their order, cut where one would touch a row that another before it has touched, or where there are too many. */
export function distinctRuns(
  rows: readonly (readonly unknown[])[],
  distinct: readonly number[],
  rowsMax: number,
): readonly (readonly (readonly unknown[])[])[] {
  const runs: (readonly unknown[])[][] = []
  let run: (readonly unknown[])[] = []
  let seen = new Set<unknown>()
  for (const row of rows) {
    const key = distinct.length === 1 ? row[distinct[0]!] : JSON.stringify(distinct.map((at) => row[at]))
    if (run.length >= rowsMax || (distinct.length > 0 && seen.has(key))) {
      runs.push(run)
      run = []
      seen = new Set()
    }
    seen.add(key)
    run.push(row)
  }
  if (run.length > 0) runs.push(run)
  return runs
}

/** The table that a statement changes; the statement itself when that cannot be seen. */
export function tableOf(sql: string): string {
  return /^\s*(?:insert into|update|delete from) "(\w+)"/i.exec(sql)?.[1] ?? sql
}

/** One parameter as it is sent. What PostgreSQL cannot hold is made what SQLite makes of it, or refused. */
export function parameter(value: unknown): string | number | bigint | Uint8Array | null {
  switch (typeof value) {
    case 'string':
      // The one character that its text cannot hold.
      return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
    case 'number':
      return Number.isNaN(value) ? null : value
    case 'bigint':
      return value
    default:
      if (value === null || value instanceof Uint8Array) return value
      throw new TuttiError('STORE_REFUSED', `a value of type ${typeof value} cannot be bound to a statement`)
  }
}

/** The values of one column as the text of an array. */
export function arrayText(rows: readonly (readonly unknown[])[], column: number): string {
  let text = '{'
  for (const [index, row] of rows.entries()) {
    if (index > 0) text += ','
    const value = parameter(row[column])
    if (value === null) text += 'NULL'
    else if (typeof value !== 'string') text += value
    else text += /["\\]/.test(value) ? `"${value.replace(/["\\]/g, String.raw`\$&`)}"` : `"${value}"`
  }
  return `${text}}`
}
