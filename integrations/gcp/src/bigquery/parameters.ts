import { bigQueryError } from './errors.ts'
import { parameterTypeOf } from './schema.ts'
import type { ColumnType } from './schema.ts'
import type { ParameterType, ParameterValue, QueryParameter } from './wire.ts'

/**
 * What may stand for a parameter: whole numbers and `bigint` are INT64, other numbers FLOAT64, `Date` is TIMESTAMP, `Uint8Array` BYTES, lists are
 * ARRAY and objects STRUCT. For anything else, as DATE from a text, for `null` and for empty lists the type is said in `types`.
 */
export type ParameterInput =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly ParameterInput[]
  | { readonly [member: string]: ParameterInput }

/** Values for `@name` by name, or for `?` in their order. */
export type Parameters = Readonly<Record<string, ParameterInput>> | readonly ParameterInput[]
export type ParameterTypes = Readonly<Record<string, ColumnType>> | readonly (ColumnType | undefined)[]

export interface WireParameters {
  readonly parameterMode?: 'NAMED' | 'POSITIONAL'
  readonly queryParameters?: QueryParameter[]
}

export function wireParameters(params: Parameters | undefined, types: ParameterTypes | undefined): WireParameters {
  if (params === undefined) return {}
  if (isPositional(params)) {
    const given = types ?? []
    if (!isPositionalTypes(given)) throw bigQueryError('BIGQUERY_INVALID', '`params` is a list, so `types` must be one too')
    if (given.length > params.length)
      throw bigQueryError('BIGQUERY_INVALID', `there are ${given.length} types for ${params.length} parameters`)
    return {
      parameterMode: 'POSITIONAL',
      queryParameters: params.map((value, index) => parameter(value, given[index], `parameter ${index + 1}`)),
    }
  }
  const given = types ?? {}
  if (isPositionalTypes(given)) throw bigQueryError('BIGQUERY_INVALID', '`params` has names, so `types` must have them too')
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(params, name))
  if (unknown !== undefined) throw bigQueryError('BIGQUERY_INVALID', `there is a type for @${unknown}, which is not among the parameters`)
  return {
    parameterMode: 'NAMED',
    queryParameters: Object.entries(params).map(([name, value]) => ({ name, ...parameter(value, given[name], `@${name}`) })),
  }
}

function isPositional(params: Parameters): params is readonly ParameterInput[] {
  return Array.isArray(params)
}

function isPositionalTypes(types: ParameterTypes): types is readonly (ColumnType | undefined)[] {
  return Array.isArray(types)
}

function parameter(value: ParameterInput, type: ColumnType | undefined, what: string): QueryParameter {
  const parameterType = type === undefined ? detectedType(value, what) : parameterTypeOf(type, what)
  return { parameterType, parameterValue: wireValue(value, parameterType, what) }
}

function detectedType(value: ParameterInput, what: string): ParameterType {
  if (value === null || value === undefined)
    throw bigQueryError('BIGQUERY_VALUE_WITHOUT_TYPE', `${what} is null, which could be of any type`)
  if (typeof value === 'string') return { type: 'STRING' }
  if (typeof value === 'boolean') return { type: 'BOOL' }
  if (typeof value === 'bigint') return { type: 'INT64' }
  if (typeof value === 'number') return { type: Number.isSafeInteger(value) ? 'INT64' : 'FLOAT64' }
  if (value instanceof Date) return { type: 'TIMESTAMP' }
  if (value instanceof Uint8Array) return { type: 'BYTES' }
  if (isList(value)) return { type: 'ARRAY', arrayType: elementType(value, what) }
  const structTypes = Object.entries(value).map(([name, member]) => ({ name, type: detectedType(member, `${what}.${name}`) }))
  return { type: 'STRUCT', structTypes }
}

function isList(value: readonly ParameterInput[] | { readonly [member: string]: ParameterInput }): value is readonly ParameterInput[] {
  return Array.isArray(value)
}

/** Of all elements, not of the first: `[1, 2.5]` is a list of FLOAT64. */
function elementType(values: readonly ParameterInput[], what: string): ParameterType {
  const types = values.filter((value) => value !== null).map((value, index) => detectedType(value, `${what}[${index}]`))
  const [first] = types
  if (first === undefined) {
    throw bigQueryError(
      'BIGQUERY_VALUE_WITHOUT_TYPE',
      `${what} is ${values.length === 0 ? 'an empty list' : 'a list of nulls'}, which could be of any type`,
    )
  }
  const kinds = new Set(types.map(({ type }) => type))
  if (kinds.size === 2 && kinds.has('INT64') && kinds.has('FLOAT64')) return { type: 'FLOAT64' }
  if (kinds.size > 1) throw bigQueryError('BIGQUERY_INVALID', `${what} is a list of several types: ${[...kinds].join(', ')}`)
  return first
}

function wireValue(value: ParameterInput, type: ParameterType, what: string): ParameterValue {
  if (value === null || value === undefined) return nothing(type)
  if (type.type === 'ARRAY') {
    if (!Array.isArray(value)) throw bigQueryError('BIGQUERY_INVALID', `${what} is not a list`)
    const items = value as readonly ParameterInput[] // it is a list
    return { arrayValues: items.map((item, index) => wireValue(item, type.arrayType ?? {}, `${what}[${index}]`)) }
  }
  if (type.type === 'STRUCT') {
    const members = Object.entries(value)
    return {
      structValues: Object.fromEntries(
        (type.structTypes ?? []).map(({ name = '', type: of = {} }) => {
          const member = members.find(([key]) => key === name)?.[1] as ParameterInput | undefined // a member of the value
          return [name, wireValue(member ?? null, of, `${what}.${name}`)]
        }),
      ),
    }
  }
  return { value: scalar(value, type.type ?? '', what) }
}

/** Google's types say text, the API takes null. */
function nothing(type: ParameterType): ParameterValue {
  return type.type === 'ARRAY' ? { arrayValues: [] } : ({ value: null } as unknown as ParameterValue)
}

function scalar(value: Exclude<ParameterInput, null>, type: string, what: string): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return dateText(value, type, what)
  if (type === 'JSON') return JSON.stringify(value)
  if (typeof value === 'object') throw bigQueryError('BIGQUERY_INVALID', `${what} is an object, but its type is ${type}`)
  if (typeof value === 'number' && type === 'INT64' && !Number.isSafeInteger(value)) {
    throw bigQueryError('BIGQUERY_INVALID', `${what} is ${value}, which is no whole number that is kept exactly; give a bigint`)
  }
  return String(value)
}

function dateText(value: Date, type: string, what: string): string {
  if (Number.isNaN(value.getTime())) throw bigQueryError('BIGQUERY_INVALID', `${what} is an invalid date`)
  const text = value.toISOString()
  if (type === 'DATE') return text.slice(0, 10)
  if (type === 'DATETIME') return text.slice(0, -1)
  return type === 'TIME' ? text.slice(11, -1) : text
}
