import type { Field } from './fields.ts'

/** One value that cannot be stored, as BigQuery names it. */
export interface ValueProblem {
  readonly field: string
  readonly message: string
}

/** What is wrong with a row of JSON: unknown members, missing ones that are required, and values of another type. */
export function rowProblems(
  row: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
  ignoreUnknown: boolean,
): readonly ValueProblem[] {
  const known = new Map(fields.map((field) => [field.name ?? '', field]))
  const unknown = Object.keys(row).filter((name) => !known.has(name))
  return [
    ...(ignoreUnknown ? [] : unknown.map((name) => ({ field: name, message: `no such field: ${name}.` }))),
    ...fields.flatMap((field) => {
      const name = field.name ?? ''
      const message = valueProblem(row[name] ?? null, field)
      return message === undefined ? [] : [{ field: name, message }]
    }),
  ]
}

function valueProblem(value: unknown, field: Field): string | undefined {
  const name = field.name ?? ''
  const mode = field.mode?.toUpperCase()
  if (mode === 'REPEATED') {
    if (value === null) return undefined
    if (!Array.isArray(value)) return `Array specified for non-repeated field: ${name}.`
    return value.map((item: unknown) => valueProblem(item, { ...field, mode: 'REQUIRED' })).find((problem) => problem !== undefined)
  }
  if (value === null) return mode === 'REQUIRED' ? `Missing required field: ${name}.` : undefined
  const type = field.type?.toUpperCase() ?? 'STRING'
  if (type === 'JSON') return undefined
  if (type === 'RECORD' || type === 'STRUCT') {
    if (typeof value !== 'object') return `This field: ${name} is not a record.`
    return rowProblems({ ...value }, field.fields ?? [], false)[0]?.message
  }
  if (typeof value === 'object') return `This field: ${name} is not a record.`
  const kind = words[type]
  return kind === undefined || kind.test(String(value)) ? undefined : `Cannot convert value to ${kind.what} (bad value): ${String(value)}`
}

interface Kind {
  readonly what: string
  test(text: string): boolean
}

const pattern = (what: string, expression: RegExp): Kind => ({ what, test: (text) => expression.test(text) })
const time: Kind = {
  what: 'timestamp',
  test: (text) => /^\d+(\.\d+)?$/.test(text) || !Number.isNaN(Date.parse(text.replace(/ UTC$/, 'Z'))),
}
const integer: Kind = { what: 'integer', test: (text) => /^[+-]?\d{1,19}(\.0*)?$/.test(text) }
const float: Kind = {
  what: 'double',
  test: (text) => /^(NaN|[+-]?inf(inity)?)$/i.test(text) || (text !== '' && !Number.isNaN(Number(text))),
}

const words: Readonly<Record<string, Kind>> = {
  INTEGER: integer,
  INT64: integer,
  FLOAT: float,
  FLOAT64: float,
  NUMERIC: pattern('numeric', /^[+-]?\d+(\.\d+)?$/),
  BIGNUMERIC: pattern('numeric', /^[+-]?\d+(\.\d+)?$/),
  BOOLEAN: pattern('boolean', /^(true|false)$/i),
  BOOL: pattern('boolean', /^(true|false)$/i),
  DATE: pattern('date', /^\d{4}-\d{1,2}-\d{1,2}$/),
  DATETIME: pattern('datetime', /^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?$/),
  TIME: pattern('time', /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/),
  BYTES: pattern('bytes', /^[A-Za-z0-9+/_-]*={0,2}$/),
  TIMESTAMP: time,
}
