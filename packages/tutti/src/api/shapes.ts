// Pieces that the endpoints of several nouns share.
import { z } from 'zod'
import { uuid } from './values.ts'

export const idParams = z.object({ id: uuid })

/** Answers that are a bare number. */
export const count = z.int().min(0)

/** Names of flows, queues, block types and limits: characters that would need escaping in a path are refused. */
export const objectName = z
  .string()
  .min(1)
  .regex(/^[^/%&><]+$/, { message: 'name must not contain any of / % & > <' })

/** How many are wanted, as a query says it. */
export function queryLimit(max: number, byDefault: number) {
  return z.coerce.number().pipe(z.int().min(1).max(max)).default(byDefault)
}
