import { TuttiError } from '../core/errors.ts'
import type { Page } from '../core/query.ts'

/** Short lists are paged by how many came before: what is made or deleted meanwhile moves them by as much. */
const SPELLED = /^(?:0|[1-9]\d{0,8})$/

export function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!SPELLED.test(text)) throw new TuttiError('INVALID_CURSOR', `${cursor} is not a cursor of an earlier page of this list`)
  return Number(text)
}

/** Of one more than a page holds. */
export function pageOf<T>(found: readonly T[], limit: number, offset: number): Page<T> {
  const isMore = found.length > limit
  return { items: found.slice(0, limit), cursor: isMore ? Buffer.from(String(offset + limit)).toString('base64url') : null }
}
