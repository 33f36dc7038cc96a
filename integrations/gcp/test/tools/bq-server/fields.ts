import { DuckDBBlobValue, DuckDBListValue, DuckDBStructValue, DuckDBTimestampTZValue } from '@duckdb/node-api'
import type { DuckDBValue } from '@duckdb/node-api'
import { invalid } from './refusal.ts'
import type { ITableFieldSchema } from './wire.ts'

export type Field = ITableFieldSchema

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
/** Columns by name and type, as DuckDB's readers take them. */
export const columnsOf = (fields: readonly Field[], type: (field: Field) => string): string =>
  `{${fields.map((field) => `${quoteText(nameOf(field))}: ${quoteText(type(field))}`).join(', ')}}`

export function nameOf(field: Field): string {
  if (field.name === undefined || !/^[\p{L}_][\p{L}\p{N}_-]{0,299}$/u.test(field.name)) {
    throw invalid(`Invalid field name "${field.name ?? ''}". Fields must contain only letters, numbers, and underscores.`)
  }
  return field.name
}

const engineTypes: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  INTEGER: 'BIGINT',
  INT64: 'BIGINT',
  FLOAT: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  BOOL: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMPTZ',
  DATETIME: 'TIMESTAMP',
  DATE: 'DATE',
  TIME: 'TIME',
  NUMERIC: 'DECIMAL(38,9)',
  BIGNUMERIC: 'DECIMAL(38,18)',
  JSON: 'JSON',
  GEOGRAPHY: 'VARCHAR',
}

export function engineType(field: Field): string {
  const type = field.type?.toUpperCase() ?? ''
  const isRecord = type === 'RECORD' || type === 'STRUCT'
  const of = isRecord
    ? `STRUCT(${(field.fields ?? []).map((member) => `${quoteName(nameOf(member))} ${engineType(member)}`).join(', ')})`
    : engineTypes[type]
  if (of === undefined) throw invalid(`Invalid value for type: ${type} is not a valid value`)
  return field.mode?.toUpperCase() === 'REPEATED' ? `${of}[]` : of
}

const wireTypes: Readonly<Record<string, string>> = {
  DOUBLE: 'FLOAT',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIME: 'TIME',
  BLOB: 'BYTES',
  JSON: 'JSON',
  TIMESTAMP: 'DATETIME',
  TIMESTAMP_S: 'DATETIME',
  TIMESTAMP_MS: 'DATETIME',
  TIMESTAMP_NS: 'DATETIME',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
}

/** From DuckDB's text of a type. */
export function fieldOf(name: string, type: string): Field {
  if (type.endsWith('[]')) return { ...fieldOf(name, type.slice(0, -2)), mode: 'REPEATED' }
  if (type.startsWith('STRUCT(')) return { name, type: 'RECORD', mode: 'NULLABLE', fields: membersOf(type.slice(7, -1)) }
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return { name, type: 'INTEGER', mode: 'NULLABLE' }
  if (type.startsWith('DECIMAL')) return { name, type: 'NUMERIC', mode: 'NULLABLE' }
  return { name, type: wireTypes[type] ?? 'STRING', mode: 'NULLABLE' }
}

function membersOf(text: string): Field[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part].map((member) => {
    const [, name = '', type = ''] = /^\s*("(?:[^"]|"")*"|\S+)\s+(.*)$/.exec(member) ?? []
    return fieldOf(name.replaceAll(/^"|"$/g, '').replaceAll('""', '"'), type)
  })
}

/** A value as answers spell it: everything is text, what repeats is a list of `{ v }`, a record is `{ f: [{ v }] }`. */
export function cellOf(value: DuckDBValue, field: Field, int64Timestamps: boolean): unknown {
  if (field.mode === 'REPEATED') {
    const items = value instanceof DuckDBListValue ? value.items : []
    return items.map((item) => ({ v: cellOf(item, { ...field, mode: 'NULLABLE' }, int64Timestamps) }))
  }
  if (value === null) return null
  if (value instanceof DuckDBStructValue) {
    return { f: (field.fields ?? []).map((member) => ({ v: cellOf(value.entries[member.name ?? ''] ?? null, member, int64Timestamps) })) }
  }
  if (value instanceof DuckDBTimestampTZValue) return int64Timestamps ? String(value.micros) : (Number(value.micros) / 1e6).toFixed(6)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  return field.type === 'DATETIME' ? String(value).replace(' ', 'T') : String(value)
}
