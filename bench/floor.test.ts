import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { measureFloor } from './floor.ts'

/** A small database as a workload would leave it: three task runs of one flow run. */
function aDatabase(): { readonly from: string; readonly into: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'tutti-floor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const from = path.join(folder, 'tutti.db')
  const database = new DatabaseSync(from)
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE flow_runs (id TEXT PRIMARY KEY, parameters_text TEXT);
    CREATE TABLE task_runs (id TEXT PRIMARY KEY, flow_run_id TEXT, started_at BIGINT);
    CREATE INDEX task_runs_started ON task_runs (started_at) WHERE started_at IS NOT NULL;
    CREATE TABLE logs (id TEXT PRIMARY KEY);
    INSERT INTO flow_runs VALUES ('run', 'it''s "quoted"');
    INSERT INTO task_runs VALUES ('c', 'run', 1795000000000001), ('a', 'run', NULL), ('b', 'run', 1795000000000002);
  `)
  database.close()
  return { from, into: path.join(folder, 'floor.db') }
}

function contents(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true })
  const schema = database.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name').all()
  const rows = ['flow_runs', 'task_runs', 'logs'].map((table) => database.prepare(`SELECT * FROM ${table}`).all())
  database.close()
  return { schema, rows }
}

test('the floor holds the same tables, indexes and rows, in the order in which they were written', () => {
  const { from, into } = aDatabase()

  measureFloor({ from, into, durability: 'normal', rowsPerTransaction: 500 })

  expect(contents(into)).toEqual(contents(from))
})

test('task runs that follow each other have a transaction each', () => {
  const floor = measureFloor({ ...aDatabase(), durability: 'full', rowsPerTransaction: 1 })

  expect(floor).toMatchObject({ taskRuns: 3, latenciesUs: [expect.any(Number), expect.any(Number), expect.any(Number)] })
})

test('task runs that are written together share transactions, the last of which may be smaller', () => {
  const floor = measureFloor({ ...aDatabase(), durability: 'normal', rowsPerTransaction: 2 })

  expect(floor.latenciesUs).toHaveLength(2)
})
