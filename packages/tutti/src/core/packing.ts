import { isTuttiError, TuttiError } from './errors.ts'
import type { IntegrationError } from './errors.ts'
import { JsonText } from './literal-json.ts'

/** The classes that travel between threads and processes, as the plain objects they are turned into: clones and JSON keep data, not classes. */
interface PackedText {
  readonly $jsonText: string
}

/** A copy that survives the way to another thread. Plain data is given back as it is. */
export function pack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof JsonText) return { $jsonText: value.text } satisfies PackedText
  return copy(value, pack)
}

export function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$jsonText' in value) return new JsonText((value as PackedText).$jsonText) // written by `pack`
  return copy(value, unpack)
}

function copy(value: object, each: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    const changed = value.map(each)
    return changed.every((member, index) => member === value[index]) ? value : changed
  }
  // Bytes, dates, maps and sets hold none of our classes.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  let changed: Record<string, unknown> | undefined
  for (const [key, member] of Object.entries(value)) {
    const copied = each(member)
    if (copied === member) continue
    changed ??= { ...value }
    changed[key] = copied
  }
  return changed ?? value
}

interface PackedError {
  /** `null` for an error that is none of Tutti's. */
  readonly kind: IntegrationError | null
  readonly message: string
  readonly stack: string | undefined
  readonly retryAfterS: number | undefined
}

export function packError(error: unknown): unknown {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  if (!isTuttiError(error)) return { kind: null, message, stack, retryAfterS: undefined } satisfies PackedError
  const { code, status, fix, retryAfterS } = error
  return { kind: { code, status, fix }, message, stack, retryAfterS } satisfies PackedError
}

export function unpackError(packed: unknown): Error {
  const { kind, message, stack, retryAfterS } = packed as PackedError // written by `packError`
  const error = kind === null ? new Error(message) : new TuttiError(kind, message, retryAfterS === undefined ? {} : { retryAfterS })
  if (stack !== undefined) error.stack = stack
  return error
}
