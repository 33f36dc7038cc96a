import { BIGINT, BLOB, blobValue, BOOLEAN, DOUBLE, LIST, listValue, STRUCT, structValue, VARCHAR } from '@duckdb/node-api'
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { Bound } from './engine.ts'
import { engineType, quoteName } from './fields.ts'
import { invalid, Refusal } from './refusal.ts'
import type { IQueryParameter, IQueryParameterType, IQueryParameterValue } from './wire.ts'

type Parameter = IQueryParameter

/** Texts, comments and quoted names are left alone. */
const TOKENS = /('(?:[^'\\]|\\.|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/)|`([^`]+)`|@([A-Za-z_]\w*)|(\?)/g

/** BigQuery's spelling of names, parameters and some functions as DuckDB's. The rest of the text is the engine's business. */
export function toEngineSql(query: string, parameters: readonly Parameter[] = []): string {
  const types = new Map(parameters.map((parameter) => [parameter.name?.toLowerCase(), parameter]))
  let position = 0
  const cast = (place: string, parameter: Parameter | undefined): string => {
    if (parameter === undefined) throw new Refusal(400, 'invalidQuery', `Query parameter '${place.slice(1)}' not found`)
    return `cast(${place} as ${sqlType(parameter.parameterType ?? {})})`
  }
  return (
    query
      .replaceAll(/#standardSQL/gi, '')
      .replaceAll(TOKENS, (whole, kept?: string, name?: string, parameter?: string) => {
        if (kept !== undefined) return kept
        if (name !== undefined) return name.split('.').slice(-2).map(quoteName).join('.')
        if (parameter === undefined) return cast('?', parameters[position++])
        const given = types.get(parameter.toLowerCase())
        return cast(`$${given?.name ?? parameter}`, given)
      })
      // Names the column as well as the table.
      .replaceAll(/\bunnest\s*\((\w+\s*\([^()]*\)|\$\w+|\[[^\]]*\])\)\s+as\s+(\w+)/gi, 'unnest($1) as $2($2)')
      .replaceAll(/\bsafe_cast\s*\(/gi, 'try_cast(')
      .replaceAll(
        /\b(?:timestamp|date|datetime)_trunc\s*\(([^,()]+),\s*(minute|hour|day|week|month|quarter|year)\s*\)/gi,
        (_, value: string, part: string) => `date_trunc('${part.toLowerCase()}', ${value})`,
      )
      .trim()
      .replace(/;$/, '')
  )
}

function sqlType(type: IQueryParameterType): string {
  if (type.type === 'ARRAY') return `${sqlType(type.arrayType ?? {})}[]`
  if (type.type !== 'STRUCT') return engineType({ type: type.type ?? '' })
  return `STRUCT(${(type.structTypes ?? []).map((member) => `${quoteName(member.name ?? '')} ${sqlType(member.type ?? {})}`).join(', ')})`
}

export type StatementType = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'CREATE_TABLE_AS_SELECT' | 'OTHER'

export function statementType(sql: string): StatementType {
  const words = sql
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .trim()
    .toUpperCase()
  const [first = ''] = /^[A-Z]+|^\(/.exec(words) ?? []
  if (first === 'SELECT' || first === 'WITH' || first === '(' || first === 'FROM') return 'SELECT'
  if (first === 'INSERT' || first === 'UPDATE' || first === 'DELETE' || first === 'MERGE') return first
  return /^CREATE\s+(OR\s+REPLACE\s+)?(TEMP\s+)?TABLE\b[\s\S]*\bAS\b/.test(words) ? 'CREATE_TABLE_AS_SELECT' : 'OTHER'
}

export function boundParameters(parameters: readonly Parameter[] = []): Bound | undefined {
  const [first] = parameters
  if (first === undefined) return undefined
  const bound = parameters.map((parameter) => {
    const { parameterType: type, parameterValue: value } = parameter
    if (type === undefined || value === undefined) throw invalid('Query parameter has no type')
    return { name: parameter.name, value: valueOf(type, value), type: typeOf(type) }
  })
  if (first.name === undefined) return { values: bound.map(({ value }) => value), types: bound.map(({ type }) => type) }
  const named = <T>(of: (item: (typeof bound)[number]) => T): Record<string, T> =>
    Object.fromEntries(bound.map((item) => [item.name ?? '', of(item)]))
  return { values: named(({ value }) => value), types: named(({ type }) => type) }
}

const plainTypes: Readonly<Record<string, DuckDBType>> = {
  INT64: BIGINT,
  FLOAT64: DOUBLE,
  BOOL: BOOLEAN,
  BYTES: BLOB,
}

function typeOf(type: IQueryParameterType): DuckDBType {
  if (type.type === 'ARRAY') return LIST(typeOf(type.arrayType ?? {}))
  if (type.type === 'STRUCT') {
    return STRUCT(Object.fromEntries((type.structTypes ?? []).map((member) => [member.name ?? '', typeOf(member.type ?? {})])))
  }
  // Times and decimals go in as text: the statement casts them.
  return plainTypes[type.type ?? ''] ?? VARCHAR
}

function valueOf(type: IQueryParameterType, value: IQueryParameterValue): DuckDBValue {
  if (type.type === 'ARRAY') return listValue((value.arrayValues ?? []).map((item) => valueOf(type.arrayType ?? {}, item)))
  if (type.type === 'STRUCT') {
    return structValue(
      Object.fromEntries(
        (type.structTypes ?? []).map(({ name = '', type: of = {} }) => [name, valueOf(of, value.structValues?.[name] ?? {})]),
      ),
    )
  }
  const text = value.value as string | null | undefined
  if (text === null || text === undefined) return null
  return plainValue(type.type ?? '', String(text))
}

function plainValue(type: string, text: string): DuckDBValue {
  if (type === 'INT64') {
    if (!/^-?\d+$/.test(text)) throw invalid(`Invalid value for type INT64: ${text}`)
    return BigInt(text)
  }
  if (type === 'FLOAT64') return Number(text)
  if (type === 'BOOL') return text.toLowerCase() === 'true'
  if (type === 'BYTES') return blobValue(Uint8Array.from(Buffer.from(text, 'base64')))
  return text
}
