import type { Compilable } from '../kysely.ts'

/** Concurrency limits, and the leases that hold their slots. */
export const concurrency: readonly Compilable[] = []
