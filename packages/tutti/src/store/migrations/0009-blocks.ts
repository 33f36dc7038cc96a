import type { Compilable } from '../kysely.ts'

/** Block types, schemas and documents. */
export const blocks: readonly Compilable[] = []
