import type { Compilable } from '../kysely.ts'

/** Deployments and their schedules. */
export const deployments: readonly Compilable[] = []
