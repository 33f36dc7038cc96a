import { MaskedParts } from '../core/masked-parts.ts'
import { HIDDEN } from '../core/secret.ts'
import { SecretMask } from '../core/secret-mask.ts'

/** Told each value that becomes known, once. */
export type SecretListener = (value: string) => void

interface Known {
  readonly mask: SecretMask
  readonly listeners: Set<SecretListener>
}

const KEY = Symbol.for('tutti.secrets')

/** What this process knows: one, also when two copies of the package are loaded. */
function known(): Known {
  // The symbol is ours alone.
  const place = globalThis as { [KEY]?: Known }
  return (place[KEY] ??= { mask: new SecretMask(), listeners: new Set() })
}

/** From now on whatever a run of this process writes shows eight asterisks in place of the value. Values of less than four characters are left. */
export function registerSecret(value: string): void {
  const { mask, listeners } = known()
  if (!mask.add(value)) return
  for (const listener of listeners) listener(value)
}

/** Whether there is anything to hide: most processes know no secret, and must not pay for it. */
export function knowsSecrets(): boolean {
  return !known().mask.isEmpty
}

/** Every value this process knows, for a thread or process that is to hide them too. */
export function knownSecrets(): readonly string[] {
  return known().mask.values
}

/** Calls the listener with each value that becomes known from now on. The answer ends that. */
export function onSecret(listener: SecretListener): () => void {
  const { listeners } = known()
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The text with eight asterisks in place of every value this process knows, in whichever spelling. */
export function maskSecrets(text: string): string {
  return known().mask.mask(text)
}

/** For a text that comes in parts. */
export function maskedParts(): MaskedParts {
  return new MaskedParts(known().mask)
}

/** Whether a text holds a value this process knows, in any spelling. */
export function holdsSecret(text: string): boolean {
  return known().mask.holds(text)
}

/** As `maskSecrets`, for JSON, which stays JSON: also JSON in a text of it. */
export function maskJson(text: string): string {
  const { mask } = known()
  return mask.holds(text) ? JSON.stringify(maskedValue(JSON.parse(text), mask)) : text
}

function maskedValue(value: unknown, mask: SecretMask): unknown {
  switch (typeof value) {
    case 'string':
      return maskedText(value, mask)
    case 'number':
      return mask.holds(String(value)) ? HIDDEN : value
    case 'object': {
      if (value === null) return null
      if (Array.isArray(value)) return value.map((each) => maskedValue(each, mask))
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [mask.mask(key), maskedValue(each, mask)]))
    }
    default:
      return value
  }
}

function maskedText(text: string, mask: SecretMask): string {
  if (!mask.holds(text)) return text
  if (!/^\s*[[{]/.test(text)) return mask.mask(text)
  try {
    return JSON.stringify(maskedValue(JSON.parse(text), mask))
  } catch {
    // It only looked like JSON.
    return mask.mask(text)
  }
}
