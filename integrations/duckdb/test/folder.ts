import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { duckdb } from '../src/index.ts'
import type { Database, OpenOptions } from '../src/index.ts'

/** A folder that goes with the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tutti-duckdb-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A small database that goes with the test. */
export async function testDatabase(options: OpenOptions = {}): Promise<Database> {
  const database = await duckdb.open({ threads: 2, ...options })
  onTestFinished(() => database.close())
  return database
}
