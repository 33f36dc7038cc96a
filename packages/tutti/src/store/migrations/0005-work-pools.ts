import type { Compilable } from '../kysely.ts'

/** Work pools, their queues and their workers. */
export const workPools: readonly Compilable[] = []
