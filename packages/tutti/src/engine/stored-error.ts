import type { StoredValue } from '../core/json.ts'
import { processClasses } from './class-registry.ts'
import type { ClassRegistry } from './class-registry.ts'
import { describeThrown, reviveThrown } from './error-data.ts'
import type { ErrorData } from './error-data.ts'

/** An error is always stored with its run, never as a blob: this is the most it may take. */
export const ERROR_MAX_BYTES = 65_536

/**
 * Makes whatever was thrown ready for the store: JSON that has `name` and `message` in every case. Never throws, and never takes more than
 * `ERROR_MAX_BYTES`.
 */
export function encodeError(thrown: unknown, classes: ClassRegistry = processClasses()): StoredValue {
  // One character takes up to six bytes (an escape), so a cut by characters may be too large still.
  for (const charsMax of [60_000, 20_000]) {
    const text = JSON.stringify(describeThrown(thrown, classes, charsMax))
    if (Buffer.byteLength(text) <= ERROR_MAX_BYTES) return { format: 'json', text }
  }
  return { format: 'json', text: JSON.stringify(describeThrown(thrown, classes, 8_000)) }
}

/**
 * What was thrown, to throw it again. Nearly always an Error; another value when user code threw one, so that `catch` sees the same.
 */
export function reviveError(stored: StoredValue, classes: ClassRegistry = processClasses()): unknown {
  // Only `encodeError` writes here; `isErrorData` guards against rows of another making.
  const data: unknown = stored.format === 'json' ? JSON.parse(stored.text) : undefined
  return isErrorData(data) ? reviveThrown(data, classes) : new Error(stored.text)
}

function isErrorData(data: unknown): data is ErrorData {
  return typeof data === 'object' && data !== null && 'name' in data && 'message' in data && typeof data.message === 'string'
}
