import { parse, stringify } from 'devalue'
import type { ClassRegistry } from './class-registry.ts'
import { describeThrown, isError, reviveThrown } from './error-data.ts'
import type { ErrorData } from './error-data.ts'

/** Errors inside results are described in at most this many characters. */
const ERROR_CHARS_MAX = 60_000

export type Written = { readonly text: string } | { readonly unserialisable: string; readonly what: string }

/**
 * Text that also carries dates, maps, sets, big integers, bytes, errors, URLs, Temporal, undefined, cycles and registered classes.
 * Throws only what members of the value throw, or that the text is too long.
 */
export function writeDevalue(value: unknown, classes: ClassRegistry): Written {
  let instances = 0
  const reducers = {
    // Only what a view shows: its buffer may be a pool that holds other data.
    Bytes: (item: unknown) => (ArrayBuffer.isView(item) && viewName(item) in VIEWS ? [viewName(item), base64Of(item)] : undefined),
    Error: (item: unknown) => (typeof item === 'object' && isError(item) ? describeThrown(item, classes, ERROR_CHARS_MAX) : undefined),
    Instance: (item: unknown) => {
      if (typeof item !== 'object' || item === null) return undefined
      const known = classes.dataOf(item)
      if (known === undefined) {
        if (isSubclass(item)) throw new NotSerialisable(item)
        return undefined
      }
      instances += 1
      return [known.name, known.data]
    },
  }
  try {
    const text = stringify(value, reducers)
    // What a class of the user's cannot read back, or reads in a circle, is told now and not when the run is resumed.
    if (instances > 0) readDevalue(text, classes)
    return { text }
  } catch (error) {
    if (isDevalueError(error)) return { unserialisable: `result${error.path}`, what: nameOf(error.value) }
    if (error instanceof NotSerialisable) return { unserialisable: 'result', what: nameOf(error.value) }
    throw error
  }
}

export function readDevalue(text: string, classes: ClassRegistry): unknown {
  return parse(text, {
    Bytes: ([name, base64]: readonly [string, string]) => bytesFrom(name, base64),
    Error: (data: ErrorData) => reviveThrown(data, classes),
    Instance: ([name, data]: readonly [string, unknown]) => classes.revive(name, data),
  })
}

class NotSerialisable extends Error {
  readonly value: unknown
  constructor(value: unknown) {
    super('an instance of a subclass')
    this.value = value
  }
}

interface PathError extends Error {
  readonly path: string
  readonly value: unknown
}

function isDevalueError(error: unknown): error is PathError {
  return error instanceof Error && error.name === 'DevalueError' && 'path' in error && 'value' in error
}

const BUILT_IN = [Array, Map, Set, Date, RegExp, URL, URLSearchParams] as const

/** A subclass of a built-in would come back as the built-in itself. */
function isSubclass(item: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(item)
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return false
  return BUILT_IN.some((Class) => item instanceof Class && prototype !== Class.prototype)
}

/** For people: what it is that cannot be stored. */
export function nameOf(value: unknown): string {
  switch (typeof value) {
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object': {
      if (value === null) return 'null'
      if (value instanceof Promise) return 'a promise'
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype === Object.prototype) return 'an object with a member that cannot be written (a symbol or __proto__)'
      const name: unknown = value.constructor?.name
      return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class without name'}`
    }
    default:
      return `a ${typeof value}`
  }
}

/* ── bytes ───────────────────────────────────────────────────────────────────────────── */

type ViewMaker = (buffer: ArrayBuffer) => ArrayBufferView

const VIEWS: Readonly<Record<string, ViewMaker>> = {
  Buffer: (buffer) => Buffer.from(buffer),
  DataView: (buffer) => new DataView(buffer),
  Int8Array: (buffer) => new Int8Array(buffer),
  Uint8Array: (buffer) => new Uint8Array(buffer),
  Uint8ClampedArray: (buffer) => new Uint8ClampedArray(buffer),
  Int16Array: (buffer) => new Int16Array(buffer),
  Uint16Array: (buffer) => new Uint16Array(buffer),
  Int32Array: (buffer) => new Int32Array(buffer),
  Uint32Array: (buffer) => new Uint32Array(buffer),
  Float32Array: (buffer) => new Float32Array(buffer),
  Float64Array: (buffer) => new Float64Array(buffer),
  BigInt64Array: (buffer) => new BigInt64Array(buffer),
  BigUint64Array: (buffer) => new BigUint64Array(buffer),
}

function viewName(view: ArrayBufferView): string {
  return Buffer.isBuffer(view) ? 'Buffer' : Object.prototype.toString.call(view).slice('[object '.length, -1)
}

function base64Of(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64')
}

function bytesFrom(name: string, base64: string): ArrayBufferView {
  const make = VIEWS[name]
  if (make === undefined) throw new Error(`a stored value has bytes of the unknown type ${name}`)
  const bytes = Buffer.from(base64, 'base64')
  // A buffer of its own: small ones come out of a pool.
  const buffer = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(buffer).set(bytes)
  return make(buffer)
}
