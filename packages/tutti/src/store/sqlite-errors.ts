import { TuttiError } from '../core/errors.ts'

/** A row's own fault, not the database's: too big, a broken constraint, a wrong type. */
const ROW_ERRORS: ReadonlySet<number> = new Set([18, 19, 20, 25])
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Somebody else has a lock that is needed: the same may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error) & 0xff
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

/** What went wrong, in words: `STORE_REFUSED` is the fault of one row, `STORE_FAILED` of the database. Other errors stay as they are. */
export function storeError(error: unknown, what: string): unknown {
  if (error instanceof TuttiError) return error
  // A value of a type that no column takes: the row's own fault too.
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_ARG_TYPE')
    return new TuttiError('STORE_REFUSED', error.message, { cause: error })
  if (sqliteCode(error) === 0) return error
  if (ROW_ERRORS.has(sqliteCode(error) & 0xff)) return new TuttiError('STORE_REFUSED', messageOf(error), { cause: error })
  return new TuttiError('STORE_FAILED', `${what}: ${messageOf(error)}`, { cause: error })
}

function sqliteCode(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
