// What can go wrong, by permanent code, and how DuckDB's own messages become one of them: a sentence, and where it happened.
import { TuttiError } from 'tutti'
import type { IntegrationError } from 'tutti'

const catalog = {
  'duckdb/sql': { status: 400, fix: 'Correct the SQL at the place that is told; `database.columns(table)` lists what a table holds.' },
  'duckdb/bad-data': {
    status: 422,
    fix: "Correct the data, say which type the column has (`types: { column: 'VARCHAR' }`), or leave such rows out (`badRows: 'skip'`, CSV only).",
  },
  'duckdb/constraint': { status: 409, fix: 'Leave out rows that are there already, or use `insert or replace`.' },
  'duckdb/file': { status: 400, fix: 'Look whether the file is there, whole, and may be read or written by this process.' },
  'duckdb/locked': {
    status: 409,
    fix: 'One process at a time may write a database file: close it there, open it with `readOnly: true` in all of them, or use a file of its own.',
  },
  'duckdb/out-of-memory': {
    status: 507,
    fix: 'Raise `memoryLimit`, read fewer columns, or give a `tempFolder` with room: what does not fit into memory is put there.',
  },
  'duckdb/extension': {
    status: 501,
    fix: 'Extensions are not downloaded. Read web addresses and gs:// with `database.read(table, address)`, which needs none.',
  },
  'duckdb/download': { status: 502, fix: 'Look whether the address answers; `download: { retries, timeout }` says how patient to be.' },
  'duckdb/source': {
    status: 400,
    fix: 'Give a file, a web address or gs://bucket/name, and the `format` where its name does not end in one.',
  },
  'duckdb/row': { status: 422, fix: 'Change the query or the schema so that they agree.' },
  'duckdb/number': {
    status: 422,
    fix: "Open the database with `integers: 'bigint'` or `decimals: 'text'`, or cast the column in the query.",
  },
  'duckdb/parameter': { status: 400, fix: 'Hand over null, booleans, numbers, bigints, text, dates, bytes, lists, maps or plain objects.' },
  'duckdb/too-many-rows': { status: 413, fix: 'Use `stream()`, which holds a part of the rows at a time, or raise `rowsMax`.' },
  'duckdb/option': { status: 400, fix: 'Correct the option; its documentation says what it takes.' },
  'duckdb/closed': { status: 409, fix: 'Use the database before it is closed: await what you start within its block.' },
  'duckdb/failed': { status: 500, fix: 'The message is what DuckDB says.' },
} as const satisfies Readonly<Record<string, Omit<IntegrationError, 'code'>>>

export type DuckDbErrorCode = keyof typeof catalog

/** Where in the data or in the SQL something happened, as far as it is known. */
export interface ErrorPlace {
  /** The file or address. */
  readonly file?: string
  /** Line of the file, from 1; a CSV file's header counts. */
  readonly line?: number
  /** Name of the column of the data. */
  readonly column?: string
  /** Where in the SQL: line and character, from 1. */
  readonly sqlLine?: number
  readonly sqlColumn?: number
}

/** What went wrong, and where: `file`, `line` and `column` of the data, `sqlLine` and `sqlColumn` of the query. */
export class DuckDbError extends TuttiError implements ErrorPlace {
  declare readonly file?: string
  declare readonly line?: number
  declare readonly column?: string
  declare readonly sqlLine?: number
  declare readonly sqlColumn?: number
  /** Of a download: the same address may answer the next time. */
  declare readonly mayPass?: boolean
  /** Of a download: how long the server asked to wait, in milliseconds. Retries of tasks wait that long. */
  declare readonly retryAfter?: number

  constructor(
    code: DuckDbErrorCode,
    message: string,
    options: ErrorPlace & { readonly cause?: unknown; readonly mayPass?: boolean; readonly retryAfter?: number } = {},
  ) {
    const { cause, ...where } = options
    super({ code, ...catalog[code] }, message, cause === undefined ? {} : { cause })
    this.name = 'DuckDbError'
    Object.assign(this, where)
  }
}

/** Which name a reader knows for a file on the disk: that of a download is its address. */
export type ShownNames = ReadonlyMap<string, string>

export interface Showing {
  readonly shown?: ShownNames | undefined
  /** The SQL was put together here: a place in it would tell a reader nothing. */
  readonly isOwnSql?: boolean | undefined
}

/** What DuckDB threw, as a sentence with its place. */
export function errorOf(thrown: unknown, { shown = new Map(), isOwnSql = false }: Showing = {}): Error {
  if (thrown instanceof DuckDbError) return thrown
  if (!(thrown instanceof Error)) return new DuckDbError('duckdb/failed', String(thrown), { cause: thrown })
  let text = thrown.message.replace(/^Failed to extract statements: /, '')
  for (const [file, name] of shown) text = text.replaceAll(file, name)
  const [, kind = '', body = text] = /^([A-Z][A-Za-z ]*?) Error: ([\s\S]*)$/.exec(text) ?? []
  return csvError(kind, body) ?? jsonError(body) ?? otherError(kind, body, { shown, isOwnSql })
}

function csvError(kind: string, body: string): DuckDbError | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(body)?.[1]
  if (line === undefined) return undefined
  const file = /^\s*file = (.+)$/m.exec(body)?.[1]
  const converting = /Error when converting column "(.+?)"\. (.+)/.exec(body)
  const original = /Original Line: (.*)/.exec(body)?.[1]
  const reason = converting?.[2] ?? detailOf(body)
  const column = converting?.[1]
  const at = [file, `line ${line}`, column === undefined ? undefined : `column "${column}"`].filter((part) => part !== undefined).join(', ')
  const told = `${at}: ${sentence(reason)}${original === undefined ? '' : ` The line is: ${cut(original)}`}`
  const code = kind === 'Conversion' || kind === 'Invalid Input' ? 'duckdb/bad-data' : 'duckdb/failed'
  return new DuckDbError(code, told, {
    line: Number(line),
    ...(file !== undefined && { file }),
    ...(column !== undefined && { column }),
  })
}

/** What stands between the line and the list of options, without DuckDB's advice about its own options. */
function detailOf(body: string): string {
  const lines = body.split('\n').slice(1)
  const found = lines.filter((text) => !/^(Original Line:|Possible fixes|Possible Solution|\* |\s*$|\s+\w+ = )/.test(text))
  return found.slice(0, 2).join(' ')
}

function jsonError(body: string): DuckDbError | undefined {
  const found = /^(.*?) in file "(.+?)",(?: at byte \d+)? in (?:line|record\/value) (\d+): (.*)/.exec(body)
  if (found === null) return undefined
  const [, what = '', file = '', line = '', reason = ''] = found
  const told = `${file}, line ${line}: ${sentence(reason)}${what.startsWith('Malformed') ? ' It is not JSON.' : ''}`
  return new DuckDbError('duckdb/bad-data', told, { file, line: Number(line) })
}

const codes: Readonly<Record<string, DuckDbErrorCode>> = {
  Parser: 'duckdb/sql',
  Syntax: 'duckdb/sql',
  Binder: 'duckdb/sql',
  Catalog: 'duckdb/sql',
  'Parameter Not Resolved': 'duckdb/sql',
  'Invalid Input': 'duckdb/failed',
  Conversion: 'duckdb/bad-data',
  'Out of Range': 'duckdb/bad-data',
  Constraint: 'duckdb/constraint',
  IO: 'duckdb/file',
  Permission: 'duckdb/file',
  'Out of Memory': 'duckdb/out-of-memory',
  'Missing Extension': 'duckdb/extension',
}

function otherError(kind: string, body: string, { shown = new Map(), isOwnSql }: Showing): DuckDbError {
  const pointer = /\n\nLINE (\d+): (.*)\n( *)\^\s*$/.exec(body)
  const text = (pointer === null ? body : body.slice(0, pointer.index)).trim()
  if (/Could not set lock on file|Conflicting lock is held/.test(text)) return new DuckDbError('duckdb/locked', firstLine(text))
  if (/different configuration than existing connections/.test(text))
    return new DuckDbError('duckdb/option', 'the file is open in this process with other options (threads, memoryLimit, readOnly)')
  const code = codeOf(kind, text)
  const place = pointer === null || isOwnSql ? {} : placeInSql(pointer)
  const message = code === 'duckdb/extension' ? firstLine(text) : oneLine(text)
  const file = [...shown.values()].find((name) => text.includes(name))
  return new DuckDbError(code, message + inSql(place, pointer), { ...place, ...(file !== undefined && { file }) })
}

function codeOf(kind: string, text: string): DuckDbErrorCode {
  const code = codes[kind] ?? 'duckdb/failed'
  if (code !== 'duckdb/failed') return code
  if (/prepared statement parameter/.test(text)) return 'duckdb/parameter'
  return /No files found|magic bytes|GZIP|gzip|ZSTD|Parquet/.test(text) ? 'duckdb/file' : code
}

function placeInSql([, line = '', shown = '', spaces = '']: RegExpExecArray): ErrorPlace {
  const at = spaces.length - `LINE ${line}: `.length + 1
  // A long line is shown in part, and where it was cut is not told.
  const isCut = shown.startsWith('...')
  return { sqlLine: Number(line), ...(!isCut && at > 0 && { sqlColumn: at }) }
}

function inSql({ sqlLine, sqlColumn }: ErrorPlace, pointer: RegExpExecArray | null): string {
  if (sqlLine === undefined || pointer === null) return ''
  const at = sqlColumn === undefined ? `line ${sqlLine}` : `line ${sqlLine}, character ${sqlColumn}`
  return ` (SQL, ${at}: ${cut(pointer[2]?.trim() ?? '')})`
}

function oneLine(text: string): string {
  return text.split(/\s*\n+\s*/).join(' ')
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}

function sentence(text: string): string {
  const trimmed = oneLine(text).trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

const EXCERPT_CHARACTERS = 200

function cut(text: string): string {
  return text.length > EXCERPT_CHARACTERS ? `${text.slice(0, EXCERPT_CHARACTERS)} …` : text
}
