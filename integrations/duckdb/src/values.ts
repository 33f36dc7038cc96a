// From DuckDB's values to those of JavaScript: one function for each column, chosen once by the column's type.
import type {
  DuckDBArrayType,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBUnionType,
  DuckDBUnionValue,
  DuckDBValue,
} from '@duckdb/node-api'
import { DuckDbError } from './errors.ts'
import type { Library } from './library.ts'

/** How values of DuckDB are given to JavaScript where there is a choice. */
export interface ValueOptions {
  /**
   * BIGINT, HUGEINT and their like: `'number'` (default) gives numbers, and refuses one that a number cannot hold; `'bigint'` gives bigints.
   */
  readonly integers?: 'number' | 'bigint'
  /** DECIMAL: `'number'` (default; refuses what has more than 15 to 16 digits), or `'text'`, which is exact. */
  readonly decimals?: 'number' | 'text'
  /**
   * DATE, TIMESTAMP: `'date'` (default) gives `Date`s, times without a zone read as UTC; `'text'` gives ISO 8601 with microseconds, which
   * `Temporal.PlainDate.from` and its like read.
   */
  readonly times?: 'date' | 'text'
}

export type Convert = (value: DuckDBValue) => unknown

/** @param column - named when a value does not fit. */
export function converterOf(library: Library, type: DuckDBType, options: ValueOptions, column: string): Convert {
  const convert = convertKnown(library, type, options, column)
  return (value) => (value === null ? null : convert(value))
}

// Each `as` below is what the library gives for the type's id.
function convertKnown(library: Library, type: DuckDBType, options: ValueOptions, column: string): Convert {
  const { DuckDBTypeId: Id } = library
  const isText = options.times === 'text'
  const inner = (of: DuckDBType): Convert => converterOf(library, of, options, column)
  switch (type.typeId) {
    case Id.BIGINT:
    case Id.UBIGINT:
    case Id.HUGEINT:
    case Id.UHUGEINT:
    case Id.BIGNUM:
      return options.integers === 'bigint' ? same : (value) => safeNumber(value as bigint, column)
    case Id.DECIMAL:
      return options.decimals === 'text' ? String : decimalNumber(type as DuckDBDecimalType, column)
    case Id.DATE:
      return isText ? (value) => String(value) : (value) => dateOf(BigInt((value as DuckDBDateValue).days) * 86_400_000n, value, column)
    case Id.TIMESTAMP:
      return isText ? isoText : (value) => dateOf((value as DuckDBTimestampValue).micros / 1000n, value, column)
    case Id.TIMESTAMP_TZ:
      return isText ? utcText(library) : (value) => dateOf((value as DuckDBTimestampValue).micros / 1000n, value, column)
    case Id.TIMESTAMP_S:
      return isText ? isoText : (value) => dateOf((value as DuckDBTimestampSecondsValue).seconds * 1000n, value, column)
    case Id.TIMESTAMP_MS:
      return isText ? isoText : (value) => dateOf((value as DuckDBTimestampMillisecondsValue).millis, value, column)
    case Id.TIMESTAMP_NS:
      return isText ? isoText : (value) => dateOf((value as DuckDBTimestampNanosecondsValue).nanos / 1_000_000n, value, column)
    case Id.INTERVAL:
      return (value) => isoDuration(value as DuckDBIntervalValue)
    case Id.TIME:
    case Id.TIME_TZ:
    case Id.TIME_NS:
    case Id.UUID:
    case Id.BIT:
      return String
    case Id.BLOB:
      return (value) => Uint8Array.from((value as unknown as { readonly bytes: Uint8Array }).bytes)
    case Id.VARCHAR:
      return type.alias === 'JSON' ? (value) => JSON.parse(value as string) as unknown : same
    case Id.LIST: {
      const item = inner((type as DuckDBListType).valueType)
      return (value) => (value as DuckDBListValue).items.map(item)
    }
    case Id.ARRAY: {
      const item = inner((type as DuckDBArrayType).valueType)
      return (value) => (value as DuckDBListValue).items.map(item)
    }
    case Id.STRUCT: {
      const struct = type as DuckDBStructType
      const members = struct.entryNames.map((name) => [name, inner(struct.typeForEntry(name))] as const)
      return (value) => {
        const { entries } = value as DuckDBStructValue
        return Object.fromEntries(members.map(([name, convert]) => [name, convert(entries[name] ?? null)]))
      }
    }
    case Id.MAP: {
      const { keyType, valueType } = type as DuckDBMapType
      const [toKey, toValue] = [inner(keyType), inner(valueType)]
      return (value) => new Map((value as DuckDBMapValue).entries.map((entry) => [toKey(entry.key), toValue(entry.value)]))
    }
    case Id.UNION: {
      const union = type as DuckDBUnionType
      return (value) => {
        const { tag, value: member } = value as DuckDBUnionValue
        return inner(union.memberTypeForTag(tag))(member)
      }
    }
    default:
      // Booleans, texts, enums and numbers are what they are; what is rare is told as DuckDB writes it.
      return (value) => (typeof value === 'object' ? String(value) : value)
  }
}

const same: Convert = (value) => value

function safeNumber(value: bigint, column: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw tooLarge(value, column)
  return number
}

function decimalNumber({ scale }: DuckDBDecimalType, column: string): Convert {
  const divisor = 10 ** scale
  // Both are exact, so that the quotient is the nearest number there is.
  return (value) => {
    const decimal = value as DuckDBDecimalValue // of a column of decimals
    const unscaled = Number(decimal.value)
    if (!Number.isSafeInteger(unscaled)) throw tooLarge(decimal, column)
    return unscaled / divisor
  }
}

function tooLarge(value: unknown, column: string): DuckDbError {
  return new DuckDbError('duckdb/number', `the value ${String(value)} of column "${column}" is too large for a number`, { column })
}

const DATE_MAX_MS = 8_640_000_000_000_000n

function dateOf(millis: bigint, value: DuckDBValue, column: string): Date {
  if (millis > DATE_MAX_MS || millis < -DATE_MAX_MS)
    throw new DuckDbError('duckdb/number', `the time ${String(value)} of column "${column}" is beyond those of a Date; cast it to text`, {
      column,
    })
  return new Date(Number(millis))
}

function isoText(value: DuckDBValue): string {
  return String(value).replace(' ', 'T')
}

function utcText({ DuckDBTimestampValue: Timestamp }: Library): Convert {
  return (value) => `${isoText(new Timestamp((value as DuckDBTimestampValue).micros))}Z`
}

/** As `Temporal.Duration.from` reads it. */
function isoDuration({ months, days, micros }: DuckDBIntervalValue): string {
  const isNegative = months <= 0 && days <= 0 && micros <= 0n && (months < 0 || days < 0 || micros < 0n)
  const sign = isNegative ? -1 : 1
  const [month, day, micro] = [months * sign, days * sign, micros * BigInt(sign)]
  const whole = micro / 1_000_000n
  const rest = micro % 1_000_000n
  const fraction =
    rest === 0n
      ? ''
      : `.${String(rest < 0n ? -rest : rest)
          .padStart(6, '0')
          .replace(/0+$/, '')}`
  const date = `${month === 0 ? '' : `${month}M`}${day === 0 ? '' : `${day}D`}`
  const time = micro === 0n && date !== '' ? '' : `T${whole === 0n && micro < 0n ? '-0' : whole}${fraction}S`
  return `${isNegative ? '-' : ''}P${date}${time}`
}
