import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JsonText } from '../../src/core/literal-json.ts'
import { claimHome } from '../../src/server/running.ts'
import { transferDatabase } from '../../src/server/transfer.ts'
import type { Transferred } from '../../src/server/transfer.ts'
import { loadSettings } from '../../src/settings/load.ts'
import type { Settings } from '../../src/settings/load.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/port.ts'
import { TRANSFERRED } from '../../src/store/transfer.ts'
import { folderFiles } from '../../src/orchestrator/results.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRecords } from '../conformance/records.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()
const clock = systemClock()
const RUNS = 1_100

let home: string
let settings: Settings
let url: string

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tutti-transfer-'))
  settings = loadSettings({ TUTTI_HOME: home }, () => undefined)
  url = await databases.make()
  const store = await openSqlite({ path: join(home, 'tutti.db'), clock })
  await fill(store)
  await store.close()
  await folderFiles(join(home, 'results')).write('run-1', 'large', new Uint8Array([0, 1, 255]))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

async function fill(store: Store): Promise<void> {
  const records = createRecords()
  const { tables } = store
  await store.write(function* () {
    yield* tables.flows.insert({ id: 'a-flow', name: 'sync', tags: ['a'], labels: new JsonText('{"x":1.0}'), createdAt: 1, updatedAt: 2 })
    for (let index = 0; index < RUNS; index++) {
      const run = records.flowRun({ tags: ['nightly'], name: `run ${index} ü\0` })
      yield* tables.flowRuns.insert(run, [run.state])
      yield* tables.taskRuns.saveAll([records.checkpoint({ flowRunId: run.id })])
      yield* tables.logs.append(records.log(run.id))
    }
  })
}

function transfer(
  signal: AbortSignal = new AbortController().signal,
  onProgress: (what: string, rows: number) => void = () => undefined,
): Promise<Transferred> {
  return transferDatabase({ settings, to: { type: 'postgres', url }, onProgress, signal })
}

test('every row and result is in the target afterwards, and can be read there', async () => {
  const { tables, results } = await transfer()

  const rows = Object.fromEntries(tables.map((table) => [table.table, table.rows]))
  expect(rows).toMatchObject({ flows: 1, flow_runs: RUNS, flow_run_states: RUNS, flow_run_tags: RUNS, task_runs: RUNS, logs: RUNS })
  expect(results).toBe(1)
  const target = await openPostgres({ url, clock })
  const page = await target.read(() => target.tables.flowRuns.list({ limit: 1_000, flowName: 'sync' }))
  expect(page.items).toHaveLength(1_000)
  expect(await target.read(() => target.tables.results.get('run-1', 'large'))).toEqual(Buffer.from([0, 1, 255]))
  await target.close()
})

test('a transfer that was interrupted goes on where it was', async () => {
  const stop = new AbortController()
  const interrupted = transfer(stop.signal, (what) => (what === 'flow_runs' ? stop.abort(new Error('stopped')) : undefined))
  await expect(interrupted).rejects.toThrow('stopped')
  const again: string[] = []

  const { tables } = await transfer(undefined, (what) => again.push(what))

  expect(tables.find(({ table }) => table === 'flow_runs')?.rows).toBe(RUNS)
  expect(again.filter((what) => what === 'flow_runs')).toHaveLength(1)
})

test('a target that holds flows of its own is refused', async () => {
  const target = await openPostgres({ url, clock })
  await target.write(() =>
    target.tables.flows.insert({ id: 'other', name: 'other', tags: [], labels: new JsonText('{}'), createdAt: 1, updatedAt: 1 }),
  )
  await target.close()

  await expect(transfer()).rejects.toMatchObject({ code: 'TRANSFER_REFUSED' })
})

test('while a server runs over the home nothing is moved: what it went on to write would be missing', async () => {
  const claim = await claimHome(home)

  await expect(transfer()).rejects.toMatchObject({ code: 'SERVER_RUNNING' })

  claim.release()
  expect((await transfer()).results).toBe(1)
})

test('no table is forgotten', async () => {
  const store = await openSqlite({ path: ':memory:', clock })
  const rows = await store.read(function* () {
    return (yield { sql: "select name from sqlite_master where type = 'table'", parameters: [], rows: true }).rows
  })
  await store.close()

  const forgotten = rows.map(({ name }) => String(name)).filter((name) => !(name in TRANSFERRED))

  // Results come from their folder, turns belong to servers that run, and versions are the database's own.
  expect(forgotten.toSorted()).toEqual(['results', 'schema_versions', 'service_turns'])
})
