import type { Compilable } from '../kysely.ts'

/** Variables, artifacts and their collections, inputs of flow runs, saved searches. */
export const variables: readonly Compilable[] = []
