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

/** Whether a text holds a value this process knows, in any spelling. */
export function holdsSecret(text: string): boolean {
  return known().mask.holds(text)
}
