// The text whose hash is a block schema's checksum. Clients make it on their own, in Python: every character counts.
import { isObject } from './block.ts'
import { isRawNumber } from './literal-json.ts'

type Fields = Readonly<Record<string, unknown>>

/** Without what a checksum does not speak of: which fields are secret, and definitions of other blocks or of nothing here. */
export function checksumText(fields: Fields): string {
  const { definitions, ...rest } = withoutSecretFields(fields) as Fields // an object stays one
  const needed = isObject(definitions) ? neededDefinitions(rest, definitions) : {}
  return pythonJson([[Object.keys(needed).length === 0 ? rest : { ...rest, definitions: needed }], {}])
}

function withoutSecretFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretFields)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'secret_fields')
      .map(([key, each]) => [key, withoutSecretFields(each)]),
  )
}

const POINTER = '#/definitions/'

/** Those that the fields lead to, and that are no blocks themselves. */
function neededDefinitions(fields: Fields, definitions: Fields): Fields {
  const needed = new Map<string, unknown>()
  const look = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(look)
    if (!isObject(value)) return
    for (const [key, each] of Object.entries(value)) {
      if (key !== '$ref' || typeof each !== 'string') look(each)
      else take(each.slice(POINTER.length))
    }
  }
  const take = (name: string): void => {
    const found = definitions[name]
    if (needed.has(name) || !isObject(found) || typeof found['block_type_slug'] === 'string') return
    needed.set(name, found)
    look(found)
  }
  look(fields)
  return Object.fromEntries(needed)
}

/** As Python's `json.dumps` writes it with its keys in order. */
export function pythonJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return pythonText(value)
  if (isRawNumber(value)) return pythonNumber(value.rawJSON)
  if (typeof value === 'number') return pythonNumber(String(value))
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  const members = Object.entries(value as Fields).toSorted(([one], [other]) => byCodePoint(one, other)) // all that JSON has left
  return `{${members.map(([key, each]) => `${pythonText(key)}: ${pythonJson(each)}`).join(', ')}}`
}

function pythonText(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Whole numbers as they stand; others by Python's rule when to write an exponent. */
function pythonNumber(source: string): string {
  if (/^-?\d+$/.test(source)) return source
  const sign = source.startsWith('-') ? '-' : ''
  const [mantissa = '', power = '0'] = Math.abs(Number(source)).toExponential().split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 16) return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  const digits = mantissa.replace('.', '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

function byCodePoint(one: string, other: string): number {
  const [left, right] = [[...one], [...other]]
  for (const [at, each] of left.entries()) {
    const difference = (each.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
