import { TuttiError } from '../core/errors.ts'
import { isSecret } from '../core/secret.ts'
import { holdsSecret } from './secret-mask.ts'

const DEPTH_MAX = 100
const VALUES_MAX = 1_000_000

/** Where a value holds a `Secret`, or text with a value this process hides: `parameters.token`. `undefined`: nowhere that can be seen. */
export function secretIn(value: unknown, root: string): string | undefined {
  return new Search().at(value, root, 0)
}

/**
 * The value as JSON, for what is kept for everybody to see: the parameters of deployments, schedules and runs.
 *
 * @throws `SECRET_IN_PARAMETERS`, and what `JSON.stringify` throws.
 */
export function jsonWithoutSecrets(value: unknown, what: string): string {
  const text = JSON.stringify(value)
  refuseSecrets(value, what)
  return text
}

/** @throws `SECRET_IN_PARAMETERS` */
export function refuseSecrets(value: unknown, what: string): void {
  const at = secretIn(value, '')
  if (at !== undefined) throw secretRefused(what, at)
}

/** A key with asterisks would be the same for two secrets. Throws `SECRET_IN_PARAMETERS`. */
export function refuseSecretKey(key: string | null, what: string): void {
  if (key !== null && holdsSecret(key))
    throw new TuttiError('SECRET_IN_PARAMETERS', `the idempotency key of ${what} holds a secret, and it is kept for everybody to see`)
}

/** @param at - the path from there on: `.token`. */
export function secretRefused(what: string, at: string): TuttiError {
  const place = at.replace(/^\./, '')
  return new TuttiError(
    'SECRET_IN_PARAMETERS',
    `${what} hold a secret${place === '' ? '' : ` at ${place}`}, and they are kept for everybody to see`,
  )
}

class Search {
  #left = VALUES_MAX
  readonly #seen = new Set<object>()

  at(value: unknown, path: string, depth: number): string | undefined {
    if (typeof value === 'string') return holdsSecret(value) ? path : undefined
    if (typeof value === 'number' || typeof value === 'bigint') return holdsSecret(String(value)) ? path : undefined
    if (typeof value !== 'object' || value === null) return undefined
    if (isSecret(value)) return path
    if (depth === DEPTH_MAX || --this.#left < 0 || this.#seen.has(value)) return undefined
    this.#seen.add(value)
    try {
      return this.#members(value, path, depth + 1)
    } catch {
      // A getter or proxy of the user's threw: what cannot be read is not written either.
      return undefined
    }
  }

  #members(value: object, path: string, depth: number): string | undefined {
    if (Array.isArray(value)) return this.#first(value.entries(), (key) => `${path}[${String(key)}]`, depth)
    if (value instanceof Map) return this.at([...value.keys()], `${path}.keys()`, depth) ?? this.#first(value.entries(), () => path, depth)
    if (value instanceof Set) return this.#first([...value].entries(), () => path, depth)
    if (ArrayBuffer.isView(value)) return undefined
    for (const key of Object.keys(value)) if (holdsSecret(key)) return path
    return this.#first(Object.entries(value), (key) => `${path}.${String(key)}`, depth)
  }

  #first(entries: Iterable<readonly [unknown, unknown]>, pathOf: (key: unknown) => string, depth: number): string | undefined {
    for (const [key, each] of entries) {
      const found = this.at(each, pathOf(key), depth)
      if (found !== undefined) return found
    }
    return undefined
  }
}
