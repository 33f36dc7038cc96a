import { linkSync, rmSync, statSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { TuttiError } from '../core/errors.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { storeError } from './sqlite-errors.ts'

/** Writes a copy of the database as it is at one moment; others may write meanwhile. The copy has its name only once it is whole. */
export async function backUp(database: SqliteDatabase, path: string): Promise<void> {
  if (exists(path)) throw taken(path)
  const part = `${path}.part`
  try {
    rmSync(part, { force: true })
    await copy(database, part)
    // Unlike a rename, a link never takes the place of another file.
    linkSync(part, path)
  } catch (error) {
    throw exists(path) ? taken(path) : failed(path, error)
  } finally {
    rmSync(part, { force: true })
  }
}

async function copy(database: SqliteDatabase, part: string): Promise<void> {
  if (database.path === ':memory:') {
    await backup(database.connection, part)
    return
  }
  // A connection of its own that keeps reading at one moment: however much others write, the copy comes to its end.
  const reader = new DatabaseSync(database.path, { readOnly: true })
  try {
    reader.exec('BEGIN; SELECT count(*) FROM sqlite_master')
    await backup(reader, part)
  } finally {
    reader.close()
  }
}

/** As `backUp`, within this call, for a database that nobody writes to meanwhile. An earlier copy of that name is replaced. */
export function copyNow(path: string, to: string): void {
  const reader = new DatabaseSync(path, { readOnly: true })
  try {
    rmSync(to, { force: true })
    reader.prepare('VACUUM INTO ?').run(to)
  } catch (error) {
    throw failed(to, error)
  } finally {
    reader.close()
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function taken(path: string): TuttiError {
  return new TuttiError('FILE_EXISTS', `the backup ${path} exists already`)
}

function failed(path: string, error: unknown): unknown {
  const known = storeError(error, `the copy ${path} could not be written`)
  if (known instanceof TuttiError) return known
  return new TuttiError(
    'STORE_FAILED',
    `the copy ${path} could not be written: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  )
}
