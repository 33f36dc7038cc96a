import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import { createSecretBox } from '../../src/store/secrets.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { orchestratorCases } from './orchestrator.ts'
import { Actions, Processes, StoppedTime } from './home.ts'
import type { OpenHome } from './home.ts'
import { aHolder, DAY, seededIds } from './records.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-orchestrator-'))
let homes = 0

afterAll(() => rm(folder, { recursive: true }))

/** Over a database in this process. Its ids are others than those of the records. */
function embedded(place: () => { readonly path: string; readonly resultsFolder: string | null }): OpenHome {
  return async ({ time, processes }) => {
    const { path, resultsFolder } = place()
    const secrets = createSecretBox(new Uint8Array(32), seededRandom(2))
    // Whoever waits for a lock waits in real time.
    const store = await openSqlite({ path, clock: systemClock() })
    return createOrchestrator({ store, clock: time, ids: seededIds(2), liveness: processes, secrets, resultsFolder })
  }
}

orchestratorCases(
  'in process, in memory',
  embedded(() => ({ path: ':memory:', resultsFolder: null })),
)
orchestratorCases(
  'in process, over a file',
  embedded(() => {
    homes += 1
    return { path: join(folder, `${homes}.db`), resultsFolder: join(folder, `${homes}`) }
  }),
)

/* ── what only a folder and a file can show ──────────────────────────────────────────── */

const FAR_AHEAD = 4_000 * DAY
const bytes = new TextEncoder().encode('json\n1')

async function inFolder(work: (given: { actions: Actions; files: string; database: string }) => Promise<void>): Promise<void> {
  homes += 1
  const [database, files] = [join(folder, `${homes}.db`), join(folder, `${homes}`)]
  const [time, processes] = [new StoppedTime(), new Processes()]
  const open = embedded(() => ({ path: database, resultsFolder: files }))
  const orchestrator = await open({ time, processes })
  try {
    await work({ actions: new Actions({ orchestrator, time, processes }), files, database })
  } finally {
    await orchestrator.close()
  }
}

test('files that nothing refers to are collected a day after they were written', () =>
  inFolder(async ({ actions, files }) => {
    const { orchestrator, time } = actions.home
    const run = await actions.begin()
    const outcome = (key: string) => ({ format: 'blob', text: key }) as const
    for (const key of ['kept-1', 'replaced-1']) {
      await orchestrator.results.write(run.id, key, bytes)
      const checkpoint = actions.records.checkpoint({
        flowRunId: run.id,
        outcome: outcome(key),
        cache: { key: key.slice(0, 4), expiresAt: null },
      })
      await actions.flush({ type: 'checkpoint', checkpoint })
    }
    await actions.flush({
      type: 'checkpoint',
      checkpoint: actions.records.checkpoint({ flowRunId: run.id, cache: { key: 'repl', expiresAt: null } }),
    })
    await orchestrator.results.write('of-no-run', 'a-1', bytes)
    const retain = (): Promise<number> => orchestrator.maintenance.retain({ flowRunDays: 9_999, logDays: 9_999 }, 10)

    await retain()
    const young = readdirSync(join(files, 'cache')).toSorted()
    time.advance(FAR_AHEAD)
    await retain()

    expect(young).toEqual(['kept-1', 'replaced-1'])
    expect(readdirSync(join(files, 'cache'))).toEqual(['kept-1'])
    expect(readdirSync(join(files, run.id)).toSorted()).toEqual(['kept-1', 'replaced-1'])
    expect(existsSync(join(files, 'of-no-run'))).toBe(false)
  }))

test('a large result that cannot be written names its size, its place and the reason', () =>
  inFolder(async ({ actions, files }) => {
    const run = await actions.begin()
    writeFileSync(files, 'a file where the folder should be')

    await expect(actions.home.orchestrator.results.write(run.id, 'a-1', bytes)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringMatching(/^a result of 6 bytes could not be written to .*a-1: ENOTDIR/),
    })
  }))

test('a backup has the large results beside it, and both can be opened as they are', () =>
  inFolder(async ({ actions, database }) => {
    const { orchestrator, time, processes } = actions.home
    const run = await actions.begin()
    await orchestrator.results.write(run.id, 'a-1', bytes)

    await orchestrator.maintenance.backup(`${database}.copy`)

    const open = embedded(() => ({ path: `${database}.copy`, resultsFolder: `${database}.copy.results` }))
    const copy = await open({ time, processes })
    expect((await copy.flowRuns.get(run.id)).name).toBe(run.name)
    expect(await copy.results.read(run.id, 'a-1')).toEqual(Buffer.from(bytes))
    await expect(orchestrator.maintenance.backup(`${database}.copy`)).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await copy.close()
  }))

test('a cached result takes no second place on the disk', () =>
  inFolder(async ({ actions, files }) => {
    const run = await actions.begin()
    await actions.home.orchestrator.results.write(run.id, 'a-1', bytes)
    const checkpoint = actions.records.checkpoint({
      flowRunId: run.id,
      outcome: { format: 'blob', text: 'a-1' },
      cache: { key: 'k', expiresAt: null },
    })

    await actions.flush({ type: 'checkpoint', checkpoint })

    expect(statSync(join(files, 'cache', 'a-1')).ino).toBe(statSync(join(files, run.id, 'a-1')).ino)
  }))

test('what a process that died in the middle of a deletion has left goes with the next retention', () =>
  inFolder(async ({ actions, files, database }) => {
    const { orchestrator } = actions.home
    const run = await actions.begin()
    await orchestrator.results.write(run.id, 'a-1', bytes)
    await actions.flush(
      { type: 'checkpoint', checkpoint: actions.records.checkpoint({ flowRunId: run.id }) },
      { type: 'log', record: actions.records.log(run.id) },
    )
    // As far as a deletion gets in its first transaction.
    const store = await openSqlite({ path: database, clock: systemClock() })
    await store.write(() => store.tables.flowRuns.delete([run.id], actions.home.time.now()))
    await store.close()

    await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 30 }, 10)

    expect((await orchestrator.maintenance.info()).rows).toMatchObject({ flow_runs: 0, task_runs: 0, logs: 0 })
    expect(existsSync(join(files, run.id))).toBe(false)
  }))

test('of two processes that take a run over one wins', () =>
  inFolder(async ({ actions, database }) => {
    const { orchestrator, time, processes } = actions.home
    const run = await actions.begin()
    processes.kill(4711)
    const open = embedded(() => ({ path: database, resultsFolder: null }))
    const other = await open({ time, processes })
    const lease = (pid: number) => ({ holder: aHolder({ pid }), until: time.now() + 1 })

    const taken = await Promise.allSettled([
      orchestrator.flowRuns.take(run.id, 'resume', lease(1)),
      other.flowRuns.take(run.id, 'resume', lease(2)),
    ])

    expect(taken.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await other.flowRuns.get(run.id)).attempt).toBe(2)
    await other.close()
  }))
