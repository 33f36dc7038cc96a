import { bigQueryError } from './errors.ts'
import type { Field } from './wire.ts'

/** How values come out where JavaScript has more than one type for them. */
export interface ValueOptions {
  /** INT64. `number` (default) refuses what a number cannot hold exactly. */
  readonly integers?: 'number' | 'bigint' | 'string'
  /** NUMERIC and BIGNUMERIC. Default `string`, which is exact. */
  readonly decimals?: 'string' | 'number'
  /** TIMESTAMP. Default `date`, to the millisecond; `string` is ISO 8601 with microseconds. */
  readonly timestamps?: 'date' | 'string'
}

/** A row as it comes over the wire. */
export interface WireRow {
  readonly f?: readonly WireCell[]
}
interface WireCell {
  readonly v?: unknown
}

/** Makes objects of rows: DATE, DATETIME and TIME are texts, BYTES is `Uint8Array`, JSON is parsed, records are objects and lists lists. */
export function rowReader(fields: readonly Field[], options: ValueOptions = {}): (row: WireRow) => Record<string, unknown> {
  const readers = fields.map((field) => [field.name ?? '', fieldReader(field, options)] as const)
  return ({ f = [] }) => Object.fromEntries(readers.map(([name, read], index) => [name, read(f[index]?.v ?? null)]))
}

type Read = (value: unknown) => unknown

function fieldReader(field: Field, options: ValueOptions): Read {
  const read = valueReader(field, options)
  const one: Read = (value) => (value === null ? null : read(value))
  if (field.mode !== 'REPEATED') return one
  return (value) => (Array.isArray(value) ? (value as readonly WireCell[]).map((cell) => one(cell.v ?? null)) : []) // lists are cells
}

function valueReader(field: Field, options: ValueOptions): Read {
  switch (field.type) {
    case 'INTEGER':
    case 'INT64':
      return (value) => integer(String(value), field.name ?? '', options.integers ?? 'number')
    case 'FLOAT':
    case 'FLOAT64':
      return Number
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return options.decimals === 'number' ? Number : String
    case 'BOOLEAN':
    case 'BOOL':
      return (value) => String(value).toLowerCase() === 'true'
    case 'BYTES':
      return (value) => Uint8Array.from(Buffer.from(String(value), 'base64'))
    case 'TIMESTAMP':
      return (value) => timestamp(BigInt(String(value)), options.timestamps ?? 'date')
    case 'JSON':
      return (value) => JSON.parse(String(value)) as unknown
    case 'RECORD':
    case 'STRUCT':
      return recordReader(field.fields ?? [], options)
    default:
      return String
  }
}

function recordReader(fields: readonly Field[], options: ValueOptions): Read {
  const read = rowReader(fields, options)
  return (value) => read(value as WireRow) // a record is spelled like a row
}

function integer(text: string, column: string, as: 'number' | 'bigint' | 'string'): number | bigint | string {
  if (as === 'string') return text
  if (as === 'bigint') return BigInt(text)
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw bigQueryError(
    'BIGQUERY_INVALID',
    `the column ${JSON.stringify(column)} holds ${text}, which no number keeps exactly; ask for \`integers: 'bigint'\``,
  )
}

function timestamp(micros: bigint, as: 'date' | 'string'): Date | string {
  const within = ((micros % 1000n) + 1000n) % 1000n
  const date = new Date(Number((micros - within) / 1000n))
  if (as === 'date') return date
  return within === 0n ? date.toISOString() : date.toISOString().replace('Z', `${String(within).padStart(3, '0')}Z`)
}
