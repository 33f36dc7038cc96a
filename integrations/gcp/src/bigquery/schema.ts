import { bigQueryError } from './errors.ts'
import type { Field, ParameterType } from './wire.ts'

/** Types of BigQuery that stand for one value. */
export type ScalarType =
  | 'STRING'
  | 'BYTES'
  | 'INT64'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'BIGNUMERIC'
  | 'BOOL'
  | 'TIMESTAMP'
  | 'DATETIME'
  | 'DATE'
  | 'TIME'
  | 'JSON'
  | 'GEOGRAPHY'

/** A type in words, `'INT64 NOT NULL'`, `'ARRAY<STRING>'`; columns by name for a record; `[{ … }]` for a list of records. */
export type ColumnType = ScalarType | `${ScalarType} NOT NULL` | `ARRAY<${ScalarType}>` | ColumnTypes | readonly [ColumnTypes]
export interface ColumnTypes {
  readonly [column: string]: ColumnType
}

/** A column with all that can be said about it. */
export interface Column {
  readonly name: string
  readonly type: ScalarType | 'RECORD'
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  readonly description?: string
  /** SQL of the value that new rows get. */
  readonly default?: string
  /** Of a record. */
  readonly fields?: readonly Column[]
  /** The names of policy tags. */
  readonly policyTags?: readonly string[]
  /** Of a text or bytes: the longest that is taken. */
  readonly maxLength?: number
  /** Of a NUMERIC or BIGNUMERIC. */
  readonly precision?: number
  readonly scale?: number
}

/** The columns of a table: `{ id: 'INT64 NOT NULL', name: 'STRING' }`, or a list of them with all that can be said about each. */
export type Schema = ColumnTypes | readonly Column[]

const SCALARS: ReadonlySet<string> = new Set<ScalarType>([
  'STRING',
  'BYTES',
  'INT64',
  'FLOAT64',
  'NUMERIC',
  'BIGNUMERIC',
  'BOOL',
  'TIMESTAMP',
  'DATETIME',
  'DATE',
  'TIME',
  'JSON',
  'GEOGRAPHY',
])

export function fieldsOf(schema: Schema): Field[] {
  const fields = isColumns(schema) ? schema.map(fieldOfColumn) : Object.entries(schema).map(([name, type]) => fieldOfType(name, type))
  if (fields.length === 0) throw bigQueryError('BIGQUERY_INVALID', 'the schema has no columns')
  return fields
}

function isColumns(schema: Schema): schema is readonly Column[] {
  return Array.isArray(schema)
}

function fieldOfColumn({ default: value, fields, policyTags, maxLength, precision, scale, ...column }: Column): Field {
  return {
    ...column,
    ...(value !== undefined && { defaultValueExpression: value }),
    ...(fields !== undefined && { fields: fields.map(fieldOfColumn) }),
    ...(policyTags !== undefined && { policyTags: { names: [...policyTags] } }),
    ...(maxLength !== undefined && { maxLength: String(maxLength) }),
    ...(precision !== undefined && { precision: String(precision) }),
    ...(scale !== undefined && { scale: String(scale) }),
  }
}

function fieldOfType(name: string, type: ColumnType): Field {
  if (typeof type === 'string') return { name, ...readType(type, `the column ${JSON.stringify(name)}`) }
  if (isList(type)) return { name, type: 'RECORD', mode: 'REPEATED', fields: fieldsOf(type[0]) }
  return { name, type: 'RECORD', mode: 'NULLABLE', fields: fieldsOf(type) }
}

function isList(type: ColumnTypes | readonly [ColumnTypes]): type is readonly [ColumnTypes] {
  return Array.isArray(type)
}

function readType(text: string, what: string): { readonly type: string; readonly mode: string } {
  const [, element, scalar = element ?? '', required] = /^(?:ARRAY<(\w+)>|(\w+?)( NOT NULL)?)$/i.exec(text.trim()) ?? []
  const type = scalar.toUpperCase()
  if (!SCALARS.has(type)) {
    throw bigQueryError('BIGQUERY_INVALID', `${what} has the type ${JSON.stringify(text)}, which BigQuery does not know`)
  }
  return { type, mode: element !== undefined ? 'REPEATED' : required === undefined ? 'NULLABLE' : 'REQUIRED' }
}

/** The same words for the type of a query's parameter. */
export function parameterTypeOf(type: ColumnType, what: string): ParameterType {
  if (typeof type === 'string') {
    const { type: scalar, mode } = readType(type, what)
    return mode === 'REPEATED' ? { type: 'ARRAY', arrayType: { type: scalar } } : { type: scalar }
  }
  if (isList(type)) return { type: 'ARRAY', arrayType: parameterTypeOf(type[0], what) }
  const structTypes = Object.entries(type).map(([name, of]) => ({ name, type: parameterTypeOf(of, `${what}.${name}`) }))
  return { type: 'STRUCT', structTypes }
}
