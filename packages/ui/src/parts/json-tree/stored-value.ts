// Values as runs keep them: plain JSON, or text that also carries dates, maps, cycles and the like.

/** A value that JSON cannot say, by what it is: `Date`, `Map`, the name of a class. */
export class Typed {
  readonly type: string
  readonly value: unknown

  constructor(type: string, value: unknown) {
    this.type = type
    this.value = value
  }
}

export interface Stored {
  readonly format: string
  readonly text: string
}

/** Never throws: what cannot be read is shown as the text that is stored. */
export function readStored({ format, text }: Stored): unknown {
  try {
    if (format === 'json') return JSON.parse(text)
    if (format === 'devalue') return unflatten(JSON.parse(text))
  } catch {
    // Shown as it is.
  }
  return new Typed(format, text)
}

/** Parameters that JSON can say come as they are, others as they are stored. */
export function readParameters(parameters: Readonly<Record<string, unknown>>): unknown {
  const { format, text, ...rest } = parameters
  const isStored = (format === 'devalue' || format === 'cbor') && typeof text === 'string' && Object.keys(rest).length === 0
  return isStored ? readStored({ format, text }) : parameters
}

/** How many there are; `undefined`: they are no names with values. A flow that was called without any was given none. */
export function countParameters(parameters: Readonly<Record<string, unknown>>): number | undefined {
  const read = readParameters(parameters)
  if (read === UNDEFINED) return 0
  const isNamed = typeof read === 'object' && read !== null && !Array.isArray(read) && !(read instanceof Typed)
  return isNamed ? Object.keys(read).length : undefined
}

const UNDEFINED = new Typed('undefined', '')

/** Negative numbers stand for what has no text. */
const CONSTANTS: Readonly<Record<string, unknown>> = {
  '-1': UNDEFINED,
  '-2': new Typed('empty', ''),
  '-3': Number.NaN,
  '-4': Number.POSITIVE_INFINITY,
  '-5': Number.NEGATIVE_INFINITY,
  '-6': -0,
}

/** The text is a list in which everything stands once and is named by its place. */
function unflatten(flat: unknown): unknown {
  if (typeof flat === 'number') return CONSTANTS[String(flat)]
  if (!Array.isArray(flat)) throw new TypeError('not a list')
  const values = flat as readonly unknown[]
  const read = new Map<number, unknown>()
  const at = (place: unknown): unknown => {
    if (typeof place !== 'number') return place
    if (place < 0) return CONSTANTS[String(place)]
    if (!read.has(place)) fill(place)
    return read.get(place)
  }
  const fill = (place: number): void => {
    const value = values[place]
    if (typeof value !== 'object' || value === null) {
      read.set(place, value)
      return
    }
    if (!Array.isArray(value)) {
      const object: Record<string, unknown> = {}
      read.set(place, object)
      for (const [key, each] of Object.entries(value)) object[key] = at(each)
      return
    }
    const [type, ...rest] = value as readonly unknown[]
    if (typeof type !== 'string') {
      const list: unknown[] = []
      read.set(place, list)
      for (const each of value as readonly unknown[]) list.push(at(each))
      return
    }
    read.set(
      place,
      typedOf(type, rest, at, (shell) => read.set(place, shell)),
    )
  }
  return at(0)
}

function typedOf(type: string, rest: readonly unknown[], at: (place: unknown) => unknown, keep: (shell: unknown) => void): unknown {
  switch (type) {
    case 'Set': {
      const members: unknown[] = []
      const set = new Typed('Set', members)
      keep(set)
      for (const each of rest) members.push(at(each))
      return set
    }
    case 'Map': {
      const entries: Record<string, unknown> = {}
      const map = new Typed('Map', entries)
      keep(map)
      for (let index = 0; index < rest.length; index += 2) entries[keyOf(at(rest[index]))] = at(rest[index + 1])
      return map
    }
    case 'null': {
      const object: Record<string, unknown> = {}
      keep(object)
      for (let index = 0; index < rest.length; index += 2) object[String(rest[index])] = at(rest[index + 1])
      return object
    }
    case 'Bytes': {
      const bytes = at(rest[0])
      const [view, base64] = Array.isArray(bytes) ? (bytes as readonly unknown[]) : []
      return new Typed(String(view), `${Math.floor((String(base64).replace(/=+$/, '').length * 3) / 4)} bytes`)
    }
    case 'Instance': {
      const instance = at(rest[0])
      const [name, data] = Array.isArray(instance) ? (instance as readonly unknown[]) : []
      return new Typed(String(name), data)
    }
    case 'Error': {
      const error = at(rest[0])
      return new Typed('Error', error)
    }
    case 'Object':
      return at(rest[0])
    case 'BigInt':
      return new Typed('bigint', String(rest[0]))
    case 'RegExp':
      return new Typed('RegExp', `/${String(rest[0])}/${String(rest[1] ?? '')}`)
    default:
      return new Typed(type, typeof rest[0] === 'number' ? at(rest[0]) : rest[0])
  }
}

function keyOf(key: unknown): string {
  if (typeof key === 'string') return key
  return key instanceof Typed ? String(key.value) : (JSON.stringify(key) ?? String(key))
}
