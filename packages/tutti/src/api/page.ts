import { z } from 'zod'
import { TuttiError } from '../core/errors.ts'
import { integer } from './values.ts'

/** How many a list shows when it is not told, and at most. */
export const PAGE_MAX = 200

/** Members of a body that asks for a part of a list. */
export const pageFields = {
  limit: integer.nullish(),
  offset: z.preprocess((value) => value ?? 0, integer).pipe(z.int().min(0)),
}

/** The part that was asked for; a limit out of its range is refused as the protocol words it. */
export function pageOf({ limit, offset }: { readonly limit?: number | null | undefined; readonly offset: number }): {
  readonly limit: number
  readonly offset: number
} {
  const wanted = limit ?? PAGE_MAX
  if (wanted < 0) throw new TuttiError('INVALID_REQUEST', 'Invalid limit: must be greater than or equal to 0.')
  if (wanted > PAGE_MAX) throw new TuttiError('INVALID_REQUEST', `Invalid limit: must be less than or equal to ${PAGE_MAX}.`)
  return { limit: wanted, offset }
}

/** The same of a page that was asked for by its number. */
export function numberedPart({ limit, page }: { readonly limit?: number | null | undefined; readonly page: number }): {
  readonly limit: number
  readonly offset: number
} {
  const { limit: wanted } = pageOf({ limit, offset: 0 })
  return { limit: wanted, offset: (page - 1) * wanted }
}
