// From values of JavaScript to parameters of a statement. The type of a list or an object is that of all it holds, not of its first item.
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDbError } from './errors.ts'
import type { Library } from './library.ts'

/** What can be handed to a statement as a parameter, or inserted as part of a row. */
export type ParameterValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly ParameterValue[]
  | ReadonlyMap<ParameterValue, ParameterValue>
  | { readonly [name: string]: ParameterValue }

/** By position (`$1`, `?`) or by name (`$since`). */
export type Parameters = readonly unknown[] | Readonly<Record<string, unknown>>

export interface Bound {
  readonly values: DuckDBValue[] | Record<string, DuckDBValue>
  readonly types: DuckDBType[] | Record<string, DuckDBType>
}

/** @throws {DuckDbError} `duckdb/parameter` for what has no place in a database, named by its position or name. */
export function bind(library: Library, parameters: Parameters): Bound {
  const typed = Object.entries(parameters).map(([key, value]): readonly [string, Typed] => {
    const what = Array.isArray(parameters) ? `parameter ${Number(key) + 1}` : `parameter ${key}`
    return [key, toTyped(library, value, what)]
  })
  if (Array.isArray(parameters)) return { values: typed.map(([, { value }]) => value), types: typed.map(([, { type }]) => type) }
  return {
    values: Object.fromEntries(typed.map(([key, { value }]) => [key, value])),
    types: Object.fromEntries(typed.map(([key, { type }]) => [key, type])),
  }
}

export interface Typed {
  readonly value: DuckDBValue
  readonly type: DuckDBType
}

const INT32_MAX = 2 ** 31 - 1
const INT64_MAX = 2n ** 63n - 1n

export function toTyped(library: Library, value: unknown, what: string): Typed {
  const { BIGINT, BLOB, BOOLEAN, DOUBLE, HUGEINT, INTEGER, SQLNULL, TIMESTAMP, VARCHAR } = library
  if (value === null) return { value, type: SQLNULL }
  switch (typeof value) {
    case 'boolean':
      return { value, type: BOOLEAN }
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return { value, type: DOUBLE }
      return Math.abs(value) <= INT32_MAX ? { value, type: INTEGER } : { value: BigInt(value), type: BIGINT }
    case 'bigint':
      return { value, type: value <= INT64_MAX && value >= -INT64_MAX ? BIGINT : HUGEINT }
    case 'string':
      return { value, type: VARCHAR }
    case 'object':
      break
    default:
      throw new DuckDbError(
        'duckdb/parameter',
        `${what} is ${value === undefined ? 'undefined; use null for nothing' : `a ${typeof value}`}`,
      )
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new DuckDbError('duckdb/parameter', `${what} is an invalid Date`)
    return { value: new library.DuckDBTimestampValue(BigInt(value.getTime()) * 1000n), type: TIMESTAMP }
  }
  if (value instanceof Uint8Array) return { value: new library.DuckDBBlobValue(value), type: BLOB }
  if (Array.isArray(value)) return toList(library, value, what)
  if (value instanceof Map) return toMap(library, value, what)
  return toStruct(library, value, what)
}

function toList(library: Library, list: readonly unknown[], what: string): Typed {
  const items = list.map((item, index) => toTyped(library, item, `item ${index} of ${what}`))
  const type = common(library, items, what)
  return { value: new library.DuckDBListValue(items.map((item) => fitted(library, item, type))), type: library.LIST(type) }
}

function toMap(library: Library, map: ReadonlyMap<unknown, unknown>, what: string): Typed {
  const keys = [...map.keys()].map((key) => toTyped(library, key, `a key of ${what}`))
  const values = [...map.values()].map((value) => toTyped(library, value, `a value of ${what}`))
  const [keyType, valueType] = [common(library, keys, what), common(library, values, what)]
  const entries = keys.map((key, index) => ({ key: fitted(library, key, keyType), value: fitted(library, values[index]!, valueType) }))
  return { value: new library.DuckDBMapValue(entries), type: library.MAP(keyType, valueType) }
}

function toStruct(library: Library, value: object, what: string): Typed {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new DuckDbError('duckdb/parameter', `${what} is a ${value.constructor.name}; a database holds plain data`)
  const members = Object.entries(value).map(([name, member]) => [name, toTyped(library, member, `member ${name} of ${what}`)] as const)
  if (members.length === 0) throw new DuckDbError('duckdb/parameter', `${what} is an object without members`)
  return {
    value: new library.DuckDBStructValue(Object.fromEntries(members.map(([name, { value: member }]) => [name, member]))),
    type: library.STRUCT(Object.fromEntries(members.map(([name, { type }]) => [name, type]))),
  }
}

/** A type that holds all of them. */
export function common(library: Library, items: readonly Typed[], what: string): DuckDBType {
  return items.reduce<DuckDBType>((type, item) => wider(library, type, item.type, what), library.SQLNULL)
}

function wider(library: Library, a: DuckDBType, b: DuckDBType, what: string): DuckDBType {
  const { DuckDBTypeId: Id, DuckDBListType: ListType, DuckDBMapType: MapType, DuckDBStructType: StructType } = library
  if (a.typeId === Id.SQLNULL) return b
  if (b.typeId === Id.SQLNULL) return a
  const ranks: readonly number[] = [Id.INTEGER, Id.BIGINT, Id.HUGEINT, Id.DOUBLE]
  const [rankA, rankB] = [ranks.indexOf(a.typeId), ranks.indexOf(b.typeId)]
  if (rankA >= 0 && rankB >= 0) return rankA >= rankB ? a : b
  if (a instanceof ListType && b instanceof ListType) return library.LIST(wider(library, a.valueType, b.valueType, what))
  if (a instanceof MapType && b instanceof MapType)
    return library.MAP(wider(library, a.keyType, b.keyType, what), wider(library, a.valueType, b.valueType, what))
  if (a instanceof StructType && b instanceof StructType) {
    const names = [...new Set([...a.entryNames, ...b.entryNames])]
    const typeIn = (struct: typeof a, name: string): DuckDBType =>
      struct.entryNames.includes(name) ? struct.typeForEntry(name) : library.SQLNULL
    return library.STRUCT(Object.fromEntries(names.map((name) => [name, wider(library, typeIn(a, name), typeIn(b, name), what)])))
  }
  if (a.typeId === b.typeId) return a
  throw new DuckDbError('duckdb/parameter', `${what} holds values of different types: ${String(a)} and ${String(b)}`)
}

/** The value as one of the wider type. */
function fitted(library: Library, { value, type }: Typed, wanted: DuckDBType): DuckDBValue {
  const {
    DuckDBTypeId: Id,
    DuckDBListType: ListType,
    DuckDBListValue: ListValue,
    DuckDBMapType: MapType,
    DuckDBMapValue: MapValue,
  } = library
  const { DuckDBStructType: StructType, DuckDBStructValue: StructValue } = library
  if (value === null) return null
  if (wanted.typeId === Id.DOUBLE) return Number(value)
  if (wanted.typeId === Id.BIGINT || wanted.typeId === Id.HUGEINT) return BigInt(value as number | bigint) // of a narrower type
  if (wanted instanceof ListType && type instanceof ListType && value instanceof ListValue)
    return new ListValue(value.items.map((item) => fitted(library, { value: item, type: type.valueType }, wanted.valueType)))
  if (wanted instanceof MapType && type instanceof MapType && value instanceof MapValue)
    return new MapValue(
      value.entries.map((entry) => ({
        key: fitted(library, { value: entry.key, type: type.keyType }, wanted.keyType),
        value: fitted(library, { value: entry.value, type: type.valueType }, wanted.valueType),
      })),
    )
  if (wanted instanceof StructType && type instanceof StructType && value instanceof StructValue)
    return new StructValue(
      Object.fromEntries(
        wanted.entryNames.map((name) => [
          name,
          type.entryNames.includes(name)
            ? fitted(library, { value: value.entries[name] ?? null, type: type.typeForEntry(name) }, wanted.typeForEntry(name))
            : null,
        ]),
      ),
    )
  return value
}
