import { Encoder } from 'cbor-x'

/** Nested more deeply, or larger, is left to the other format. */
const DEPTH_MAX = 100
const VALUES_MAX = 50_000_000

const encoder = new Encoder({ structuredClone: true, useRecords: false })

/** CBOR in base64: for numbers in quantity. `undefined` when the value holds something that CBOR would change. */
export function writeCbor(value: unknown): string | undefined {
  return new Walk().survives(value, 0) ? encoder.encode(value).toString('base64') : undefined
}

export function readCbor(text: string): unknown {
  return encoder.decode(Buffer.from(text, 'base64'))
}

const VIEWS: ReadonlySet<object> = new Set(
  [
    Uint8Array,
    Uint8ClampedArray,
    Uint16Array,
    Uint32Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ].map((View) => View.prototype),
)

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

class Walk {
  #left = VALUES_MAX

  survives(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'boolean':
      case 'undefined':
        return true
      case 'string':
        return value.isWellFormed()
      case 'number':
        return !Object.is(value, -0)
      case 'bigint':
        return value >= INT64_MIN && value <= UINT64_MAX
      case 'object':
        return value === null || this.#object(value, depth)
      default:
        return false
    }
  }

  #object(value: object, depth: number): boolean {
    if (depth === DEPTH_MAX || --this.#left < 0) return false
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) {
      return (
        Object.getOwnPropertySymbols(value).length === 0 &&
        Object.entries(value).every(([key, item]) => key !== '__proto__' && key.isWellFormed() && this.survives(item, depth + 1))
      )
    }
    if (prototype === Array.prototype && Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        if (!(index in value) || !this.survives(value[index], depth + 1)) return false
      }
      return true
    }
    if (prototype === Map.prototype && value instanceof Map) {
      return [...value].every(([key, item]) => this.survives(key, depth + 1) && this.survives(item, depth + 1))
    }
    if (prototype === Set.prototype && value instanceof Set) return [...value].every((item) => this.survives(item, depth + 1))
    if (prototype === Date.prototype && value instanceof Date) return isKeptAsSeconds(value.getTime())
    return typeof prototype === 'object' && prototype !== null && VIEWS.has(prototype)
  }
}

/** CBOR has times as seconds: those of far times with a fraction come back a millisecond off. No time at all is not kept either. */
function isKeptAsSeconds(ms: number): boolean {
  return Math.round((ms / 1000) * 1000) === ms
}
