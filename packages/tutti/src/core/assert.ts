/** A broken invariant is a bug in Tutti and should be loud. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Tutti broke its own rule: ${message}. Please report this.`)
}

/** Makes a switch exhaustive: a new case fails to compile here. */
export function assertNever(value: never): never {
  throw new Error(`Tutti met a case it does not know: ${JSON.stringify(value)}. Please report this.`)
}
