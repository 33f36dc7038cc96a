// Scripts and commands beside a server of the same home: nobody tells them of it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort, ServerProcess } from '../crash/server-process.ts'
import { Running } from './command.ts'
import { INHERITED } from './inherited.ts'

const main = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
const FLAGS = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']

let folder: string
let home: string
let server: ServerProcess
let children: Running[]

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-through-'))
  home = path.join(folder, 'home')
  server = new ServerProcess(home, await freePort())
  children = []
})

afterEach(async () => {
  for (const { child } of children) child.kill('SIGKILL')
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const env = { ...INHERITED, HOME: folder, TUTTI_HOME: home, ...environment }
  const running = new Running(spawn(process.execPath, [...FLAGS, ...args], { env }))
  children.push(running)
  return running
}

/** Runs a script and tells which of our rooms, and which packages, were loaded on its main thread. */
async function loadedBy(script: string, environment: NodeJS.ProcessEnv = {}): Promise<ReadonlySet<string>> {
  const trace = path.join(folder, 'trace')
  const tracer = path.join(import.meta.dirname, 'trace-loads.ts')
  const { code, stderr } = await start(['--import', tracer, path.join(import.meta.dirname, 'flows', script)], {
    TRACE_FILE: trace,
    ...environment,
  }).ended
  if (code !== 0) throw new Error(stderr)
  const urls = readFileSync(trace, 'utf8').split('\n')
  return new Set(
    urls.flatMap(
      (url) => /\/packages\/tutti\/src\/(\w+)\//.exec(url)?.[1] ?? /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [],
    ),
  )
}

function rows(sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(path.join(home, 'tutti.db'), { timeout: 10_000 })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

const FAR = ['client', 'api']
const NEAR = ['orchestrator', 'store', 'kysely']
const NEVER = ['server', 'cli', 'services', 'worker', 'zod', 'hono', '@hono/node-server']

test('a script without a server opens the database and loads nothing of the way to one', async () => {
  const loaded = await loadedBy('lasting.ts')

  expect(NEAR.filter((room) => !loaded.has(room))).toEqual([])
  expect([...FAR, ...NEVER].filter((room) => loaded.has(room))).toEqual([])
})

test('a script in the home of a server goes through it and loads nothing of the database', async () => {
  await server.start()

  const loaded = await loadedBy('lasting.ts')

  expect(FAR.filter((room) => !loaded.has(room))).toEqual([])
  expect([...NEAR, ...NEVER].filter((room) => loaded.has(room))).toEqual([])
  expect(rows('SELECT flow_name, state_type FROM flow_runs').map((row) => ({ ...row }))).toEqual([
    { flow_name: 'lasting', state_type: 'completed' },
  ])
})

test('the socket that a killed server has left is no server', async () => {
  await server.start()
  await server.kill()

  const loaded = await loadedBy('lasting.ts')

  expect(loaded.has('store')).toBe(true)
})

test('a file in the place of the socket is no server', async () => {
  await loadedBy('lasting.ts')
  writeFileSync(path.join(home, 'server.sock'), '')

  expect((await loadedBy('lasting.ts')).has('client')).toBe(false)
})

test('a server that is named and not there is waited for as long as the setting says', async () => {
  const { code, stderr } = await start([path.join(import.meta.dirname, 'flows', 'lasting.ts')], {
    TUTTI_API_URL: `http://127.0.0.1:${server.port}/api`,
    TUTTI_SERVER_WAIT: '200ms',
  }).ended

  expect(code).toBe(1)
  expect(stderr).toContain('SERVER_UNREACHABLE')
})

test('what answers at the named port and is no server of Tutti is told of', async () => {
  const stranger = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n')).listen(server.port, '127.0.0.1')
  try {
    const { code, stderr } = await start([path.join(import.meta.dirname, 'flows', 'lasting.ts')], {
      TUTTI_API_URL: `http://127.0.0.1:${server.port}/api`,
      TUTTI_SERVER_WAIT: '200ms',
    }).ended

    expect(code).toBe(1)
    expect(stderr).toContain('does not speak HTTP/1.1')
  } finally {
    stranger.close()
  }
})

test('a command cancels a run through the server; the code of the run is stopped', async () => {
  await server.start()
  const held = start([path.join(import.meta.dirname, 'flows', 'held.ts')])
  await held.printed('holding')
  const [run] = rows('SELECT id FROM flow_runs')

  const cancel = await start([main, 'flow-run', 'cancel', String(run?.['id'])]).ended
  const { stdout } = await held.ended

  expect(cancel.code).toBe(0)
  expect(stdout).toContain('stopped')
  expect(rows('SELECT state_type FROM flow_runs').map((row) => row['state_type'])).toEqual(['cancelled'])
})

test('a run that another attempt has taken over stops its code and writes nothing more', async () => {
  await server.start()
  const held = start([path.join(import.meta.dirname, 'flows', 'held.ts')])
  await held.printed('holding')

  // As a process on another machine would, once it may.
  rows('UPDATE flow_runs SET attempt = attempt + 1 RETURNING id')
  const { stdout } = await held.ended

  expect(stdout).toContain('stopped')
  expect(rows('SELECT attempt, state_type FROM flow_runs').map((row) => ({ ...row }))).toEqual([{ attempt: 2, state_type: 'running' }])
  expect(rows("SELECT state_type FROM task_runs WHERE name LIKE 'hold%'").map((row) => row['state_type'])).toEqual(['running'])
})
