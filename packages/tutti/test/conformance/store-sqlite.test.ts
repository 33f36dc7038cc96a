import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqlite } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { storeCases } from './store.ts'

const clock = systemClock()
const folder = mkdtempSync(join(tmpdir(), 'tutti-store-'))
let files = 0

afterAll(() => rm(folder, { recursive: true }))

storeCases('SQLite in memory', () => openSqlite({ path: ':memory:', clock }))
storeCases('a SQLite file', () => openSqlite({ path: join(folder, `${(files += 1)}.db`), clock }))
