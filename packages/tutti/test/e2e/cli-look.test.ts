import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine, flows } from './command.ts'

let tutti: CommandLine

/** Three runs: one failed, two completed. */
beforeAll(async () => {
  tutti = new CommandLine()
  await tutti.run('run', `${flows}:failing`, '-p', `folder=${tutti.folder}`, '--name', 'first', '-q')
  writeFileSync(path.join(tutti.folder, 'gate'), '')
  await tutti.run('run', `${flows}:steps`, '-p', `folder=${tutti.folder}`, '--name', 'second', '-q')
  await tutti.run('run', `${flows}:steps`, '-p', `folder=${tutti.folder}`, '--name', 'third', '--tag', 'nightly', '-q')
})

afterAll(() => tutti.close())

async function namesOf(...args: readonly string[]): Promise<readonly string[]> {
  const { items } = await tutti.json('flow-run', 'ls', ...args)
  return (items as { name: string }[]).map(({ name }) => name)
}

test('flow-run ls shows the newest first, as a table for people', async () => {
  const { stdout } = await tutti.run('flow-run', 'ls')

  const lines = stdout.trim().split('\n')
  expect(lines[0]).toMatch(/^STATE +NAME +FLOW +CREATED +TOOK +ID$/)
  expect(lines.slice(1).map((line) => line.split(/ +/).slice(0, 3))).toEqual([
    ['Completed', 'third', 'steps'],
    ['Completed', 'second', 'steps'],
    ['Failed', 'first', 'failing'],
  ])
})

test('flow-run ls filters by state, flow, tag, name and time', async () => {
  expect(await namesOf('--state', 'failed')).toEqual(['first'])
  expect(await namesOf('--state', 'failed', '--state', 'completed')).toHaveLength(3)
  expect(await namesOf('--flow', 'steps')).toEqual(['third', 'second'])
  expect(await namesOf('--tag', 'test', '--tag', 'nightly')).toEqual(['third'])
  expect(await namesOf('--name', 'eco')).toEqual(['second'])
  expect(await namesOf('--since', '1h')).toHaveLength(3)
  expect(await namesOf('--until', '1h')).toEqual([])
  expect(await namesOf('--since', '2020-01-01', '--until', '2020-01-02T00:00:00Z')).toEqual([])
})

test('flow-run ls goes on with a cursor where a page ended', async () => {
  const first = await tutti.json('flow-run', 'ls', '--limit', '2')
  const rest = await tutti.json('flow-run', 'ls', '--limit', '2', '--cursor', String(first['cursor']))

  expect(first).toMatchObject({ items: [{ name: 'third' }, { name: 'second' }] })
  expect(rest).toMatchObject({ items: [{ name: 'first' }], cursor: null })
})

test('a run is found by its id, the beginning of it, or its name', async () => {
  const { id } = await tutti.json('flow-run', 'inspect', 'third')

  expect(await tutti.json('flow-run', 'inspect', String(id))).toMatchObject({ name: 'third' })
  expect(await tutti.json('flow-run', 'inspect', String(id).slice(0, 23))).toMatchObject({ name: 'third' })
})

test('a run that nobody knows is an error with its fix and its code', async () => {
  const { code, stdout, stderr } = await tutti.run('flow-run', 'inspect', 'fourth')

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    'Error: no flow run has the id or the name fourth\n' +
      '  Check the id with `tutti flow-run ls`; finished runs are kept for the retention period only.\n' +
      '  [FLOW_RUN_NOT_FOUND]\n',
  )
})

test('flow-run inspect tells how a run failed', async () => {
  const { stdout } = await tutti.run('flow-run', 'inspect', 'first')

  expect(stdout).toMatch(/State +Failed/)
  expect(stdout).toContain('the gate is shut')
  expect(stdout).toMatch(/Task runs +1 completed, 1 failed|Task runs +1 failed, 1 completed/)
  expect(await tutti.json('flow-run', 'inspect', 'first')).toMatchObject({
    parameters: { folder: tutti.folder, count: 3 },
    error: { message: 'the gate is shut' },
    troubledTaskRuns: [{ state: { type: 'failed' } }],
  })
})

test('flow-run logs prints what the run logged', async () => {
  const { stdout } = await tutti.run('flow-run', 'logs', 'second')
  const none = await tutti.run('flow-run', 'logs', 'second', '--level', 'error')

  expect(stdout).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z info  steps: holding 3$/m)
  expect(none.stdout).toBe('')
})

test('task-run ls and inspect show the task runs of a flow run', async () => {
  const { items } = await tutti.json('task-run', 'ls', '--flow-run', 'second')
  const [first] = items as { id: string }[]

  expect(items).toHaveLength(4)
  expect(await tutti.json('task-run', 'inspect', first?.id ?? '')).toMatchObject({
    flowRunName: 'second',
    result: 2,
    state: { type: 'completed' },
  })
  expect((await tutti.run('task-run', 'ls')).stdout.trim().split('\n')).toHaveLength(5)
})

test('flow ls counts runs and shows the newest', async () => {
  expect((await tutti.json('flow', 'ls'))['items']).toMatchObject([
    { name: 'failing', runs: 1, lastRun: { name: 'first', state: { type: 'failed' } } },
    { name: 'steps', runs: 2, lastRun: { name: 'third' } },
  ])
})

test('the database can be looked at, compacted and copied', async () => {
  const copy = path.join(tutti.folder, 'copy.db')

  const vacuum = await tutti.run('db', 'vacuum')
  const backup = await tutti.run('db', 'backup', copy)
  const again = await tutti.run('db', 'backup', copy)

  expect(await tutti.json('db', 'info')).toMatchObject({
    dialect: 'sqlite',
    rows: { flow_runs: 3 },
    location: path.join(tutti.home, 'tutti.db'),
  })
  expect(vacuum.code).toBe(0)
  expect(backup.code).toBe(0)
  expect(statSync(copy).size).toBeGreaterThan(4096)
  expect(again.code).toBe(2)
})

test('a setting is set, seen with where it comes from, and unset', async () => {
  const file = path.join(tutti.home, 'config.json')

  const set = await tutti.run('config', 'set', 'logLevel', 'warn')
  const seen = await tutti.run('config', 'view')
  const kept = readFileSync(file, 'utf8')
  await tutti.run('config', 'unset', 'TUTTI_LOG_LEVEL')

  expect(set.code).toBe(0)
  expect(JSON.parse(kept)).toEqual({ logLevel: 'warn' })
  expect(seen.stdout).toMatch(/logLevel +warn +config\.json +TUTTI_LOG_LEVEL/)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({})
})

test('the environment wins over the file, and secrets are hidden', async () => {
  const url = `file:${path.join(tutti.folder, 'other.db')}`
  const { stdout } = await tutti.startWith({ TUTTI_DATABASE_URL: url }, 'config', 'view').ended

  expect(stdout).toMatch(/databaseUrl +\*+ +TUTTI_DATABASE_URL/)
  expect(stdout).not.toContain('other.db')
})

test('an unknown setting is answered with the one that was meant, a wrong value with the right ones', async () => {
  const unknown = await tutti.run('config', 'set', 'logLevl', 'warn')
  const wrong = await tutti.run('config', 'set', 'logLevel', 'loud')

  expect(unknown.stderr).toContain('did you mean logLevel?')
  expect(wrong.stderr).toContain('must be one of debug, info, warn, error')
  expect([unknown.code, wrong.code]).toEqual([1, 1])
})

test.each([
  [['flow-rn', 'ls'], 'there is no command flow-rn; did you mean flow-run?'],
  [['flow-run', 'lst'], 'tutti flow-run has no command lst; did you mean ls?'],
  [['flow-run', 'ls', '--stat', 'failed'], 'has no option --stat; did you mean --state?'],
  [['flow-run', 'ls', '--state', 'faild'], "--state cannot be 'faild'; did you mean failed?"],
  [['flow-run', 'inspect'], 'tutti flow-run inspect needs RUN'],
  [['flow.ts'], 'flow.ts is a file, not a command'],
])('a mistake on the command line is told with what was meant, exit code 2: %j', async (args, message) => {
  const { code, stdout, stderr } = await tutti.run(...args)

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})

test('help and version are there for the command and each of its parts', async () => {
  const root = await tutti.run('--help')
  const group = await tutti.run('flow-run', '--help')
  const command = await tutti.run('help', 'flow-run', 'ls')
  const version = await tutti.run('--version')

  expect(root.stdout).toContain('Usage: tutti COMMAND')
  expect(group.stdout).toContain('inspect')
  expect(command.stdout).toContain('--since TIME')
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect([root.code, group.code, command.code, version.code]).toEqual([0, 0, 0, 0])
})

test('what a shell asks on the tab key is answered', async () => {
  expect((await tutti.run('__complete', 'bash', '--', 'flow-run', 'in')).stdout).toBe('inspect\n')
  expect((await tutti.run('__complete', 'bash', '--', 'flow-run', 'ls', '--state', 'f')).stdout).toBe('failed\n')
})

test('looking leaves nothing behind but the database', async () => {
  const before = new CommandLine()
  try {
    await before.run('--help')
    await before.run('flow-run', '--help')

    expect(existsSync(before.home)).toBe(false)
  } finally {
    await before.close()
  }
})
