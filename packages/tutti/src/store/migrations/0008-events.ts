import type { Compilable } from '../kysely.ts'

/** Events that cannot be derived from the history of runs. */
export const events: readonly Compilable[] = []
