import { existsSync, mkdtempSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import type { Clock } from '../../src/core/time.ts'
import type { RunState } from '../../src/engine/run-state.ts'
import type { Store } from '../../src/store/port.ts'
import { SqliteDatabase } from '../../src/store/sqlite-database.ts'
import { openSqlite, sqliteStore } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { FAULT_FLOW_RESULT, faultFlow } from './fault-flow.ts'
import { Processes } from './home.ts'
import { playProcess } from './played-process.ts'
import { aHolder } from './records.ts'

// Real faults of a real database file, at every write of a flow: a full disk, a lock that is kept, a file that cannot be written or is gone.

const clock = systemClock()
const folder = mkdtempSync(join(tmpdir(), 'tutti-faults-'))
let files = 0

afterAll(() => rm(folder, { recursive: true }))

/** The database of one play, opened by the process that will meet the fault. */
interface Scene {
  readonly path: string
  readonly database: SqliteDatabase
  readonly other: DatabaseSync
  /** How long whoever waits for a lock has waited. */
  readonly waiting: { count: number; onWait: () => void }
}

interface Fault {
  readonly strike: (scene: Scene) => void
  readonly mend: (scene: Scene) => void
  /** What the caller of the flow is told; none when the flow is to come to its end all the same. */
  readonly message?: (scene: Scene) => string
}

const faults: Record<string, Fault> = {
  'a lock that another process holds for a while': {
    strike({ other, waiting }) {
      other.exec('BEGIN IMMEDIATE')
      waiting.count = 0
      waiting.onWait = () => {
        if (waiting.count === 3) other.exec('COMMIT')
      }
    },
    mend: () => undefined,
  },
  'a lock that another process keeps': {
    strike: ({ other }) => other.exec('BEGIN IMMEDIATE'),
    mend: ({ other }) => other.exec('COMMIT'),
    message: ({ path }) => `the database ${path} has been locked for 60 s by process ${process.pid}`,
  },
  'a database that may not be written': {
    strike: ({ database }) => void database.value('PRAGMA query_only = 1'),
    mend: ({ database }) => void database.value('PRAGMA query_only = 0'),
    message: ({ path }) => `the database ${path} cannot be written: attempt to write a readonly database`,
  },
  'a database whose file is removed': {
    strike: ({ path }) => renameSync(path, `${path}.away`),
    mend: ({ path }) => renameSync(`${path}.away`, path),
    message: ({ path }) => `the database ${path} cannot be written: its file was removed or replaced while it was open`,
  },
}

test.each(Object.entries(faults))('%s, from any write on, leaves a run that goes on, and the message says so', async (_name, fault) => {
  let plays = 0
  for (let at = 1; ; at++) {
    const { struck, ...played } = await play((scene, writes) => {
      if (writes !== at) return false
      fault.strike(scene)
      return true
    }, fault.mend)
    if (!struck) break
    plays += 1

    expect({ at, told: played.told ?? 'nothing' }).toEqual({
      at,
      told: expect.stringContaining(fault.message?.(played.scene) ?? 'nothing'),
    })
    expect({ at, ...played.end }).toEqual({ at, result: FAULT_FLOW_RESULT, unfinished: 0, repeated: [] })
  }
  expect(plays).toBeGreaterThan(8)
})

test('a disk that gets full at any page leaves a run that goes on, and the message says so', async () => {
  let plays = 0
  for (let room = 0; ; room++) {
    const { told, end } = await play(
      ({ database }, writes) => {
        if (writes !== 1) return false
        const pages = new DatabaseSync(database.path, { readOnly: true }).prepare('PRAGMA page_count').get()?.['page_count']
        void database.value(`PRAGMA max_page_count = ${Number(pages) + room}`)
        return true
      },
      ({ database }) => void database.value('PRAGMA max_page_count = 1000000'),
    )
    if (told === null) break
    plays += 1

    expect({ room, told }).toEqual({ room, told: expect.stringContaining('database or disk is full') })
    expect({ room, ...end }).toEqual({ room, result: FAULT_FLOW_RESULT, unfinished: 0, repeated: [] })
  }
  expect(plays).toBeGreaterThan(8)
})

test('a process that is paused at any write for longer than its lease finds its run taken over, and writes nothing more', async () => {
  let plays = 0
  for (let at = 2; ; at++) {
    const store = await openSqlite({ path: ':memory:', clock })
    const processes = new Processes()
    const pause = pausable(store, at)
    const { flow, repeated } = faultFlow()
    const here = playProcess(pause.store, { holder: aHolder({ host: 'machine-a' }), liveness: processes, clock })
    const there = playProcess(store, { holder: aHolder({ host: 'machine-b' }), liveness: processes, clock: ahead(clock, 60_000) })

    const running = here.run(flow)
    const reached = await Promise.race([pause.reached.then(() => true), running.then(() => false)])
    if (!reached) {
      await store.close()
      break
    }
    plays += 1
    const recovered = await there.orchestrator.flowRuns.recover(10)
    const root = recovered[0]!
    const resumed = await there.resume(flow, root.id)
    const before = await recordsOf(store)
    pause.release()
    const told = await running

    expect({ at, state: resumed.type, result: resumed.result }).toEqual({ at, state: 'completed', result: FAULT_FLOW_RESULT })
    expect({ at, told: told.type, message: told.message }).toEqual({
      at,
      told: expect.not.stringMatching('completed'),
      message: expect.any(String),
    })
    expect(repeated).toEqual([])
    expect(await recordsOf(store)).toEqual(before)
    await store.close()
  }
  expect(plays).toBeGreaterThan(6)
})

interface Played {
  readonly scene: Scene
  readonly struck: boolean
  /** What the caller of the flow was told; `null` when it completed. */
  readonly told: string | null
  readonly end: { readonly result: unknown; readonly unfinished: number; readonly repeated: readonly string[] }
}

/** Runs the flow until the fault ends it, mends what was broken, and lets another process go on with the run. */
async function play(strike: (scene: Scene, writes: number) => boolean, mend: (scene: Scene) => void): Promise<Played> {
  files += 1
  const path = join(folder, `${files}.db`)
  await (await openSqlite({ path, clock })).close()
  const waiting = { count: 0, onWait: (): void => undefined }
  const storeClock = waitlessClock(() => {
    waiting.count += 1
    waiting.onWait()
  })
  const database = new SqliteDatabase({ path, clock: storeClock })
  await database.configure('normal')
  const scene: Scene = { path, database, other: new DatabaseSync(path), waiting }
  const processes = new Processes()
  let struck = false
  const store = beforeWrites(sqliteStore(database), (writes) => {
    if (strike(scene, writes)) struck = true
    // Whether the file is still there is looked at once in a while: let that while be over.
    storeClock.pass(2_000)
  })
  const { flow, repeated } = faultFlow()

  const first = await playProcess(store, { holder: aHolder({ pid: 1 }), liveness: processes, clock }).run(flow)
  if (struck) mend(scene)
  await store.close()
  processes.kill(1)
  scene.other.close()

  const healthy = await openSqlite({ path, clock })
  const next = playProcess(healthy, { holder: aHolder({ pid: 2 }), liveness: processes, clock })
  await next.orchestrator.flowRuns.recover(10)
  const { items } = await next.orchestrator.flowRuns.list({ limit: 10, level: 'roots' })
  const root = items[0]
  let last: RunState | undefined
  if (root === undefined) last = await next.run(flow)
  else if (root.state.type === 'failed') last = await next.retry(flow, root.id)
  else if (root.state.type !== 'completed') last = await next.resume(flow, root.id)
  const { unfinished } = await recordsOf(healthy)
  await healthy.close()
  expect(existsSync(`${path}.away`)).toBe(false)
  return {
    scene,
    struck,
    told: first.isCompleted ? null : (first.message ?? ''),
    end: { result: last === undefined ? first.result : last.result, unfinished, repeated },
  }
}

async function recordsOf(store: Store): Promise<{ readonly records: readonly string[]; readonly unfinished: number }> {
  const [runs, taskRuns] = await store.read(function* () {
    return [yield* store.tables.flowRuns.list({ limit: 100 }), yield* store.tables.taskRuns.list({ limit: 100 })] as const
  })
  const records = [...runs.items, ...taskRuns.items].map(
    (record) => `${record.id} ${record.attempt} ${record.state.type} ${record.state.id}`,
  )
  return { records, unfinished: [...runs.items, ...taskRuns.items].filter((record) => record.state.type !== 'completed').length }
}

function beforeWrites(store: Store, before: (writes: number) => void): Store {
  let writes = 0
  return {
    ...store,
    write(script) {
      before((writes += 1))
      return store.write(script)
    },
  }
}

/** A store whose nth write, and all that follow, wait until they are released, as those of a stopped process do. */
function pausable(store: Store, at: number): { readonly store: Store; readonly reached: Promise<void>; release(): void } {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let writes = 0
  let paused = false
  const gate = (): boolean => {
    if (paused || writes < at) return paused
    paused = true
    reached.resolve()
    return true
  }
  return {
    reached: reached.promise,
    release: released.resolve,
    store: {
      ...store,
      write(script) {
        writes += 1
        return gate() ? released.promise.then(() => store.write(script)) : store.write(script)
      },
      read: (script) => (paused ? released.promise.then(() => store.read(script)) : store.read(script)),
    },
  }
}

/** Time passes only while somebody waits for a lock, and then at once. */
function waitlessClock(onWait: () => void): Clock & { pass(ms: number): void } {
  let now = clock.now()
  const pass = (ms: number): void => {
    now += Math.ceil(ms * 1_000)
  }
  return {
    now: () => now,
    timer: (delayMs, callback, options) => clock.timer(delayMs, callback, options),
    pass,
    async sleep(delayMs) {
      pass(delayMs)
      onWait()
    },
  }
}

function ahead(of: Clock, ms: number): Clock {
  return {
    now: () => of.now() + ms * 1_000,
    sleep: (delayMs, signal) => of.sleep(delayMs, signal),
    timer: (delayMs, callback, options) => of.timer(delayMs, callback, options),
  }
}
