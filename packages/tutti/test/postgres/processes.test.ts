import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { CrashHome, RESULT, STEPS } from '../crash/crash-home.ts'
import { WINDOWS, windows } from '../crash/windows.ts'
import { CommandLine, Running } from '../e2e/command.ts'
import { querySql } from '../tools/postgres-cluster.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()
let url: string

beforeEach(async () => {
  url = await databases.make()
  // Processes that a test starts take it from there.
  vi.stubEnv('TUTTI_DATABASE_URL', url)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function rootRun(): Promise<string | undefined> {
  const [row] = await querySql(url, "select id from flow_runs where flow_name = 'work'")
  return row === undefined ? undefined : String(row['id'])
}

async function committedSteps(): Promise<ReadonlySet<unknown>> {
  const rows = await querySql(url, "select name from task_runs where kind = 'task' and state_type = 'completed'")
  return new Set(rows.map(({ name }) => name))
}

test.each(windows.map((window) => [WINDOWS[window], window] as const))('killed %s, a run goes on and ends right', async (_text, window) => {
  const home = new CrashHome()
  onTestFinished(() => home.close())
  const killed = await home.run({ resume: null, killAt: { window, time: window === 'before-end' ? 2 : 3 } })
  const committed = await committedSteps()
  const callsBefore = home.lines('calls').length

  const resumed = await home.run({ resume: (await rootRun()) ?? '', killAt: null })

  expect(killed.signal).toBe('SIGKILL')
  expect(resumed).toMatchObject({ code: 0 })
  expect(home.lines('result')).toEqual([RESULT])
  expect(
    home
      .lines('calls')
      .slice(callsBefore)
      .filter((step) => committed.has(step)),
  ).toEqual([])
  expect(home.calledAfterCommit()).toEqual([])
  expect(await committedSteps()).toEqual(new Set(STEPS))
  const states = await querySql(url, 'select flow_name, state_type from flow_runs order by id')
  expect(states).toEqual([
    { flow_name: 'work', state_type: 'completed' },
    { flow_name: 'inner', state_type: 'completed' },
  ])
})

function runScript(name: string): Running {
  const home = mkdtempSync(join(tmpdir(), 'tutti-postgres-script-'))
  const env = { PATH: process.env['PATH'], HOME: home, TUTTI_HOME: join(home, 'home'), TUTTI_DATABASE_URL: url }
  const file = join(import.meta.dirname, '..', 'e2e', 'flows', name)
  const running = new Running(
    spawn(process.execPath, ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', file], { env }),
  )
  onTestFinished(() => {
    running.child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })
  return running
}

test('a script ends by itself when its run has ended, and stdout is its own', async () => {
  const { code, stdout, stderr } = await runScript('lasting.ts').ended

  expect(code).toBe(0)
  expect(stdout).toBe('worked\n')
  expect(stderr).toMatch(/ Completed \S+ in .* 1 task \(1 called\)\n$/)
  expect(await querySql(url, 'select flow_name, state_type from flow_runs')).toEqual([{ flow_name: 'lasting', state_type: 'completed' }])
})

test('a run that its process leaves behind is recorded as Crashed', async () => {
  const { code, stderr } = await runScript('waiting-for-nothing.ts').ended

  expect(code).toBe(1)
  expect(stderr.match(/Crashed/g)).toHaveLength(1)
  expect(await querySql(url, 'select state_type from flow_runs')).toEqual([{ state_type: 'crashed' }])
})

test('the command tells of the database without its password, and leaves to PostgreSQL what is its own', async () => {
  const line = new CommandLine()
  onTestFinished(() => line.close())
  const run = (...args: readonly string[]) => line.startWith({ TUTTI_DATABASE_URL: url }, ...args).ended

  const info = await run('db', 'info')
  const reset = await run('db', 'reset', '--yes')

  expect(info).toMatchObject({ code: 0, stdout: expect.stringContaining(new URL(url).pathname) })
  expect(reset.code).not.toBe(0)
  expect(reset.stderr).toContain('dropdb')
  expect(`${info.stdout}${info.stderr}${reset.stderr}`).not.toContain(':tutti@')
})
