/** Deeper than this, or larger, is left to a serialiser that knows shared and cyclic values. */
const DEPTH_MAX = 100
const VALUES_MAX = 5_000_000

/**
 * Whether `JSON.parse(JSON.stringify(value))` gives an equal value: plain objects and lists of text, booleans, null and finite numbers.
 * Not so with an undefined member, a hole in a list, negative zero, or any object of a class.
 */
export function survivesJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return survivesAsNumber(value)
    case 'object':
      return value === null || new Walk().object(value, 0)
    default:
      return false
  }
}

class Walk {
  #left = VALUES_MAX

  object(value: object, depth: number): boolean {
    if (depth === DEPTH_MAX || --this.#left < 0) return false
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) return this.#members(value, depth)
    return prototype === Array.prototype && Array.isArray(value) && this.#items(value, depth)
  }

  #members(value: object, depth: number): boolean {
    // Only own members are enumerable here, unless somebody changed Object.prototype; TypeScript does not link key and value.
    for (const key in value) {
      if (!this.#member((value as Readonly<Record<string, unknown>>)[key], depth)) return false
    }
    return Object.getOwnPropertySymbols(value).length === 0
  }

  #items(values: readonly unknown[], depth: number): boolean {
    if ((this.#left -= values.length) < 0) return false
    for (let index = 0; index < values.length; index++) {
      if (!this.#member(values[index], depth)) return false
    }
    return true
  }

  #member(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return true
      case 'number':
        return survivesAsNumber(value)
      case 'object':
        return value === null || this.object(value, depth + 1)
      default:
        return false
    }
  }
}

function survivesAsNumber(value: number): boolean {
  return value === 0 ? !Object.is(value, -0) : Number.isFinite(value)
}
