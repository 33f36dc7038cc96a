import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import type { Clock } from '../../src/core/time.ts'
import { runs as firstMigration } from '../../src/store/migrations/0001-runs.ts'
import type { Script, Store } from '../../src/store/port.ts'
import { SqliteDatabase } from '../../src/store/sqlite-database.ts'
import { openSqlite, sqliteStore } from '../../src/store/sqlite.ts'
import type { StoreUpgrade } from '../../src/core/store-upgrade.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRecords, T0 } from './records.ts'

/** A database has seen every migration. */
const VERSION = readdirSync(new URL('../../src/store/migrations', import.meta.url)).length
const clock = systemClock()
const folder = mkdtempSync(join(tmpdir(), 'tutti-sqlite-'))
let files = 0

afterAll(() => rm(folder, { recursive: true }))

const newPath = (): string => join(folder, `${(files += 1)}.db`)

async function withStore(work: (store: Store, path: string) => Promise<void>, path = newPath()): Promise<void> {
  const store = await openSqlite({ path, clock })
  try {
    await work(store, path)
  } finally {
    await store.close()
  }
}

const records = createRecords()
const insertRun = (store: Store): Promise<string> => {
  const run = records.flowRun()
  return store.write(function* () {
    yield* store.tables.flowRuns.insert(run, [run.state])
    return run.id
  })
}
const countRuns = async (store: Store): Promise<number> => (await store.info()).rows['flow_runs'] ?? 0

describe('a write', () => {
  test('has run to its end when the call returns', () =>
    withStore(async (store) => {
      let ran = false

      const written = store.write(function* () {
        ran = true
        yield* store.tables.flows.ensure('sync', 'id', T0)
      })

      expect(ran).toBe(true)
      await written
    }))

  test('may hold text with the character NUL', () =>
    withStore(async (store) => {
      const record = records.log('run', { message: 'before\0after' })
      await store.write(() => store.tables.logs.append(record))

      expect((await store.read(() => store.tables.logs.list({ flowRunId: 'run', limit: 1 }))).items).toEqual([record])
    }))

  test('of more than a row may hold is refused with the reason', () =>
    withStore(async (store) => {
      const record = records.log('run', { message: 'x'.repeat(65 * 1024 * 1024) })

      await expect(store.write(() => store.tables.logs.append(record))).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        message: 'string or blob too big',
      })
    }))

  test('to a file that was removed is refused, as nobody would find what it wrote', async () => {
    const time = playedClock()
    const path = newPath()
    const store = await openSqlite({ path, clock: time })
    renameSync(path, `${path}.away`)
    time.advance(2_000)

    await expect(insertRun(store)).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('removed or replaced') })

    renameSync(`${path}.away`, path)
    expect(await insertRun(store)).toBeDefined()
    await store.close()
  })

  test('to a full disk names it, changes nothing, and succeeds when there is room again', async () => {
    const path = newPath()
    await withStore(async () => undefined, path)
    const database = new SqliteDatabase({ path, clock })
    const store = sqliteStore(database)
    const pages = await database.number('PRAGMA page_count')
    await database.value(`PRAGMA max_page_count = ${pages! + 1}`)
    const run = records.flowRun({ parameters: { format: 'json', text: `"${'x'.repeat(100_000)}"` } })
    const write = (): Promise<boolean> => store.write(() => store.tables.flowRuns.insert(run, [run.state]))

    await expect(write()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `the database ${path} cannot be written: database or disk is full`,
    })
    expect(await countRuns(store)).toBe(0)
    await database.value('PRAGMA max_page_count = 1000000')
    expect(await write()).toBe(true)
    await store.close()
  })
})

describe('a lock of another process', () => {
  test('is waited for without blocking this one, and writes keep their order', async () => {
    const path = newPath()
    await withStore(async () => undefined, path)
    const other = new DatabaseSync(path)
    let waits = 0
    const time = playedClock(() => {
      if ((waits += 1) === 5) other.exec('COMMIT')
    })
    const store = await openSqlite({ path, clock: time })
    other.exec('BEGIN IMMEDIATE')
    const order: string[] = []
    const write = (name: string): Promise<void> =>
      store.write(function* () {
        order.push(name)
        yield* store.tables.flows.ensure(name, name, T0)
      })

    const written = Promise.all([write('one'), write('two'), write('three')])
    const read = await store.read(() => store.tables.flows.list(10, undefined))
    await written

    expect(order).toEqual(['one', 'two', 'three'])
    expect(read.items).toEqual([])
    expect(waits).toBe(5)
    await store.close()
    other.close()
  })

  test('that is held too long is an error that names the process', async () => {
    const path = newPath()
    const time = playedClock()
    const store = await openSqlite({ path, clock: time, busyTimeoutMs: 10_000 })
    const holder = await lockInProcess(path)

    await expect(insertRun(store)).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: `the database ${path} has been locked for 10 s by process ${holder.pid}`,
    })

    await holder.end()
    expect(await insertRun(store)).toBeDefined()
    await store.close()
  })

  test('that was left by a killed process is gone with it', async () => {
    const path = newPath()
    await withStore(async (store) => {
      const holder = await lockInProcess(path)
      await holder.end('SIGKILL')

      expect(await insertRun(store)).toBeDefined()
    }, path)
  })

  test('keeps writes waiting when the store is closed: they are done first', async () => {
    const path = newPath()
    await withStore(async () => undefined, path)
    const other = new DatabaseSync(path)
    let waits = 0
    const store = await openSqlite({
      path,
      clock: playedClock(() => {
        if ((waits += 1) === 3) other.exec('COMMIT')
      }),
    })
    other.exec('BEGIN IMMEDIATE')

    const written = insertRun(store)
    const closed = store.close()
    await expect(insertRun(store)).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('closed') })

    await expect(written).resolves.toBeDefined()
    await closed
    other.close()
  })
})

describe('opening', () => {
  test('a file that is no database fails with its name', async () => {
    const path = newPath()
    writeFileSync(path, 'this is a text of more than a hundred bytes, '.repeat(40))

    await expect(openSqlite({ path, clock })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `the database ${path} cannot be read: file is not a database`,
    })
    expect(readFileSync(path, 'utf8')).toContain('this is a text')
  })

  test('a file in a folder that is not there fails with its name', async () => {
    const path = join(folder, 'missing', 'tutti.db')

    await expect(openSqlite({ path, clock })).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(path) })
  })

  test('keeps writes over a power cut only when asked to', async () => {
    const full = await openSqlite({ path: newPath(), clock, durability: 'full' })
    const normal = await openSqlite({ path: newPath(), clock })

    expect((await full.info()).settings).toMatchObject({ journal_mode: 'wal', synchronous: 'FULL' })
    expect((await normal.info()).settings).toMatchObject({ journal_mode: 'wal', synchronous: 'NORMAL' })
    await full.close()
    await normal.close()
  })

  test('the database of a newer program is refused and leaves it as it is', async () => {
    const path = newPath()
    const newer = new DatabaseSync(path)
    newer.exec('CREATE TABLE schema_versions (version, name, applied_at); INSERT INTO schema_versions VALUES (999, NULL, 1)')
    newer.close()
    const before = readFileSync(path)

    await expect(openSqlite({ path, clock })).rejects.toMatchObject({
      code: 'STORE_TOO_NEW',
      message: `the database ${path} has version 999; this tutti knows versions up to ${VERSION}`,
    })

    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  test('an older database brings it up to date, keeps its rows, and keeps a copy of it as it was', async () => {
    const path = newPath()
    oldDatabase(path)

    await withStore(async (store) => {
      expect(await store.info()).toMatchObject({ schemaVersion: VERSION, rows: { flows: 1 } })
    }, path)

    const copy = new DatabaseSync(`${path}.before-2`, { readOnly: true })
    expect(copy.prepare('SELECT max(version) AS version FROM schema_versions').get()).toEqual({ version: 1 })
    expect(copy.prepare('SELECT name FROM flows').all()).toEqual([{ name: 'old' }])
    copy.close()
  })

  test('what is done to an older database is told, and nothing of one that is up to date', async () => {
    const path = newPath()
    oldDatabase(path)
    const told: StoreUpgrade[] = []
    const open = async (): Promise<void> => (await openSqlite({ path, clock, onUpgrade: (upgrade) => told.push(upgrade) })).close()

    await open()
    await open()

    expect(told).toEqual([
      { type: 'copy', path, to: `${path}.before-2`, sizeBytes: expect.any(Number) },
      { type: 'change', path },
    ])
  })

  test('a database that is up to date makes no copy', async () => {
    const path = newPath()
    await withStore(async () => undefined, path)
    await withStore(async () => undefined, path)

    expect(existsSync(`${path}.before-${VERSION}`)).toBe(false)
  })

  test.each(['a new', 'an older'])('%s database by several processes at once migrates it once and fails in none', async (kind) => {
    const path = newPath()
    if (kind === 'an older') oldDatabase(path)

    const answers = await Promise.all(
      Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, [join(import.meta.dirname, 'open-store.ts'), path])),
    )

    expect(answers.map(({ stdout }) => stdout)).toEqual(answers.map(() => `{"schemaVersion":${VERSION}}`))
    await withStore(async (store) => expect(await countRuns(store)).toBe(6), path)
  })
})

describe('a backup', () => {
  test('holds the database as it was at one moment, while this and another process write', () =>
    withStore(async (store, path) => {
      const other = await openSqlite({ path, clock })
      const pair = (): Promise<void> =>
        other.write(function* () {
          // Two rows that are only ever written together, large enough for many pages.
          for (let at = 0; at < 2; at++) {
            const run = records.flowRun({ parameters: { format: 'json', text: `"${'x'.repeat(20_000)}"` } })
            yield* other.tables.flowRuns.insert(run, [run.state])
          }
        })
      for (let at = 0; at < 100; at++) await pair()
      let done = false

      const writing = (async () => {
        while (!done) {
          await pair()
          await insertRun(store).then((id) => store.write(() => store.tables.flowRuns.delete([id], T0)))
          await new Promise((resolve) => setImmediate(resolve))
        }
      })()
      await store.backup(`${path}.copy`)
      done = true
      await writing

      const copy = await openSqlite({ path: `${path}.copy`, clock })
      const rows = await countRuns(copy)
      expect(rows).toBeGreaterThanOrEqual(200)
      expect(rows % 2).toBe(0)
      expect(await copy.read(() => checked())).toEqual([{ integrity_check: 'ok' }])
      expect(existsSync(`${path}.copy.part`)).toBe(false)
      await copy.close()
      await other.close()
    }))

  test('of a database in memory can be opened as a file', async () => {
    const path = newPath()
    const store = await openSqlite({ path: ':memory:', clock })
    await insertRun(store)

    await store.backup(path)

    await store.close()
    await withStore(async (copy) => expect(await countRuns(copy)).toBe(1), path)
  })

  test('takes the place of no other file', () =>
    withStore(async (store) => {
      const path = newPath()
      writeFileSync(path, 'precious')

      await expect(store.backup(path)).rejects.toMatchObject({ code: 'FILE_EXISTS', message: expect.stringContaining(path) })

      expect(readFileSync(path, 'utf8')).toBe('precious')
    }))

  test('to a place that cannot be written names it', () =>
    withStore(async (store) => {
      const path = join(folder, 'missing', 'copy.db')

      await expect(store.backup(path)).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(path) })
    }))
})

describe('maintenance', () => {
  test('vacuum gives the room of deleted rows back to the disk', () =>
    withStore(async (store, path) => {
      const lines = Array.from({ length: 300 }, () => records.log('run', { message: 'x'.repeat(10_000) }))
      await store.write(function* () {
        for (const line of lines) yield* store.tables.logs.append(line)
      })
      await store.write(() => store.tables.retention.deleteLogsBefore(T0 + 1, 1_000))
      const before = (await store.info()).sizeBytes

      await store.vacuum()

      expect(before).toBeGreaterThan(3_000_000)
      expect((await store.info()).sizeBytes).toBeLessThan(1_000_000)
      expect(statSync(path).size).toBeLessThan(1_000_000)
    }))

  test('vacuum waits for the lock of another process', async () => {
    const path = newPath()
    await withStore(async () => undefined, path)
    const other = new DatabaseSync(path)
    let waits = 0
    const store = await openSqlite({
      path,
      clock: playedClock(() => {
        if ((waits += 1) === 3) other.exec('COMMIT')
      }),
    })
    other.exec('BEGIN IMMEDIATE')

    await store.vacuum()

    expect(waits).toBe(3)
    await store.close()
    other.close()
  })

  test('info says where the database is, how large and what is in it', () =>
    withStore(async (store, path) => {
      await insertRun(store)

      expect(await store.info()).toMatchObject({
        location: path,
        dialect: 'sqlite',
        schemaVersion: VERSION,
        sizeBytes: expect.any(Number),
        rows: { flows: 0, flow_runs: 1, task_runs: 0, flow_run_states: 1, logs: 0, cache_entries: 0 },
        settings: { journal_mode: 'wal', synchronous: 'NORMAL', wal_autocheckpoint: '16000' },
      })
    }))
})

/* ── helpers ───────────────────────────────────────────────────────────────────────────── */

/** A clock whose time passes only by waiting. */
function playedClock(onSleep: () => void = () => undefined): Clock & { advance(ms: number): void } {
  let now = T0
  const advance = (ms: number): void => {
    now += Math.ceil(ms * 1_000)
  }
  return {
    now: () => now,
    advance,
    async sleep(delayMs) {
      advance(delayMs)
      onSleep()
    },
    timer: () => () => undefined,
  }
}

/** Another process that takes the write lock and keeps it. */
async function lockInProcess(path: string): Promise<{ pid: number; end(signal?: 'SIGKILL'): Promise<void> }> {
  const code = `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1]); db.exec('BEGIN IMMEDIATE'); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', code, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid ?? 0,
    async end(signal) {
      child.kill(signal)
      await ended
    },
  }
}

/** A database as the first version of the program left it. */
function oldDatabase(path: string): void {
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE schema_versions (version integer primary key not null, name text, applied_at bigint)',
  )
  for (const statement of firstMigration) database.exec(statement.compile().sql)
  database.exec("INSERT INTO schema_versions VALUES (1, '0001-runs', 1); INSERT INTO flows VALUES ('id', 'old', 1)")
  database.close()
  rmSync(`${path}-wal`, { force: true })
}

function* checked(): Script<readonly object[]> {
  return (yield { sql: 'PRAGMA integrity_check', parameters: [], rows: true }).rows
}
