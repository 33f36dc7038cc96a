// Locks between processes that end with the process that holds them, however it ends. The lock is that of a SQLite file with nothing in it:
// the one kind of lock that the operating system keeps for us, which Node can reach.
import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { TuttiError } from '../../core/errors.ts'
import { elapsedMs } from '../../core/time.ts'
import type { Clock } from '../../core/time.ts'

/** `shared`: any number of holders, none of them alone; `alone`: no other holder. */
export type LockMode = 'shared' | 'alone'

export interface FileLock {
  release(): void
}

/** How often somebody who waits looks again. */
const LOOK_MS = 50
const SQLITE_BUSY = 5

export interface Waiting {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly waitMs: number
  /** What the holder is doing, for the error: `fetches REPOSITORY`. */
  readonly doing: string
}

/** Waits for the lock. @throws `CODE_TIMED_OUT`, or the reason of the signal. */
export async function lock(file: string, mode: LockMode, { clock, signal, waitMs, doing }: Waiting): Promise<FileLock> {
  const since = clock.now()
  for (;;) {
    signal.throwIfAborted()
    const held = tryLock(file, mode)
    if (held !== undefined) return held
    if (elapsedMs(since, clock.now()) > waitMs)
      throw new TuttiError('CODE_TIMED_OUT', `another process has been the one that ${doing} for more than ${waitMs / 1000} s`)
    await clock.sleep(LOOK_MS, signal)
  }
}

/** The lock, or `undefined` when somebody else is in the way. */
export function tryLock(file: string, mode: LockMode): FileLock | undefined {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    const opened = inodeOf(file)
    // No journal beside it: nothing is ever written.
    database.exec('PRAGMA journal_mode = MEMORY')
    if (mode === 'alone') database.exec('BEGIN EXCLUSIVE')
    else database.exec('BEGIN; SELECT count(*) FROM sqlite_master')
    // Whoever held it alone may have removed the file: then this is the lock of nothing.
    if (opened !== undefined && inodeOf(file) === opened) return { release: () => closeOnce(database) }
    closeOnce(database)
    return undefined
  } catch (error) {
    closeOnce(database)
    if (isBusy(error)) return undefined
    throw error
  }
}

function closeOnce(database: DatabaseSync): void {
  if (database.isOpen) database.close()
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}
